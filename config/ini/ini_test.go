package ini

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/configtest"
	"graphited/config/problem"
)

// What a text means is compared with Python's configparser in TestOracleRecorded and
// TestOracleLive. Here is what it does not tell: the lines.

func TestLines(t *testing.T) {
	f, report := Parse("x.conf", []byte("# c\n[a]\nx = 1\n\n  2\ny : 3\r\n[b]\rz=4\n[DEFAULT]\nw=5\n[DEFAULT]\nv=6"))
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	want := map[string]int{"[a]": 2, "x": 3, "y": 6, "[b]": 7, "z": 8, "[DEFAULT]": 9, "w": 10, "v": 12}
	for _, s := range f.Sections {
		if got := s.Line; got != want["["+s.Name+"]"] {
			t.Errorf("[%s] is on line %d", s.Name, got)
		}
		items, _ := f.Items(s)
		for _, e := range items {
			if e.Line != want[e.Key] {
				t.Errorf("%s is on line %d, want %d", e.Key, e.Line, want[e.Key])
			}
			if e.Inherited != (s.Name != DefaultSection && (e.Key == "w" || e.Key == "v")) {
				t.Errorf("[%s] %s: inherited is %v", s.Name, e.Key, e.Inherited)
			}
		}
	}
	if len(f.Sections) != 3 {
		t.Errorf("%d sections", len(f.Sections))
	}
}

func TestInterpolationStops(t *testing.T) {
	// Each level doubles ten times: without a limit, 10^10 bytes.
	text := "[a]\n"
	for c := 'a'; c < 'j'; c++ {
		text += string(c) + " = " + strings.Repeat("%("+string(c+1)+")s", 10) + "\n"
	}
	f, report := Parse("x.conf", []byte(text+"j = 0123456789\n"))
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	s, _ := f.Section("a")
	_, report = f.Items(s)
	if err := report.Err(); err == nil || !strings.Contains(err.Error(), "grows beyond") {
		t.Errorf("error %v", err)
	}
}

func TestEncoding(t *testing.T) {
	_, report := Parse("x.conf", []byte("\xef\xbb\xbf[a]\n# \xe4 in a comment\nx = \xe4\ny = ä\n"))
	if len(report) != 1 || report[0].Line != 3 || report[0].Severity != problem.Error {
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
		file, _ := Parse("x.conf", []byte(text))
		if len(file.Sections) != len(l.headers) {
			t.Fatalf("%d sections, %d headers", len(file.Sections), len(l.headers))
		}
		options := 0
		for i, s := range file.Sections {
			if s.Name != l.headers[i].Name {
				t.Errorf("section %q, header %q", s.Name, l.headers[i].Name)
			}
			options += len(s.Entries)
			for _, e := range s.Entries {
				if line, ok := l.lines[option{s.Name, e.Key}]; !ok || line != e.Line || line <= s.Line {
					t.Errorf("[%s] %q is on line %d, or %d", s.Name, e.Key, e.Line, line)
				}
				if strings.TrimSpace(strings.Trim(e.Value, "\n")) != strings.Trim(e.Value, "\n") {
					t.Errorf("[%s] %s: value %q", s.Name, e.Key, e.Value)
				}
			}
			file.Items(s)
		}
		if options != len(l.lines) {
			t.Errorf("%d options, %d lines", options, len(l.lines))
		}
	})
}
