package store

import (
	"errors"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestFolderModel compares a folder with a map.
func TestFolderModel(t *testing.T) {
	path := filepath.Join(t.TempDir(), "web.db")
	s := open(t, path, Options{})
	f, other := s.Templates(), s.Dashboards()
	model := make(map[string]string)
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"a", "ab", "a/b", "../../etc/passwd", "ü", "temporary-1", "<script>"}).Draw(t, "name")
		switch rapid.IntRange(0, 3).Draw(t, "what") {
		case 0:
			body := rapid.String().Draw(t, "body")
			if err := f.Save(name, []byte(body)); err != nil {
				t.Fatal(err)
			}
			model[name] = body
		case 1:
			_, want := model[name]
			if ok, err := f.Delete(name); ok != want || err != nil {
				t.Fatalf("delete %q: %v %v", name, ok, err)
			}
			delete(model, name)
		case 2:
			made, err := f.Create("temporary-", []byte("x"))
			if _, taken := model[made]; taken || err != nil || !strings.HasPrefix(made, "temporary-") {
				t.Fatalf("create: %q %v", made, err)
			}
			model[made] = "x"
		}
		want, wantOK := model[name]
		if body, ok, err := f.Load(name); string(body) != want || ok != wantOK || err != nil {
			t.Fatalf("load %q: %q %v %v, want %q %v", name, body, ok, err, want, wantOK)
		}
		for _, prefix := range []string{"", "a", "temp"} {
			var names []string
			for n := range model {
				if strings.HasPrefix(n, prefix) {
					names = append(names, n)
				}
			}
			slices.Sort(names)
			if got, err := f.Names(prefix); err != nil || !slices.Equal(got, names) {
				t.Fatalf("names %q: %q %v, want %q", prefix, got, err, names)
			}
		}
	})
	if names, err := other.Names(""); len(names) != 0 || err != nil {
		t.Errorf("in another folder: %q %v", names, err)
	}
	if l, _ := filepath.Glob(filepath.Dir(path) + "/*"); len(l) != 1 {
		t.Errorf("a name created files: %q", l)
	}
}

func TestFolderLimits(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "web.db"), Options{})
	d := s.Dashboards()
	f := func(ok bool, name, body string) {
		t.Helper()
		err := d.Save(name, []byte(body))
		var limit *LimitError
		if ok != (err == nil) || err != nil && !errors.As(err, &limit) {
			t.Errorf("%.20q %.20q: %v", name, body, err)
		}
	}
	f(true, strings.Repeat("x", maxName), "")
	f(false, strings.Repeat("x", maxName+1), "")
	f(false, "", "x")
	f(true, "a", strings.Repeat("x", maxBody))
	f(false, "a", strings.Repeat("x", maxBody+1))
	f(false, "a\nb", "x")
	f(false, "a\x00b", "x")
	if _, err := d.Create("temporary-", make([]byte, maxBody+1)); err == nil {
		t.Error("Create accepted a body above the limit")
	}
	for _, name := range []string{"", strings.Repeat("x", 1<<16)} {
		if ok, err := d.Delete(name); ok || err != nil {
			t.Errorf("delete %.10q: %v %v", name, ok, err)
		}
		if _, ok, err := d.Load(name); ok || err != nil {
			t.Errorf("load %.10q: %v %v", name, ok, err)
		}
	}
}

func TestLinks(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "web.db"), Options{MaxLinks: 50})
	for i := range 50 {
		path := "render?target=" + strconv.Itoa(i)
		for range 2 {
			if id, err := s.Link(path); id != int64(i+1) || err != nil {
				t.Fatalf("%s: %d %v", path, id, err)
			}
		}
		if got, ok, err := s.Linked(int64(i + 1)); got != path || !ok || err != nil {
			t.Fatalf("%d: %q %v %v", i+1, got, ok, err)
		}
	}
	if _, err := s.Link("one more"); !errors.Is(err, ErrFull) {
		t.Errorf("got %v", err)
	}
	if id, err := s.Link("render?target=7"); id != 8 || err != nil {
		t.Errorf("known link while the store is full: %d %v", id, err)
	}
	for _, id := range []int64{0, -1, 51} {
		if p, ok, err := s.Linked(id); ok || err != nil {
			t.Errorf("%d: %q %v", id, p, err)
		}
	}
	var limit *LimitError
	if _, err := s.Link(strings.Repeat("x", maxLink+1)); !errors.As(err, &limit) {
		t.Errorf("got %v", err)
	}
}
