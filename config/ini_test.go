package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/configtest"
)

// What a text means is compared with Python's configparser in TestOracleRecorded and
// TestOracleLive. Here is what it does not tell: the lines.

func TestLines(t *testing.T) {
	f, report := parseINI("x.conf", []byte("# c\n[a]\nx = 1\n\n  2\ny : 3\r\n[b]\rz=4\n[DEFAULT]\nw=5\n[DEFAULT]\nv=6"))
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"[a]": 2, "x": 3, "y": 6, "[b]": 7, "z": 8, "[DEFAULT]": 9, "w": 10, "v": 12}
	for _, s := range f.sections {
		if got := s.line; got != want["["+s.name+"]"] {
			t.Errorf("[%s] is on line %d", s.name, got)
		}
		items, _ := f.items(s)
		for _, e := range items {
			if e.line != want[e.key] {
				t.Errorf("%s is on line %d, want %d", e.key, e.line, want[e.key])
			}
			if e.inherited != (s.name != defaultSection && (e.key == "w" || e.key == "v")) {
				t.Errorf("[%s] %s: inherited is %v", s.name, e.key, e.inherited)
			}
		}
	}
	if len(f.sections) != 3 {
		t.Errorf("%d sections", len(f.sections))
	}
}

func TestInterpolationStops(t *testing.T) {
	// Each level doubles ten times: without a limit, 10^10 bytes.
	text := "[a]\n"
	for c := 'a'; c < 'j'; c++ {
		text += string(c) + " = " + strings.Repeat("%("+string(c+1)+")s", 10) + "\n"
	}
	f, report := parseINI("x.conf", []byte(text+"j = 0123456789\n"))
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	s, _ := f.section("a")
	_, report = f.items(s)
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "grows beyond") {
		t.Errorf("error %v", err)
	}
}

func TestEncoding(t *testing.T) {
	_, report := parseINI("x.conf", []byte("\xef\xbb\xbf[a]\n# \xe4 in a comment\nx = \xe4\ny = ä\n"))
	if len(report) != 1 || report[0].Line != 3 || report[0].Severity != Error {
		t.Errorf("report %v", report)
	}
}

// FuzzINI looks for a text that the scan of the lines and ini.v1 read differently.
func FuzzINI(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("../../testdata/config", "*.conf"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	for _, text := range configtest.LayoutTexts {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		l := scanLayout("x.conf", []byte(text))
		file, _ := parseINI("x.conf", []byte(text))
		if len(file.sections) != len(l.headers) {
			t.Fatalf("%d sections, %d headers", len(file.sections), len(l.headers))
		}
		options := 0
		for i, s := range file.sections {
			if s.name != l.headers[i].name {
				t.Errorf("section %q, header %q", s.name, l.headers[i].name)
			}
			options += len(s.entries)
			for _, e := range s.entries {
				if line, ok := l.lines[option{s.name, e.key}]; !ok || line != e.line || line <= s.line {
					t.Errorf("[%s] %q is on line %d, or %d", s.name, e.key, e.line, line)
				}
				if strings.TrimSpace(strings.Trim(e.value, "\n")) != strings.Trim(e.value, "\n") {
					t.Errorf("[%s] %s: value %q", s.name, e.key, e.value)
				}
			}
			file.items(s)
		}
		if options != len(l.lines) {
			t.Errorf("%d options, %d lines", options, len(l.lines))
		}
	})
}
