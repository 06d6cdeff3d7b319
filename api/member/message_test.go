package member

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

// recordedMessage returns a message of testdata/encode/carbonapi.txt, which the
// library of carbonapi and go-carbon has written.
func recordedMessage(t testing.TB, name string) string {
	t.Helper()
	f, err := os.Open("../../testdata/encode/carbonapi.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if text, ok := strings.CutPrefix(in.Text(), name+" "); ok {
			b, err := hex.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			return string(b)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

func TestReadMessages(t *testing.T) {
	got, err := readFetches([]byte(recordedMessage(t, "v3/MultiFetchRequest")), 10)
	want := []fetchRequest{{"top", 1700000000, 1700003600, "t*"}, {"seriesByTag('a=b')", 1, math.MaxInt64, "seriesByTag('a=b')"}}
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v %v, want %v", got, err, want)
	}
	globs, err := readGlobs([]byte(recordedMessage(t, "v3/MultiGlobRequest")), 10)
	if want := []string{"*", "a.*.{b,c}", ""}; err != nil || fmt.Sprintf("%q", globs) != fmt.Sprintf("%q", want) {
		t.Errorf("got %q %v, want %q", globs, err, want)
	}
	if _, err := readGlobs([]byte(recordedMessage(t, "v3/MultiGlobRequest")), 2); err == nil {
		t.Error("read more patterns than allowed")
	}
	if _, err := readFetches([]byte(recordedMessage(t, "v3/MultiFetchRequest")), 1); err == nil {
		t.Error("read more series than allowed")
	}
}

// FuzzMessages: no bytes make the readers panic or keep more than there is.
func FuzzMessages(f *testing.F) {
	f.Add([]byte(recordedMessage(f, "v3/MultiFetchRequest")))
	f.Add([]byte(recordedMessage(f, "v3/MultiGlobRequest")))
	f.Add([]byte("\x0a\xff\xff\xff\xff\x0f"))
	f.Add([]byte("\x08\x01\x0b"))
	f.Fuzz(func(t *testing.T, body []byte) {
		kept := 0
		if list, err := readGlobs(body, 1000); err == nil {
			for _, s := range list {
				kept += len(s)
			}
		}
		if list, err := readFetches(body, 1000); err == nil {
			for _, r := range list {
				kept += len(r.name) + len(r.path)
				if r.from >= r.until {
					t.Errorf("an empty range: %v", r)
				}
			}
		}
		if kept > 8*len(body) {
			t.Errorf("%d bytes of %d", kept, len(body))
		}
	})
}
