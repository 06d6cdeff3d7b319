package whisper

import (
	"errors"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"graphited/testdata/allocs"
	"graphited/whisper/vfs"
)

// values fetches (from, until] from the finest archive.
func values(t *testing.T, fsys vfs.FS, name string, from, until, now int64) []float64 {
	t.Helper()
	f, err := OpenRead(fsys, name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := f.Fetch(from, until, now)
	if err != nil {
		t.Fatal(err)
	}
	return s.Values
}

func mustUpdate(t *testing.T, fsys vfs.FS, name string, now int64, pts ...Point) {
	t.Helper()
	f, err := Open(fsys, name, Options{})
	if err == nil {
		err = f.Update(now, pts)
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
}

func mustCreate(t *testing.T, fsys vfs.FS, name, retentions string, m Method, now int64, pts ...Point) Spec {
	t.Helper()
	archives, err := ParseRetentions(retentions)
	if err != nil {
		t.Fatal(err)
	}
	s := Spec{archives, m, 0.5}
	if err := Create(fsys, name, s, now, pts, Options{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func equal(a, b []float64) bool {
	return slices.EqualFunc(a, b, func(x, y float64) bool { return x == y || x != x && y != y })
}

var null = math.NaN()

// TestUpdateRegression updates with a batch of which go-whisper loses points.
func TestUpdateRegression(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	mustCreate(t, m, "m.wsp", "60s:1h,300s:1d", Average, now)
	mustUpdate(t, m, "m.wsp", now, Point{now - 60, 42}, Point{now - 7200, 7})
	if got := values(t, m, "m.wsp", now-180, now, now); !equal(got, []float64{null, 42, null}) {
		t.Error(got)
	}
	coarse := values(t, m, "m.wsp", now-7800, now, now)
	known := slices.DeleteFunc(coarse, func(v float64) bool { return v != v })
	if !equal(known, []float64{7}) {
		t.Error(known) // one of five points is not half of them
	}
}

func TestUpdateChoosesPoints(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	mustCreate(t, m, "m.wsp", "60:10", Average, now)
	f := func(pts []Point, want ...float64) {
		t.Helper()
		before := slices.Clone(pts)
		mustUpdate(t, m, "m.wsp", now, pts...)
		if got := values(t, m, "m.wsp", now-180, now, now); !equal(got, want) {
			t.Errorf("%v: got %v, want %v", pts, got, want)
		}
		if !slices.Equal(pts, before) && pts[0].Value == pts[0].Value {
			t.Error("points were changed")
		}
	}
	f(nil, null, null, null)
	f([]Point{{now, null}}, null, null, null)
	f([]Point{{-1, 1}, {math.MaxUint32 + 1, 1}, {math.MinInt64, 1}, {math.MaxInt64, 1}, {now - 601, 1}}, null, null, null)
	f([]Point{{now, 1}, {now, 2}}, null, null, 2)                         // the last of equal times
	f([]Point{{now - 59, 4}, {now - 60, 3}}, null, 4, 2)                  // the latest in a step
	f([]Point{{now - 1, 5}, {now, 6}, {now - 120, 7}, {now, 8}}, 7, 5, 8) // random order
	f([]Point{{now, math.Inf(1)}, {now - 60, math.Inf(-1)}}, 7, math.Inf(-1), math.Inf(1))
}

// TestFarFuture stores more points of the future than the archive holds. whisper.py writes beyond
// the end of the archive then.
func TestFarFuture(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	mustCreate(t, m, "m.wsp", "60:5,300:4", Sum, now, Point{now, 1})
	var pts []Point
	for i := range int64(23) {
		pts = append(pts, Point{now + i*60, float64(i)})
	}
	mustUpdate(t, m, "m.wsp", now, pts...)
	later := int64(now + 22*60)
	if got := values(t, m, "m.wsp", later-300, later, later); !equal(got, []float64{18, 19, 20, 21, 22}) {
		t.Error(got)
	}
	if _, err := use(m, "m.wsp"); err != nil {
		t.Error(err)
	}
}

func TestAfter2038(t *testing.T) {
	const now = 4_294_000_000
	m := vfs.NewMem()
	mustCreate(t, m, "m.wsp", "60:10", Last, now, Point{now, 1})
	mustUpdate(t, m, "m.wsp", now+60, Point{now + 60, 2})
	if got := values(t, m, "m.wsp", now-60, now+60, now+60); !equal(got, []float64{1, 2}) {
		t.Error(got)
	}
}

// ops counts the calls of file system operations, by kind.
type ops map[string]int

func counting(fsys vfs.FS) (*vfs.Fail, ops) {
	seen := ops{}
	return &vfs.Fail{FS: fsys, Hook: func(op vfs.Op) error { seen[op.Kind]++; return nil }}, seen
}

// TestCost counts the operations of ordinary updates. The header and one base take one read, and
// each further base takes one more.
func TestCost(t *testing.T) {
	const now = 1_700_000_040
	mem := vfs.NewMem()
	mustCreate(t, mem, "m.wsp", "60:10,300:10,600:20", Last, now, Point{now, 1})
	fsys, seen := counting(mem)
	mustUpdate(t, fsys, "m.wsp", now, Point{now, 1})
	f := func(reads, writes int, pts ...Point) {
		t.Helper()
		clear(seen)
		mustUpdate(t, fsys, "m.wsp", now+360, pts...)
		if seen["Open"] != 1 || seen["Stat"] != 1 || seen["Close"] != 1 || seen["ReadAt"] != reads || seen["WriteAt"] != writes || len(seen) > 5 {
			t.Errorf("%v: %v", pts, seen)
		}
	}
	f(2, 1, Point{now - 7000, 1}) // only the third archive reaches there
	f(3, 1, Point{now + 300, 2})  // too few for a roll-up into the second, which is empty
	f(7, 3, Point{now + 60, 2}, Point{now + 120, 2}, Point{now + 180, 2})
	f(6, 3, Point{now + 120, 5}, Point{now + 180, 6}, Point{now + 240, 6}) // two reads and a write per archive, and one read that wraps
	f(4, 1, Point{now + 360, 5})                                           // too few again
}

func TestNoAllocation(t *testing.T) {
	const now = 1_700_000_040
	path := filepath.Join(t.TempDir(), "m.wsp")
	mustCreate(t, vfs.OS{}, path, "60:1440,300:2016", Average, now)
	pts := []Point{{now - 60, 1}, {now, 2}, {now - 120, 3}, {now - 180, 4}}
	at := int64(now)
	got := allocs.Least(200, func() {
		at += 60
		for i := range pts {
			pts[i].Time += 60
		}
		mustUpdate(t, vfs.OS{}, path, at, pts...)
	})
	if got >= 1 && !raceEnabled {
		t.Errorf("%v allocations", got)
	}
}

func TestCreate(t *testing.T) {
	const now = 1_700_000_040
	for name, fsys := range map[string]vfs.FS{"os": vfs.OS{}, "mem": vfs.NewMem()} {
		dir := filepath.Join(t.TempDir(), "some", "where")
		path := filepath.Join(dir, "m.wsp")
		mustCreate(t, fsys, path, "60:10", Last, now, Point{now, 1})
		if err := Create(fsys, path, sampleSpec, now, nil, Options{}); !errors.Is(err, fs.ErrExist) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
		if got := values(t, fsys, path, now-60, now, now); !equal(got, []float64{1}) {
			t.Errorf("%s: %v", name, got)
		}
		list, err := fsys.ReadDir(dir)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v, %v", name, list, err)
		}
		if err := Create(fsys, filepath.Join(dir, "bad.wsp"), Spec{}, now, nil, Options{}); err == nil || !strings.Contains(err.Error(), "bad.wsp") {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := Open(fsys, filepath.Join(dir, "none.wsp"), Options{}); !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "none.wsp") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCreateRace lets somebody else create the file during Create.
func TestCreateRace(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	fsys := &vfs.Fail{FS: m, Hook: func(op vfs.Op) error {
		if op.Kind == "RenameNew" {
			mustCreate(t, m, "m.wsp", "60:10", Last, now, Point{now, 1})
		}
		return nil
	}}
	if err := Create(fsys, "m.wsp", sampleSpec, now, nil, Options{}); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	if got := values(t, m, "m.wsp", now-60, now, now); !equal(got, []float64{1}) {
		t.Error(got)
	}
	if names := m.Names(); !slices.Equal(names, []string{"./", "/", "m.wsp"}) {
		t.Error(names)
	}
}

// TestLock waits for the lock of a tool that replaces the file meanwhile. The update must go to the
// new file.
func TestLock(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	mustCreate(t, m, "m.wsp", "60:10", Last, now)
	tool, err := Open(m, "m.wsp", Options{Lock: true})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error)
	go func() {
		f, err := Open(m, "m.wsp", Options{Lock: true})
		if err == nil {
			err = f.Update(now, []Point{{now, 5}})
		}
		if err == nil {
			err = f.Close()
		}
		done <- err
	}()
	select {
	case <-done:
		t.Fatal("Open did not wait for the lock")
	case <-time.After(20 * time.Millisecond):
	}
	mustCreate(t, m, "n.wsp", "30:20", Last, now)
	if err := m.Rename("n.wsp", "m.wsp"); err != nil {
		t.Fatal(err)
	}
	if err := tool.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	if got := values(t, m, "m.wsp", now-30, now, now); !equal(got, []float64{5}) {
		t.Error(got)
	}
}

func TestClosedFile(t *testing.T) {
	m := vfs.NewMem()
	newSample(t, m)
	f, err := OpenRead(m, "m.wsp")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Update(sampleNow, []Point{{sampleNow, 1}}); !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
	if _, err := f.Fetch(sampleNow, sampleNow-1, sampleNow); !errors.Is(err, ErrInterval) {
		t.Error(err)
	}
	if _, err := f.Fetch(sampleNow+1, sampleNow+2, sampleNow); !errors.Is(err, ErrNoData) {
		t.Error(err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if err := f.Close(); !errors.Is(err, fs.ErrClosed) {
		t.Error(err)
	}
}
