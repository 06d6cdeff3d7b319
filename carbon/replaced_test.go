package carbon

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// replacements are the ways in which other programs put other content under a file's name.
var replacements = map[string]func(path string, b []byte) error{
	"cp":  func(path string, b []byte) error { return os.WriteFile(path, b, 0o644) },
	"tar": func(path string, b []byte) error { return errors.Join(os.Remove(path), os.WriteFile(path, b, 0o644)) },
	"mv": func(path string, b []byte) error {
		return errors.Join(os.WriteFile(path+".new", b, 0o644), os.Rename(path+".new", path))
	},
	"rsync": func(path string, b []byte) error { // --inplace --times
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		_, err = f.WriteAt(b, 0)
		return errors.Join(err, f.Truncate(int64(len(b))), f.Close(), os.Chtimes(path, time.Time{}, info.ModTime()))
	},
	"short": func(path string, b []byte) error { // what a copy that was broken off leaves
		return errors.Join(os.WriteFile(path, b[:len(b)-40], 0o644), os.Chtimes(path, time.Time{}, time.Unix(benchTime, 0)))
	},
}

// replacedLayouts are what is put in the place of a file of testSpec.
var replacedLayouts = map[string][]whisper.Archive{
	"same":  {{Step: 10, Points: 360}, {Step: 60, Points: 1440}},
	"other": {{Step: 5, Points: 1440}, {Step: 60, Points: 360}}, // of the same size
	"less":  {{Step: 20, Points: 60}},
}

// TestReplacedFiles replaces the files of a daemon that runs, and sends on: the points of the new
// content and those that come later are all there, each at its time, also for the next daemon.
func TestReplacedFiles(t *testing.T) {
	clock := func() time.Time { return time.Unix(benchTime, 0) }
	f := startDaemon(t, Deps{Clock: clock}, nil)
	send := func(at int64, value int) {
		for way := range replacements {
			for layout := range replacedLayouts {
				f.send("line", fmt.Sprintf("%s.%s %d %d\n", way, layout, value, at))
			}
		}
	}
	all := int64(len(replacements) * len(replacedLayouts))
	send(benchTime-400, 1)
	f.until("the first points are in their files", func() bool { return f.stats.Committed.Load() == all })
	for layout, archives := range replacedLayouts {
		path := filepath.Join(t.TempDir(), "other.wsp")
		spec := whisper.Spec{Archives: archives, Method: whisper.Average}
		if err := whisper.Create(vfs.OS{}, path, spec, benchTime, []whisper.Point{{Time: benchTime - 300, Value: 2}, {Time: benchTime - 260, Value: 3}}, whisper.Options{}); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for way, replace := range replacements {
			if err := replace(naming.FilePath(f.o.LocalDataDir, way+"."+layout, true), content); err != nil {
				t.Fatal(err)
			}
		}
	}
	send(benchTime-100, 4)
	f.until("the next points are in the new files", func() bool { return f.stats.Committed.Load() == 2*all })
	want := map[int64]float64{benchTime - 300: 2, benchTime - 260: 3, benchTime - 100: 4}
	check := func(f *fixture) {
		t.Helper()
		for way := range replacements {
			for layout := range replacedLayouts {
				s, err := f.store.Fetch(t.Context(), way+"."+layout, benchTime-600, benchTime, benchTime)
				got := map[int64]float64{}
				for i, v := range s.Values {
					if v == v {
						got[s.From+int64(i)*s.Step] = v
					}
				}
				if err != nil || !maps.Equal(got, want) {
					t.Errorf("%s, %s archives: %v, %v, want %v", way, layout, got, err, want)
				}
			}
		}
	}
	check(f)
	if n := f.stats.SetAside.Load() + f.stats.Errors.Load(); n != 0 {
		t.Errorf("%d files set aside or failed", n)
	}
	f.stop()
	check(startDaemon(t, Deps{Clock: clock}, func(o *conf.Options) { o.LocalDataDir = f.o.LocalDataDir }))
}

// TestFileBeingReplaced finds a file empty, and then short, as cp makes it: the series waits until
// the file is whole.
func TestFileBeingReplaced(t *testing.T) {
	for what, cut := range map[string]int{"empty": 0, "in the header": 20, "short": 3000} {
		path := filepath.Join(t.TempDir(), "a.wsp")
		if err := whisper.Create(vfs.OS{}, path, testSpec(""), benchTime, []whisper.Point{{Time: benchTime - 300, Value: 2}}, whisper.Options{}); err != nil {
			t.Fatal(err)
		}
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		b := newBenchOn(t, vfs.OS{}, nil, func(o *conf.Options) { o.LocalDataDir = filepath.Dir(path) })
		change := func(n int, mtime time.Time) {
			if err := errors.Join(os.WriteFile(path, content[:n], 0o644), os.Chtimes(path, time.Time{}, mtime)); err != nil {
				t.Fatal(err)
			}
		}
		hour := time.Now().Add(time.Hour) // far enough from what a slow machine takes
		change(cut, hour)
		if b.changing(&cache.Series{}, path) {
			t.Errorf("%s: it waits for a file that was not changed just now", what)
		}
		change(cut, time.Now())
		if !b.changing(&cache.Series{}, path) && time.Since(hour.Add(-time.Hour)) < changingTime/2 {
			t.Errorf("%s: it does not wait", what)
		}
		if b.changing(&cache.Series{Fails: changingPatience}, path) {
			t.Errorf("%s: it waits for ever", what)
		}
		addPoint(b.cache, "a", benchTime-100, 4)
		b.rounds(1)
		waits := b.cache.Size() == 1
		if waits {
			change(len(content), hour)
			b.rounds(1)
		}
		if got, want := b.points("a"), (map[int64]float64{benchTime - 300: 2, benchTime - 100: 4}); waits && !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
		if b.cache.Size() != 0 || waits && b.stats.Errors.Load()+b.stats.SetAside.Load() != 0 {
			t.Errorf("%s: %d points are left, %d errors, %d set aside", what, b.cache.Size(), b.stats.Errors.Load(), b.stats.SetAside.Load())
		}
	}
}
