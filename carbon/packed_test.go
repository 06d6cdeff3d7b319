package carbon

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// writePacked makes a whisper file, packed by gzip.
func writePacked(t *testing.T, path string, archives []whisper.Archive, points ...whisper.Point) {
	t.Helper()
	mem := vfs.NewMem()
	spec := whisper.Spec{Archives: archives, Method: whisper.Average}
	if err := whisper.Create(mem, "/w", spec, benchTime, points, whisper.Options{}); err != nil {
		t.Fatal(err)
	}
	plain, err := vfs.ReadFile(mem, "/w")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(plain)
	if err := errors.Join(err, w.Close(), os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, b.Bytes(), 0o644)); err != nil {
		t.Fatal(err)
	}
}

// at fetches and returns the values that are known, by how many seconds before benchTime they are.
func (f *fixture) at(name string, since int64) map[int64]float64 {
	f.t.Helper()
	s, err := f.store.Fetch(f.t.Context(), name, benchTime-since, benchTime, benchTime)
	if err != nil && !errors.Is(err, whisper.ErrNoData) {
		f.t.Fatal(err)
	}
	got := map[int64]float64{}
	for i, v := range s.Values {
		if v == v {
			got[benchTime-s.From-int64(i)*s.Step] = v
		}
	}
	return got
}

// TestPackedFiles follows files that gzip has packed through a daemon: they are found, read beside
// a file that new points begin, copied and removed.
func TestPackedFiles(t *testing.T) {
	dir, tagged := t.TempDir(), "m;a=1"
	same := testSpec("").Archives
	point := func(age int64, v float64) whisper.Point { return whisper.Point{Time: benchTime - age, Value: v} }
	writePacked(t, filepath.Join(dir, "a/old.wsp.gz"), same, point(300, 1), point(200, 2))
	writePacked(t, filepath.Join(dir, "a/both.wsp.gz"), same, point(300, 1), point(200, 2))
	writePacked(t, filepath.Join(dir, naming.RelativePath(tagged, true)+naming.PackedSuffix), same, point(200, 7))
	writePacked(t, filepath.Join(dir, "a/longer.wsp.gz"), []whisper.Archive{{Step: 60, Points: 10 * 1440}}, point(5*86400+benchTime%60, 5))
	for name, content := range map[string]string{"a/bad.wsp.gz": "no gzip", "a/other.txt.gz": "", "a/not.gz": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	deps := Deps{Clock: func() time.Time { return time.Unix(benchTime, 0) }}
	f := startDaemon(t, deps, func(o *conf.Options) { o.LocalDataDir = dir })
	if got := f.leaves("a.*"); !slices.Equal(got, []string{"a.bad", "a.both", "a.longer", "a.old"}) {
		t.Errorf("found %q", got)
	}
	if got := f.leaves("a.{ol,no}d"); !slices.Equal(got, []string{"a.old"}) {
		t.Errorf("found %q", got)
	}
	want := func(name string, since int64, want map[int64]float64) {
		t.Helper()
		if got := f.at(name, since); !maps.Equal(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
	want("a.old", 600, map[int64]float64{300: 1, 200: 2})
	want("a.bad", 600, map[int64]float64{})
	want(tagged, 600, map[int64]float64{200: 7})
	if start, _, ok := f.store.Interval("a.longer"); !ok || start != benchTime-10*86400 {
		t.Errorf("a.longer has an interval from %d, %v", benchTime-start, ok)
	}

	f.send("line", fmt.Sprintf("a.both 8 %d\na.both 9 %d\na.longer 9 %d\n%s 9 %d\n", benchTime-200, benchTime-100, benchTime-100, tagged, benchTime-100))
	f.until("the points are in files", func() bool { return f.stats.Committed.Load() == 4 })
	want("a.both", 600, map[int64]float64{300: 1, 200: 8, 100: 9})
	want(tagged, 600, map[int64]float64{200: 7, 100: 9})
	want("a.longer", 6*86400, map[int64]float64{5*86400 + benchTime%60: 5, 120 + benchTime%60: 9})
	if err := f.scanner.scan(); err != nil { // what has a packed file alone stays
		t.Error(err)
	}
	want("a.old", 600, map[int64]float64{300: 1, 200: 2})
	if got := f.leaves("a.*"); len(got) != 4 {
		t.Errorf("found %q", got)
	}

	o := f.o
	o.LocalDataDir = t.TempDir()
	if sum, err := Restore(vfs.OS{}, o, bytes.NewReader(f.backupOf()), false, func(string, int64) {}); err != nil || sum.Files != 5+3 {
		t.Errorf("restored %+v, %v", sum, err)
	}
	for _, name := range []string{"a/old.wsp.gz", "a/both.wsp.gz", "a/both.wsp"} {
		before, _ := os.ReadFile(filepath.Join(dir, name))
		if after, err := os.ReadFile(filepath.Join(o.LocalDataDir, name)); err != nil || !bytes.Equal(before, after) {
			t.Errorf("%s in the backup: %v", name, err)
		}
	}

	if file, ok := f.File("a.old"); !ok || file.Size == 0 {
		t.Errorf("the file of a.old: %+v, %v", file, ok)
	}
	if got, err := f.Remove(t.Context(), []string{"a.both", "a.old"}); err != nil || len(got) != 2 {
		t.Errorf("removed %q, %v", got, err)
	}
	if got := trashed(t, dir); !slices.Equal(got, []string{"a/both.wsp", "a/both.wsp.gz", "a/old.wsp.gz"}) {
		t.Errorf("in the trash: %q", got)
	}
	if _, err := os.Stat(filepath.Join(dir, "a/old.wsp.gz")); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if got := f.leaves("a.*"); !slices.Equal(got, []string{"a.bad", "a.longer"}) {
		t.Errorf("found afterwards: %q", got)
	}
}

// TestPackedFilesAreFoundByName: a packed file that has just appeared is there at once for who asks
// by its whole name, also where there was none before.
func TestPackedFilesAreFoundByName(t *testing.T) {
	dir := t.TempDir()
	f := startDaemon(t, Deps{Clock: func() time.Time { return time.Unix(benchTime, 0) }}, func(o *conf.Options) { o.LocalDataDir = dir })
	f.until("the folders were looked at", func() bool { return f.store.packed.listed.Load() })
	for _, hash := range []bool{true, false} {
		tagged := fmt.Sprintf("m;hash=%v", hash)
		for name, file := range map[string]string{"a.old": "a/old", tagged: naming.RelativePath(tagged, hash), "a.u;b=1": "a/u;b=1"} {
			writePacked(t, filepath.Join(dir, file+naming.PackedSuffix), testSpec("").Archives, whisper.Point{Time: benchTime - 200, Value: 2})
			if !exact(t, f.store, name) {
				t.Errorf("%s is not found", name)
			}
			if got := f.at(name, 600); !maps.Equal(got, map[int64]float64{200: 2}) {
				t.Errorf("%s: %v", name, got)
			}
		}
	}
}

// TestPackedFilesAreExplained: wherever a packed file is, and also one that cannot be unpacked.
func TestPackedFilesAreExplained(t *testing.T) {
	e := explainer(t)
	for name, file := range map[string]string{"a.b": "a/b", "m;a=1": naming.RelativePath("m;a=1", true), "m;a=2": naming.RelativePath("m;a=2", false), "a.u;b=1": "a/u;b=1"} {
		path := e.DataDir + "/" + file + naming.PackedSuffix
		writePacked(t, path, testSpec("").Archives, whisper.Point{Time: benchTime - 200, Value: 2})
		if x := e.Explain(name); x.File == nil || x.Path != path {
			t.Errorf("%s: %q, %v", name, x.Path, x.FileError)
		}
		if err := os.WriteFile(path, []byte("no gzip"), 0o644); err != nil {
			t.Fatal(err)
		}
		if text := string(e.Explain(name).AppendText(nil)); !strings.Contains(text, path) || !strings.Contains(text, "the file cannot be used") {
			t.Errorf("%s, damaged, is explained as\n%s", name, text)
		}
	}
}

// TestPackedFilesStay holds that files which are packed alone are not stale.
func TestPackedFilesStay(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) {
		o.StaleAfter = time.Hour
		writePacked(t, filepath.Join(o.LocalDataDir, "a.wsp.gz"), testSpec("").Archives)
		old := time.Now().Add(-48 * time.Hour)
		if err := os.Chtimes(filepath.Join(o.LocalDataDir, "a.wsp.gz"), old, old); err != nil {
			t.Fatal(err)
		}
	})
	if n := f.removeStale(t.Context()); n != 0 || len(f.leaves("*")) != 1 {
		t.Errorf("%d series removed, %q are left", n, f.leaves("*"))
	}
	f.stop()
	// The file of a series that is stale is not left behind.
	dir := f.o.LocalDataDir
	writePacked(t, filepath.Join(dir, "b.wsp.gz"), testSpec("").Archives)
	if err := whisper.Create(vfs.OS{}, filepath.Join(dir, "b.wsp"), testSpec(""), benchTime, nil, whisper.Options{}); err != nil {
		t.Fatal(err)
	}
	found, err := Stale(vfs.OS{}, dir, math.MaxInt64, true, time.Now())
	if err != nil || len(found) != 1 || !slices.Equal(trashed(t, dir), []string{"b.wsp", "b.wsp.gz"}) {
		t.Errorf("%v, %v; in the trash: %q", found, err, trashed(t, dir))
	}
}

func TestLay(t *testing.T) {
	null := math.NaN()
	series := func(from, step int64, values ...float64) whisper.Series {
		return whisper.Series{From: from, Until: from + step*int64(len(values)), Step: step, Values: values}
	}
	for _, c := range []struct {
		what              string
		over, under, want whisper.Series
	}{
		{"the same times", series(60, 10, 1, null, 3), series(60, 10, 4, 5, null), series(60, 10, 1, 5, 3)},
		{"other times", series(80, 10, 1, null), series(60, 10, 4, 5, 6, 7, 8), series(60, 10, 4, 5, 1, 7, 8)},
		{"apart", series(100, 10, 1), series(60, 10, 4), series(60, 10, 4, null, null, null, 1)},
		{"the finer one counts", series(70, 10, 1, null, 3, 5, 6, 7), series(60, 20, 8, 9, 10, 11), series(60, 20, 1, 3, 5.5, 7)},
		{"the coarser one counts", series(60, 20, 8, null, 10), series(60, 10, 1, 2, 3, null, 5, 6, 7), series(60, 20, 8, 3, 10, 7)},
		{"steps that do not divide one another", series(60, 30, 1, 2, 3, 4), series(60, 20, 7, 7, 7, 8, 8, 8), series(60, 60, 1.5, 3.5)},
	} {
		if got := lay(c.over, c.under, whisper.Average, whisper.Average); fmt.Sprint(got) != fmt.Sprint(c.want) {
			t.Errorf("%s: %v, want %v", c.what, got, c.want)
		}
	}
}
