package tool

import (
	"errors"
	"fmt"
	"strings"

	"graphited/whisper"
)

var fetchTool = tool{
	name: "fetch", script: "whisper-fetch", args: "[options] path", short: "Show the values of a whisper file in a time range.", min: 1, max: 1,
	setup: func() ([]option, func(*env, []string) error) {
		f := &fetch{from: unset, until: unset}
		return append([]option{
			{name: "from", value: &f.from, help: "Unix epoch time of the beginning of your requested interval (default: 24 hours ago)"},
			{name: "until", value: &f.until, help: "Unix epoch time of the end of your requested interval (default: now)"},
			jsonOption(&f.json),
			{name: "drop", value: &f.drop, choices: []string{"zeroes", "nulls", "empty"}, help: "Leave out null values, zero values or both"},
		}, f.times.options()...), f.run
	},
}

// unset is the default of a time that depends on now.
const unset = -1 << 62

type fetch struct {
	from, until int64
	json        bool
	drop        string
	times       timeOptions
}

func (f *fetch) run(e *env, args []string) error {
	now := e.unix()
	if f.from == unset {
		f.from = now - 86400
	}
	if f.until == unset {
		f.until = now
	}
	file, err := whisper.OpenRead(e.fs, args[0])
	if err != nil {
		return err
	}
	defer file.Close()
	s, err := file.Fetch(f.from, f.until, now)
	switch {
	case errors.Is(err, whisper.ErrNoData):
		fmt.Fprintln(e.stderr, "No data in selected timerange")
		return exit(1)
	case errors.Is(err, whisper.ErrInterval):
		return inWords("Invalid time interval: from time '%d' is after until time '%d'", f.from, f.until)
	case err != nil:
		return err
	}
	f.print(e, s)
	return nil
}

// print prints the values. With --drop the remaining values keep their times, as in the script
// since 2025; before, they moved up. The JSON list has only the values, without times, as in the
// script.
func (f *fetch) print(e *env, s whisper.Series) {
	var list []string
	for i, v := range s.Values {
		if f.drop != "" && (v != v && f.drop != "zeroes" || v == 0 && f.drop != "nulls") {
			continue
		}
		if f.json {
			list = append(list, strings.Replace(reprOrNone(v), "None", "null", 1))
			continue
		}
		text := "None"
		if v == v {
			text = fixed(v)
		}
		e.printf("%s\t%s\n", f.times.format(s.From+int64(i)*s.Step, e.zone), text)
	}
	if f.json {
		e.printf("{\n    \"start\" : %d,\n    \"end\" : %d,\n    \"step\" : %d,\n    \"values\" : [%s]\n  }\n", s.From, s.Until, s.Step, strings.Join(list, ", "))
	}
}
