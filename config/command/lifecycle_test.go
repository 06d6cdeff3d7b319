package command

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSignals: what comes within a second of the first signal is the same one, as when a program
// and its group are signalled; a later one ends the process at once.
func TestSignals(t *testing.T) {
	type at struct {
		signal os.Signal
		ms     int64
	}
	for _, c := range []struct {
		what        string
		list        []at
		ends, loads int
		last        os.Signal // that ends the process at once
	}{
		{"one", []at{{syscall.SIGTERM, 0}}, 1, 0, nil},
		{"two at once", []at{{syscall.SIGTERM, 0}, {syscall.SIGTERM, 0}}, 1, 0, nil},
		{"three within a second", []at{{syscall.SIGINT, 0}, {syscall.SIGTERM, 300}, {syscall.SIGINT, 1000}}, 1, 0, nil},
		{"one more after a second", []at{{syscall.SIGTERM, 0}, {syscall.SIGTERM, 1}, {syscall.SIGINT, 1001}}, 1, 0, syscall.SIGINT},
		{"reloads are no ends", []at{{syscall.SIGHUP, 0}, {syscall.SIGHUP, 5000}, {syscall.SIGTERM, 9000}, {syscall.SIGHUP, 20000}}, 1, 3, nil},
	} {
		signals := make(chan os.Signal, len(c.list))
		for _, s := range c.list {
			signals <- s.signal
		}
		close(signals)
		times := c.list
		now := func() time.Time {
			for times[0].signal == syscall.SIGHUP {
				times = times[1:]
			}
			ms := times[0].ms
			times = times[1:]
			return time.Unix(1_700_000_000, ms*1e6)
		}
		ends, loads := 0, 0
		last := Signals(signals, now, func() { loads++ }, func(os.Signal) { ends++ })
		if ends != c.ends || loads != c.loads || last != c.last {
			t.Errorf("%s: ended %d times, read again %d times, at once: %v", c.what, ends, loads, last)
		}
	}
}

// TestReadyFile is there only while its process is ready.
func TestReadyFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ready.json")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	exists := func() bool { _, err := os.Lstat(path); return err == nil }
	must(os.WriteFile(path, []byte("of an earlier process"), 0o644))
	r, err := NewReadyFile(path)
	must(err)
	if exists() {
		t.Error("that of an earlier process is still there")
	}
	must(r.Remove())
	must(r.Write(map[string]any{"pid": 1}))
	if got, err := os.ReadFile(path); err != nil || string(got) != "{\"pid\":1}\n" {
		t.Errorf("%q, %v", got, err)
	}
	must(r.Remove())
	if exists() {
		t.Error("it is there after the end")
	}
	must(r.Write(map[string]any{"pid": 1}))
	must(os.WriteFile(path, []byte("of a later process"), 0o644))
	must(r.Remove())
	if !exists() {
		t.Error("that of another process was removed")
	}
	none, err := NewReadyFile("")
	must(err)
	must(none.Write(nil))
	must(none.Remove())
	if _, err := NewReadyFile(filepath.Dir(path)); err == nil || !strings.Contains(err.Error(), "no regular file") {
		t.Errorf("a folder: %v", err)
	}
	if r, err = NewReadyFile(filepath.Join(path, "below")); err == nil {
		err = r.Write(nil)
	}
	if err == nil {
		t.Error("a path below a file is taken")
	}
}
