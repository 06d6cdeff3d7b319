package tool

import (
	"cmp"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"graphited/whisper"
)

var migrateTool = tool{
	name: "migrate", script: "whisper-migrate", args: "[options] WHISPER_DIR", short: "Make the files of a tree follow the storage schemas and aggregation rules.",
	long: "The command changes each file whose archives, aggregation method or xFilesFactor differ from the configuration. It does not change files that match no schema.\n" +
		"Values are rolled up and carried over to fit the new archives. The server may run meanwhile: see --help of resize.",
	min: 1, max: 1,
	setup: func() ([]option, func(*env, []string) error) {
		m := &migration{aggregate: true}
		return []option{
			{name: "schemas", value: &m.schemas, help: "The storage-schemas.conf to follow (default: the server's)"},
			{name: "aggregation", value: &m.aggregation, help: "The storage-aggregation.conf to follow (default: the server's)"},
			{name: "rate", value: &m.rate, help: "At most this many files per second (default: 0, no limit)"},
			{name: "backup", value: &m.backup, help: "Keep old files as .bak"},
			{name: "sparse", value: &m.options.Sparse, help: "Create new files sparse"},
			{name: "fallocate", value: &m.options.Fallocate, help: "Create new files with fallocate"},
			{name: "verbose", value: &m.verbose, help: "Print the name of each changed file"},
			dryRunOption(&m.dryRun), jsonOption(&m.json),
		}, func(e *env, args []string) error { return m.run(e, args[0], args[0]) }
	},
}

var storageTimesTool = tool{
	name: "update-storage-times", script: "update-storage-times", args: "--cfg FILE --path WHISPER_DIR [options]",
	short: "Correct storage settings on multiple whisper files.", max: 1,
	setup: func() ([]option, func(*env, []string) error) {
		m := &migration{archivesOnly: true, backup: true}
		var path, subdir, ignored string
		var noBackup bool
		return []option{
				{name: "cfg", value: &m.schemas, help: "The storage-schemas.conf file path"},
				{name: "path", value: &path, help: "The root path to find metrics in"},
				{name: "debug", value: &m.verbose, help: "Print the name of each changed file"},
				{name: "subdir", value: &subdir, help: "Only process this subdir"},
				{name: "nobackup", value: &noBackup, help: "Don't create a backup"},
				{name: "aggregate", value: &m.aggregate, help: "Roll up values"},
				{name: "rate", value: &m.rate, help: "At most this many files per second"},
				{name: "bindir", value: &ignored, help: "Not needed"},
				{name: "sleep", value: &ignored, help: "Not needed: see --rate"},
				dryRunOption(&m.dryRun), jsonOption(&m.json),
			}, func(e *env, args []string) error {
				if m.schemas == "" || path == "" {
					fmt.Fprintf(e.stderr, "%s: error: the following arguments are required: --cfg, --path\n", e.program)
					return exit(2)
				}
				m.backup = !noBackup
				return m.run(e, path, filepath.Join(path, subdir))
			}
	},
}

var autoResizeTool = tool{
	name: "auto-resize", script: "whisper-auto-resize", args: "[options] storagePath configPath",
	short: "Make the files of a tree follow the schemas of another configuration.",
	long: "storagePath is the folder of all whisper files (for a part of it see --subdir), configPath the folder with storage-schemas.conf and storage-aggregation.conf.\n" +
		"Without --doit the command changes nothing.", min: 2,
	setup: func() ([]option, func(*env, []string) error) {
		m := &migration{backup: true}
		var doIt, quiet bool
		var subdir, extra, ignored string
		return []option{
				{name: "doit", value: &doIt, help: "Change the files"},
				{name: "quiet", short: 'q', value: &quiet, help: "Do not print the names of the files"},
				{name: "subdir", value: &subdir, help: "Only process a subdir (or file) of whisper files"},
				{name: "extra_args", short: 'x', value: &extra, help: "Options of resize: --nobackup, --aggregate"},
				{name: "carbonlib", value: &ignored, help: "Not needed"},
				{name: "whisperlib", value: &ignored, help: "Not needed"},
				jsonOption(&m.json),
			}, func(e *env, args []string) error {
				for _, x := range strings.Fields(extra) {
					switch x {
					case "--nobackup":
						m.backup = false
					case "--aggregate":
						m.aggregate = true
					default:
						return inWords("unknown extra argument %q", x)
					}
				}
				m.schemas, m.aggregation = filepath.Join(args[1], "storage-schemas.conf"), filepath.Join(args[1], "storage-aggregation.conf")
				m.dryRun, m.verbose = !doIt, !quiet
				return m.run(e, args[0], cmp.Or(subdir, args[0]))
			}
	},
}

// migration makes files follow schemas.
type migration struct {
	schemas, aggregation          string
	rate                          float64
	backup, verbose, dryRun, json bool
	archivesOnly, aggregate       bool
	options                       whisper.Options
	match                         Match

	mu sync.Mutex // guards printing and the fields below
	migrated
}

// migrated counts files by what happened to them.
type migrated struct {
	Files     int      `json:"files"`
	Changed   int      `json:"changed"`
	Unmatched int      `json:"unmatched"`
	Errors    []string `json:"errors"`
}

func (m *migration) run(e *env, root, dir string) error {
	e.json = m.json
	if e.load == nil {
		return errors.New("there are no storage schemas")
	}
	var note string
	var err error
	if m.match, note, err = e.load(m.schemas, m.aggregation, root); err != nil {
		return err
	}
	if note != "" {
		fmt.Fprintf(e.stderr, "[WARNING] %s\n", note)
	}
	paths := []string{dir}
	if !strings.HasSuffix(dir, ".wsp") {
		if paths, err = files(e.fs, dir, nil); err != nil {
			return err
		}
	}
	m.Files, m.Errors = len(paths), []string{}
	e.forEach(paths, m.rate, func(path string) {
		changed, matched, err := m.file(e, root, path)
		m.mu.Lock()
		defer m.mu.Unlock()
		switch {
		case err != nil:
			m.Errors = append(m.Errors, err.Error())
			fmt.Fprintf(e.stderr, "[ERROR] %v\n", err)
		case !matched:
			m.Unmatched++
		case changed != "":
			m.Changed++
			if m.verbose {
				e.say("%s: %s", path, changed)
			}
		}
	})
	slices.Sort(m.Errors)
	verb := "changed"
	if m.dryRun {
		verb = "to change"
	}
	e.say("%d files, %d %s, %d without schema, %d errors", m.Files, m.Changed, verb, m.Unmatched, len(m.Errors))
	if err := e.result(m.migrated); err != nil {
		return err
	}
	if len(m.Errors) > 0 {
		return exit(1)
	}
	return nil
}

// file changes one file if necessary. changed describes the change, or is "".
func (m *migration) file(e *env, root, path string) (changed string, matched bool, err error) {
	to, matched := m.match(metricName(root, path))
	if !matched {
		return "", false, nil
	}
	f, err := whisper.OpenRead(e.fs, path)
	if err != nil {
		return "", true, err
	}
	old := f.Spec()
	if err := f.Close(); err != nil {
		return "", true, err
	}
	if m.archivesOnly {
		to.Method, to.XFilesFactor = old.Method, old.XFilesFactor
	}
	sameArchives := slices.Equal(old.Archives, to.Archives)
	if sameArchives && old.Method == to.Method && old.XFilesFactor == to.XFilesFactor {
		return "", true, nil
	}
	changed = fmt.Sprintf("%v %v %v -> %v %v %v", old.Archives, old.Method, old.XFilesFactor, to.Archives, to.Method, to.XFilesFactor)
	switch {
	case m.dryRun:
	case sameArchives:
		_, err = whisper.SetAggregation(e.fs, path, to.Method, to.XFilesFactor, whisper.Options{Lock: true})
	default:
		o := whisper.ResizeOptions{Options: m.options, Aggregate: m.aggregate, Backup: m.backup}
		o.Lock = true
		err = whisper.Resize(e.fs, path, to, e.unix(), o)
	}
	return changed, true, err
}

// metricName returns the metric of the file at path, under the folder root. It reverses carbon's
// mapping. Files of tagged series are in folders under _tagged that are named after a hash, and
// have the whole name with _DOT_ for dots. A file that the server has set aside below corruptFolder
// has its former path, perhaps with a number appended.
func metricName(root, path string) string {
	rel, err := filepath.Rel(root, path)
	if err != nil {
		rel = path
	}
	name := strings.TrimPrefix(filepath.ToSlash(rel), corruptFolder+"/")
	if i := strings.LastIndex(name, ".wsp"); i >= 0 {
		name = name[:i]
	}
	if strings.HasPrefix(name, "_tagged/") {
		parts := strings.SplitN(name, "/", 4) // the name may have slashes
		return strings.ReplaceAll(parts[len(parts)-1], "_DOT_", ".")
	}
	return strings.ReplaceAll(name, "/", ".")
}
