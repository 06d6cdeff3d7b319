package whisper

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"testing"

	"graphited/whisper/vfs"
)

// TestTimesAtTheEdge: the first and the last time that a file can hold are stored, and those beyond
// them are skipped.
func TestTimesAtTheEdge(t *testing.T) {
	fsys := vfs.NewMem()
	const now = math.MaxUint32
	mustCreate(t, fsys, "/a.wsp", "1:10", Last, now)
	mustUpdate(t, fsys, "/a.wsp", now, Point{now, 1}, Point{now + 1, 2}, Point{-1, 3})
	if got := values(t, fsys, "/a.wsp", now-2, now, now); len(got) != 2 || got[1] != 1 {
		t.Errorf("got %v, want the last time that there is to have 1", got)
	}
}

// TestDurable: with Autoflush a file is synced when it is made, so is its name, and it is synced
// after each update and merge; else nothing is.
func TestDurable(t *testing.T) {
	var ops []string
	fsys := &vfs.Fail{FS: vfs.NewMem(), Hook: func(op vfs.Op) error {
		if op.Kind == "Sync" || op.Kind == "SyncDir" {
			ops = append(ops, op.Kind)
		}
		return nil
	}}
	const now = 1_700_000_000
	spec := Spec{Archives: []Archive{{1, 10}}, Method: Last}
	for _, on := range []bool{true, false} {
		o := Options{Autoflush: on}
		a, b := fmt.Sprintf("/%v/a.wsp", on), fmt.Sprintf("/%v/b.wsp", on)
		step := func(what string, do func() error, want ...string) {
			t.Helper()
			ops = nil
			if err := do(); err != nil {
				t.Fatal(err)
			}
			if !on {
				want = nil
			}
			if !slices.Equal(ops, want) {
				t.Errorf("Autoflush %v, %s: %q, want %q", on, what, ops, want)
			}
		}
		step("create", func() error { return Create(fsys, a, spec, now, nil, o) }, "Sync", "SyncDir")
		step("update", func() error {
			f, err := Open(fsys, a, o)
			if err != nil {
				return err
			}
			return errors.Join(f.Update(now, []Point{{now, 1}}), f.Close())
		}, "Sync")
		step("create", func() error { return Create(fsys, b, spec, now, nil, o) }, "Sync", "SyncDir")
		step("merge", func() error { return Merge(fsys, a, b, now, MergeOptions{Options: o}) }, "Sync")
	}
}

// TestMergeOfOneMoment: an interval that ends where it begins is none that is the wrong way round.
func TestMergeOfOneMoment(t *testing.T) {
	fsys := vfs.NewMem()
	const now = 1_700_000_000
	for _, name := range []string{"/a.wsp", "/b.wsp"} {
		mustCreate(t, fsys, name, "1:10", Last, now)
	}
	for until, want := range map[int64]error{now - 5: nil, now - 6: ErrInterval} {
		if err := Merge(fsys, "/a.wsp", "/b.wsp", now, MergeOptions{From: now - 5, Until: until}); !errors.Is(err, want) {
			t.Errorf("from %d until %d: %v, want %v", now-5, until, err, want)
		}
	}
}

// TestFailedCreateLeavesNothing: a file that could not be made is not left behind in part.
func TestFailedCreateLeavesNothing(t *testing.T) {
	broken := errors.New("broken")
	mem := vfs.NewMem()
	fsys := &vfs.Fail{FS: mem, Hook: func(op vfs.Op) error {
		if op.Kind == "RenameNew" {
			return broken
		}
		return nil
	}}
	if err := Create(fsys, "/d/a.wsp", Spec{Archives: []Archive{{1, 10}}, Method: Last}, 1_700_000_000, nil, Options{}); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	if list, err := mem.ReadDir("/d"); len(list) != 0 || err != nil {
		t.Errorf("left behind: %v, %v", list, err)
	}
}

// TestLayoutsAreBounded: files with headers that nobody else has do not fill the memory.
func TestLayoutsAreBounded(t *testing.T) {
	before := layouts.known.Load()
	t.Cleanup(func() { layouts.known.Store(before) }) // for other tests, which count allocations
	layouts.known.Store(nil)
	fsys := vfs.NewMem()
	const now = 1_700_000_000
	for i := range int64(maxLayouts + 10) {
		name := fmt.Sprintf("/%d.wsp", i)
		if err := Create(fsys, name, Spec{Archives: []Archive{{1, 10 + i}}, Method: Last}, now, []Point{{now, float64(i)}}, Options{Sparse: true}); err != nil {
			t.Fatal(err)
		}
		if got := values(t, fsys, name, now-1, now, now); len(got) != 1 || got[0] != float64(i) {
			t.Fatalf("file %d has %v", i, got)
		}
	}
	if n := len(*layouts.known.Load()); n > maxLayouts {
		t.Errorf("%d layouts are remembered, want at most %d", n, maxLayouts)
	}
}

// TestHeaderAlone: a file that ends with its header is short, and not corrupt; one byte less is.
func TestHeaderAlone(t *testing.T) {
	fsys := vfs.NewMem()
	const now = 1_700_000_000
	mustCreate(t, fsys, "/a.wsp", "1:10,10:10", Last, now)
	data, err := vfs.ReadFile(fsys, "/a.wsp")
	if err != nil {
		t.Fatal(err)
	}
	for n, sound := range map[int]bool{headerSize + 2*archiveSize: true, headerSize + 2*archiveSize - 1: false} {
		name := fmt.Sprintf("/%d.wsp", n)
		if err := vfs.WriteFile(fsys, name, data[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		layouts.known.Store(nil) // what is known of whole files must not help
		f, err := OpenRead(fsys, name)
		var corrupt *CorruptError
		if (err == nil) != sound || err != nil && !errors.As(err, &corrupt) {
			t.Errorf("%d bytes: %v", n, err)
		}
		if err == nil {
			if err := f.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
