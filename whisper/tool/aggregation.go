package tool

import (
	"errors"
	"fmt"
	"io/fs"
	"strconv"

	"graphited/whisper"
)

var setMethodTool = tool{
	name: "set-aggregation-method", script: "whisper-set-aggregation-method",
	args: "path <average|sum|last|max|min|avg_zero|absmax|absmin> [xFilesFactor]", short: "Change how a whisper file is rolled up from now on.", min: 2, max: 3,
	setup: func() ([]option, func(*env, []string) error) {
		var a aggregation
		return a.options(), a.setMethod
	},
}

var setFactorTool = tool{
	name: "set-xfilesfactor", script: "whisper-set-xfilesfactor", args: "path xFilesFactor",
	short: "Change which share of points must have a value for a roll-up.", min: 2, max: 2, strict: true,
	setup: func() ([]option, func(*env, []string) error) {
		var a aggregation
		return a.options(), a.setFactor
	},
}

// aggregation is the common part of set-aggregation-method and set-xfilesfactor.
type aggregation struct{ dryRun, json bool }

func (a *aggregation) options() []option {
	return []option{dryRunOption(&a.dryRun), jsonOption(&a.json)}
}

func (a *aggregation) setMethod(e *env, args []string) error {
	m, err := whisper.ParseMethod(args[1])
	if err != nil {
		return inWords("Unrecognized aggregation method: %s", args[1])
	}
	factor := float64(-1)
	if len(args) == 3 {
		if factor, err = parseFactor(args[2]); err != nil {
			return err
		}
	}
	before, err := a.set(e, args[0], m, factor)
	if err != nil {
		return err
	}
	e.say("Updated aggregation method: %s (%v -> %s)", args[0], before.Method, args[1])
	return e.result(object{"updated": args[0], "aggregationMethod": args[1], "before": before.Method.String()})
}

func (a *aggregation) setFactor(e *env, args []string) error {
	factor, err := parseFactor(args[1])
	if err != nil {
		return err
	}
	before, err := a.set(e, args[0], 0, factor)
	if err != nil {
		return err
	}
	e.say("Updated xFilesFactor: %s (%s -> %s)", args[0], repr(float64(before.XFilesFactor)), repr(factor))
	return e.result(object{"updated": args[0], "xFilesFactor": factor, "before": before.XFilesFactor})
}

func parseFactor(s string) (float64, error) {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return 0, inWords("Invalid xFilesFactor %s, not a float", s)
	}
	if !(f >= 0 && f <= 1) {
		return 0, inWords("Invalid xFilesFactor %s, not between 0 and 1", repr(f))
	}
	return f, nil
}

// set changes one file. With --dry-run it only reads the file.
func (a *aggregation) set(e *env, path string, m whisper.Method, factor float64) (before whisper.Spec, err error) {
	e.json = a.json
	if !a.dryRun {
		before, err = whisper.SetAggregation(e.fs, path, m, float32(factor), whisper.Options{})
	} else {
		var f *whisper.File
		if f, err = whisper.OpenRead(e.fs, path); err == nil {
			before = f.Spec()
			err = f.Close()
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		fmt.Fprintf(e.stderr, "[ERROR] File '%s' does not exist!\n\n", path)
		return before, errUsage
	}
	return before, err
}
