package tool

import (
	"fmt"
	"strings"

	"graphited/whisper"
)

var diffTool = tool{
	name: "diff", script: "whisper-diff", args: "[options] path_a path_b", short: "Show where two whisper files differ.", min: 2, max: 2,
	setup: func() ([]option, func(*env, []string) error) {
		d := &diff{}
		return []option{
			{name: "summary", value: &d.summary, help: "show summary of differences"},
			{name: "ignore-empty", value: &d.ignoreEmpty, help: "skip comparison if either value is undefined"},
			{name: "columns", value: &d.columns, help: "print output in simple columns"},
			{name: "no-headers", value: &d.noHeaders, help: "do not print column headers"},
			{name: "until", value: &d.until, help: "Unix epoch time of the end of your requested interval (default: now)"},
			jsonOption(&d.json),
		}, d.run
	},
}

type diff struct {
	summary, ignoreEmpty, columns, noHeaders, json bool
	until                                          int64
}

func (d *diff) run(e *env, args []string) error {
	archives, err := whisper.Diff(e.fs, args[0], args[1], e.unix(), whisper.DiffOptions{IgnoreEmpty: d.ignoreEmpty, Until: d.until})
	switch {
	case err != nil:
		return err
	case d.json:
		d.printJSON(e, args, archives)
	case d.summary:
		format := "%7v %9v %9v\n"
		if d.columns {
			format = "%v %v %v\n"
		}
		if !d.noHeaders {
			e.printf(format, "archive", "total", "differing")
		}
		for i, a := range archives {
			e.printf(format, i, a.Total, len(a.Points))
		}
	default:
		d.print(e, archives)
	}
	return nil
}

func (d *diff) print(e *env, archives []whisper.ArchiveDiff) {
	format := "%7v %11v %13s %13s\n"
	if d.columns {
		format = "%v %v %s %s\n"
	}
	if !d.noHeaders {
		e.printf(format, "archive", "timestamp", "value_a", "value_b")
	}
	for i, a := range archives {
		var first any = i
		if !d.columns {
			e.printf("Archive %d (%d of %d datapoints differ)\n", i, len(a.Points), a.Total)
			e.printf(format, "", "timestamp", "value_a", "value_b")
			first = ""
		}
		for _, p := range a.Points {
			e.printf(format, first, p.Time, reprOrNone(p.A), reprOrNone(p.B))
		}
	}
}

// printJSON prints like json.dumps with sorted keys, an indent of 2 and " : ".
func (d *diff) printJSON(e *env, args []string, archives []whisper.ArchiveDiff) {
	null := func(v float64) string { return strings.Replace(reprOrNone(v), "None", "null", 1) }
	list := make([]string, len(archives))
	for i, a := range archives {
		datapoint := ""
		if !d.summary {
			points := make([]string, len(a.Points))
			for k, p := range a.Points {
				points[k] = fmt.Sprintf("        {\n          \"timestamp\" : %d,\n          \"value_a\" : %s,\n          \"value_b\" : %s\n        }", p.Time, null(p.A), null(p.B))
			}
			datapoint = "      \"datapoint\" : [],\n"
			if len(points) > 0 {
				datapoint = "      \"datapoint\" : [\n" + strings.Join(points, ",\n") + "\n      ],\n"
			}
		}
		list[i] = fmt.Sprintf("    {\n      \"archive\" : %d,\n%s      \"points\" : %d,\n      \"total\" : %d\n    }", i, datapoint, len(a.Points), a.Total)
	}
	e.printf("{\n  \"archives\" : [\n%s\n  ],\n  \"path_a\" : %q,\n  \"path_b\" : %q\n}\n", strings.Join(list, ",\n"), args[0], args[1])
}
