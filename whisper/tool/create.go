package tool

import (
	"fmt"
	"path/filepath"
	"strings"

	"graphited/whisper"
)

var createTool = tool{
	name: "create", script: "whisper-create", args: "path timePerPoint:timeToStore [timePerPoint:timeToStore]*\n       or --estimate timePerPoint:timeToStore [timePerPoint:timeToStore]*",
	short: "Create a whisper file, or estimate the size of one.", long: retentionHelp,
	setup: func() ([]option, func(*env, []string) error) {
		c := &create{factor: 0.5, method: "average"}
		return []option{
			{name: "xFilesFactor", value: &c.factor, help: "The share of points that must have a value for a roll-up (default: 0.5)"},
			{name: "aggregationMethod", value: &c.method, help: "Function to use when aggregating values (average, sum, last, max, min, avg_zero, absmax, absmin)"},
			{name: "overwrite", value: &c.overwrite, help: "Replace an existing file"},
			{name: "estimate", value: &c.estimate, help: "Don't create a whisper file, estimate storage requirements based on archive definitions"},
			{name: "sparse", value: &c.options.Sparse, help: "Create new whisper as sparse file"},
			{name: "fallocate", value: &c.options.Fallocate, help: "Create new whisper and use fallocate"},
			dryRunOption(&c.dryRun), jsonOption(&c.json),
		}, c.run
	},
}

type create struct {
	factor              float64
	method              string
	overwrite, estimate bool
	dryRun, json        bool
	options             whisper.Options
}

func (c *create) run(e *env, args []string) error {
	e.json = c.json
	if c.estimate {
		return estimate(e, args)
	}
	if len(args) < 2 {
		return errUsage
	}
	path := args[0]
	spec, err := newSpec(args[1:], c.method, c.factor)
	if err != nil {
		return err
	}
	at := path
	if _, err := e.fs.Stat(path); err == nil {
		if !c.overwrite {
			return inWords("File %s already exists!", path)
		}
		e.say("Overwriting existing file: %s", path)
		at = filepath.Join(filepath.Dir(path), fmt.Sprintf(".graphited-%d.tmp", e.now().UnixNano())) // the old file is replaced when the new one is complete
	}
	if !c.dryRun {
		if err := whisper.Create(e.fs, at, spec, e.unix(), nil, c.options); err != nil {
			return err
		}
		if at != path {
			if err := e.fs.Rename(at, path); err != nil {
				return err
			}
		}
	}
	e.say("Created: %s (%d bytes)", path, spec.FileSize())
	return e.result(object{"created": path, "size": spec.FileSize()})
}

// newSpec returns the spec for the arguments of a command line.
func newSpec(retentions []string, method string, factor float64) (whisper.Spec, error) {
	archives, err := whisper.ParseRetentions(strings.Join(retentions, ","))
	if err != nil {
		return whisper.Spec{}, err
	}
	m, err := whisper.ParseMethod(method)
	if err != nil {
		return whisper.Spec{}, err
	}
	s := whisper.Spec{Archives: archives, Method: m, XFilesFactor: float32(factor)}
	return s, s.Validate()
}

func estimate(e *env, args []string) error {
	if len(args) == 0 {
		return errUsage
	}
	points, size := int64(0), int64(16)
	var list []object
	for i, def := range strings.Split(strings.Join(args, ","), ",") {
		archives, err := whisper.ParseRetentions(def)
		if err != nil {
			return err
		}
		a := archives[0]
		e.say("Archive %d: %d points of %ds precision", i, a.Points, a.Step)
		list = append(list, object{"secondsPerPoint": a.Step, "points": a.Points})
		points += a.Points
		size += 12 + 12*a.Points
	}
	disk := (size + 4095) / 4096 * 4096
	e.say("\nEstimated Whisper DB Size: %s (%d bytes on disk with 4k blocks)\n", byteFormat(size), disk)
	for _, x := range []int64{1, 5, 10, 50, 100, 500} {
		e.say("Estimated storage requirement for %dk metrics: %s", x, byteFormat(x*1000*disk))
	}
	return e.result(object{"archives": list, "size": size, "diskSize": disk})
}

func byteFormat(n int64) string {
	v := float64(n)
	for _, unit := range []string{"bytes", "KB", "MB"} {
		if v < 1024 {
			return fmt.Sprintf("%.3f%s", v, unit)
		}
		v /= 1024
	}
	return fmt.Sprintf("%.3fGB", v)
}
