package tool

import (
	"fmt"
	"strings"

	"graphited/whisper"
)

var infoTool = tool{
	name: "info", script: "whisper-info", args: "[options] path [field]", short: "Show the header of a whisper file.", min: 1, max: 2,
	setup: func() ([]option, func(*env, []string) error) {
		var asJSON bool
		return []option{jsonOption(&asJSON)}, func(e *env, args []string) error { return info(e, args, asJSON) }
	},
}

func info(e *env, args []string, asJSON bool) error {
	f, err := whisper.OpenRead(e.fs, args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	s := f.Spec()
	fields := []struct{ name, value string }{
		{"aggregationMethod", s.Method.String()}, {"maxRetention", fmt.Sprint(s.MaxRetention())}, {"xFilesFactor", repr(float64(s.XFilesFactor))},
		{"fileSize", fmt.Sprint(f.Size())},
	}
	if len(args) == 2 {
		names := make([]string, 0, 5)
		for i, field := range fields {
			if field.name == args[1] {
				e.printf("%s\n", field.value)
				return nil
			}
			if i == 3 {
				names = append(names, "archives")
			}
			names = append(names, field.name)
		}
		if args[1] == "archives" {
			e.printf("[%s]\n", strings.Join(archiveLines(f, "{'offset': %d, 'secondsPerPoint': %d, 'points': %d, 'retention': %d, 'size': %d}"), ", "))
			return nil
		}
		e.printf("Unknown field \"%s\". Valid fields are %s\n", args[1], strings.Join(names, ","))
		return exit(1)
	}
	if asJSON {
		const format = "    {\n      \"offset\": %d,\n      \"secondsPerPoint\": %d,\n      \"points\": %d,\n      \"retention\": %d,\n      \"size\": %d\n    }"
		e.printf("{\n  \"aggregationMethod\": \"%s\",\n  \"maxRetention\": %s,\n  \"xFilesFactor\": %s,\n  \"archives\": [\n%s\n  ],\n  \"fileSize\": %s\n}\n",
			fields[0].value, fields[1].value, fields[2].value, strings.Join(archiveLines(f, format), ",\n"), fields[3].value)
		return nil
	}
	for _, field := range fields {
		e.printf("%s: %s\n", field.name, field.value)
	}
	e.printf("\n")
	for i, line := range archiveLines(f, "offset: %d\nsecondsPerPoint: %d\npoints: %d\nretention: %d\nsize: %d\n\n") {
		e.printf("Archive %d\n%s", i, line)
	}
	return nil
}

// archiveLines formats offset, step, points, retention and size of each archive.
func archiveLines(f *whisper.File, format string) []string {
	archives := f.Spec().Archives
	lines := make([]string, len(archives))
	for i, a := range archives {
		lines[i] = fmt.Sprintf(format, f.Offset(i), a.Step, a.Points, a.Retention(), a.Points*12)
	}
	return lines
}

var dumpTool = tool{
	name: "dump", script: "whisper-dump", args: "[options] path", short: "Show everything in a whisper file, slot by slot.", min: 1, max: 1, strict: true,
	setup: func() ([]option, func(*env, []string) error) {
		var d dump
		return append(d.times.options(), option{name: "raw", short: 'r', value: &d.raw, help: "Dump values only, as timestamp:value"}, jsonOption(&d.json)), d.run
	},
}

type dump struct {
	times     timeOptions
	raw, json bool
}

func (d *dump) run(e *env, args []string) error {
	if err := e.exists(args[0]); err != nil {
		return err
	}
	f, err := whisper.OpenRead(e.fs, args[0])
	if err != nil {
		return err
	}
	defer f.Close()
	if d.json {
		return d.runJSON(e, f)
	}
	s := f.Spec()
	if !d.raw {
		e.printf("Meta data:\n  aggregation method: %v\n  max retention: %d\n  xFilesFactor: %g\n\n", s.Method, s.MaxRetention(), s.XFilesFactor)
		for i, line := range archiveLines(f, "  offset: %d\n  seconds per point: %d\n  points: %d\n  retention: %d\n  size: %d\n\n") {
			e.printf("Archive %d info:\n%s", i, line)
		}
	}
	for i := range s.Archives {
		if !d.raw {
			e.printf("Archive %d data:\n", i)
		}
		err := f.Slots(i, func(k int64, s whisper.Slot) bool {
			if d.raw {
				e.printf("%s:%s\n", d.times.format(int64(s.Time), e.zone), strings.TrimSpace(long(s.Value)))
			} else {
				e.printf("%d: %s, %s\n", k, d.times.format(int64(s.Time), e.zone), long(s.Value))
			}
			return true
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// runJSON prints slots as [timestamp, value]. It does not collect them first, because a file may be
// large.
func (d *dump) runJSON(e *env, f *whisper.File) error {
	s := f.Spec()
	e.printf("{\"aggregationMethod\":%q,\"maxRetention\":%d,\"xFilesFactor\":%s,\"archives\":[", s.Method, s.MaxRetention(), repr(float64(s.XFilesFactor)))
	for i, line := range archiveLines(f, "{\"offset\":%d,\"secondsPerPoint\":%d,\"points\":%d,\"retention\":%d,\"size\":%d,\"data\":[") {
		if i > 0 {
			line = "," + line
		}
		e.printf("%s", line)
		err := f.Slots(i, func(k int64, s whisper.Slot) bool {
			if k > 0 {
				e.printf(",")
			}
			value := "null"
			if number(s.Value) != nil {
				value = repr(s.Value)
			}
			e.printf("[%d,%s]", s.Time, value)
			return true
		})
		if err != nil {
			return err
		}
		e.printf("]}")
	}
	e.printf("]}\n")
	return nil
}
