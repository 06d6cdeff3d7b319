package attime

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
	_ "time/tzdata" // the zones that the recordings were made in
)

// TestGraphiteWeb compares Parse and ParseOffset with what graphite-web's parseATTime and
// parseTimeOffset returned for the texts in testdata. record.py there makes the recordings and
// describes their format.
func TestGraphiteWeb(t *testing.T) {
	path := os.Getenv("ATTIME_CORPUS") // another, larger recording
	if path == "" {
		path = filepath.Join("..", "..", "testdata", "attime", "graphite-web.txt")
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var contexts []Context
	times, failures := 0, 0
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		fields := strings.Split(lines.Text(), "\t")
		if fields[0] == "#" {
			contexts = append(contexts, context(t, fields[1], fields[2]))
			continue
		}
		var s string
		if err := json.Unmarshal([]byte(fields[0]), &s); err != nil {
			t.Fatal(err)
		}
		got := ""
		if fields[1] == "offset" {
			seconds, err := parseOffset(s)
			got = result(seconds, err)
		} else {
			i, err := strconv.Atoi(fields[1])
			if err != nil {
				t.Fatal(err)
			}
			at, err := Parse(s, contexts[i])
			got = result(at.UnixMicro(), err)
		}
		if got != fields[2] {
			t.Errorf("%q in context %s: %s, graphite-web: %s", s, fields[1], got, fields[2])
		}
		if got == "error" {
			failures++
		} else {
			times++
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if times < 500 || failures < 500 {
		t.Errorf("compared only %d times and %d errors", times, failures)
	}
}

func context(t *testing.T, zone, micro string) Context {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.ParseInt(micro, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return Context{Now: time.UnixMicro(n), Location: loc}
}

func result(n int64, err error) string {
	if err != nil {
		return "error"
	}
	return strconv.FormatInt(n, 10)
}
