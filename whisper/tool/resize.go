package tool

import (
	"cmp"
	"fmt"

	"graphited/whisper"
)

var resizeTool = tool{
	name: "resize", script: "whisper-resize", args: "path timePerPoint:timeToStore [timePerPoint:timeToStore]*",
	short: "Give a whisper file other archives.",
	long: retentionHelp + "\n\nThe new file replaces the old one in one step. A server with WHISPER_LOCK_WRITES waits meanwhile. Without this option, a point\n" +
		"written at the moment of the replacement is lost.",
	min: 2,
	setup: func() ([]option, func(*env, []string) error) {
		r := &resize{factor: -1}
		var ignored bool
		return []option{
			{name: "xFilesFactor", value: &r.factor, help: "Change the xFilesFactor"},
			{name: "aggregationMethod", value: &r.method, help: "Change the aggregation function (average, sum, last, max, min, avg_zero, absmax, absmin)"},
			{name: "force", value: &ignored, help: "Perform a destructive change (always done)"},
			{name: "newfile", value: &r.options.NewFile, help: "Create a new database file without removing the existing one"},
			{name: "sparse", value: &r.options.Sparse, help: "Create new whisper as sparse file"},
			{name: "fallocate", value: &r.options.Fallocate, help: "Create new whisper and use fallocate"},
			{name: "nobackup", value: &r.noBackup, help: "Keep no .bak file"},
			{name: "aggregate", value: &r.options.Aggregate, help: "Roll up and carry over values to fit the new archives better"},
			{name: "quiet", value: &r.quiet, help: "Print nothing but errors"},
			{name: "silent", value: &r.quiet, help: "Print nothing but errors"},
			dryRunOption(&r.dryRun), jsonOption(&r.json),
		}, r.run
	},
}

type resize struct {
	factor                        float64
	method                        string
	noBackup, quiet, dryRun, json bool
	options                       whisper.ResizeOptions
}

func (r *resize) run(e *env, args []string) error {
	path := args[0]
	e.json = r.json
	say := e.say
	if r.quiet {
		say = func(string, ...any) {}
	}
	if e.exists(path) != nil {
		fmt.Fprintf(e.stderr, "[ERROR] File '%s' does not exist!\n\n", path)
		return errUsage
	}
	f, err := whisper.OpenRead(e.fs, path)
	if err != nil {
		return err
	}
	old := f.Spec()
	if err := f.Close(); err != nil {
		return err
	}
	if r.factor < 0 {
		r.factor = float64(old.XFilesFactor)
	}
	to, err := newSpec(args[1:], cmp.Or(r.method, old.Method.String()), r.factor)
	if err != nil {
		return err
	}
	r.options.Backup = !r.noBackup
	r.options.Lock = true
	if !r.dryRun {
		if err := whisper.Resize(e.fs, path, to, e.unix(), r.options); err != nil {
			return err
		}
	}
	newFile := cmp.Or(r.options.NewFile, path+".tmp")
	say("Retrieving all data from the archives")
	say("Creating new whisper database: %s", newFile)
	say("Created: %s (%d bytes)", newFile, to.FileSize())
	if r.options.Aggregate {
		say("Migrating data with aggregation...")
	} else {
		say("Migrating data without aggregation...")
	}
	if r.options.NewFile == "" {
		say("Renaming old database to: %s.bak", path)
		say("Renaming new database to: %s", path)
		if r.noBackup {
			say("Unlinking backup: %s.bak", path)
		}
	}
	return e.result(object{"resized": cmp.Or(r.options.NewFile, path), "oldSize": old.FileSize(), "size": to.FileSize()})
}
