package command

import (
	"strings"
	"testing"

	"graphited/config/problem"
)

func TestNewLogger(t *testing.T) {
	f := func(level, format, want string) {
		t.Helper()
		var b strings.Builder
		log, err := NewLogger(&b, level, format)
		if err != nil {
			t.Error(err)
		}
		problem.Report{{Severity: problem.Debug, Msg: "d"}, {Severity: problem.Warning, File: "x.conf", Line: 3, Msg: "w"}, {Severity: problem.Error, Msg: "e"}}.Log(log)
		if got := b.String(); !strings.Contains(got, want) || strings.Contains(got, `"d"`) != (level == "debug") {
			t.Errorf("%s, %s: logged %s", level, format, got)
		}
	}
	f("info", "json", `"message":"x.conf:3: w"`)
	f("warn", "", `{"level":"error"`)
	f("debug", "json", `"message":"d"`)
	f("info", "console", " WRN x.conf:3: w")
	for _, bad := range [][2]string{{"loud", ""}, {"", ""}, {"info", "xml"}} {
		if _, err := NewLogger(&strings.Builder{}, bad[0], bad[1]); err == nil {
			t.Errorf("level %q, format %q: want an error", bad[0], bad[1])
		}
	}
}
