package whisper

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"graphited/whisper/vfs"
)

var errInjected = errors.New("injected")

// life creates and updates a file: with late points, points that wrap, and points that roll up. It
// returns the first error.
func life(fsys vfs.FS, o Options) error {
	if err := Create(fsys, "a/b/m.wsp", sampleSpec, sampleNow, []Point{{sampleNow, 1}}, o); err != nil {
		return err
	}
	for i := range 6 {
		now := int64(sampleNow + i*100)
		f, err := Open(fsys, "a/b/m.wsp", o)
		if err != nil {
			return err
		}
		err = f.Update(now, []Point{{now, float64(i)}, {now - 70, 2}, {now - 130, 2}, {now - 900, 3}})
		if err == nil {
			_, err = f.Fetch(now-600, now, now)
		}
		if cerr := f.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// slots returns the points of a file as bytes.
func slots(t *testing.T, fsys vfs.FS, name string) [][]byte {
	t.Helper()
	b, err := vfs.ReadFile(fsys, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		t.Fatal(err)
	}
	if int64(len(b)) != sampleSpec.FileSize() {
		t.Fatalf("file has %d bytes", len(b))
	}
	return slices.Collect(slices.Chunk(b[40:], pointSize))
}

// TestFaults makes each operation fail, once or from then on, with complete or truncated writes.
// The error must name the file, and each slot must hold a point of the undisturbed life or none. A
// slot may be torn only when a write was truncated and no later write was possible.
func TestFaults(t *testing.T) {
	for _, o := range []Options{{}, {Sparse: true}, {Fallocate: true, Autoflush: true, Lock: true, FadviseRandom: true}} {
		history := make([]map[string]bool, 9) // all values that each slot has had
		for i := range history {
			history[i] = map[string]bool{string(make([]byte, pointSize)): true}
		}
		good := vfs.NewMem()
		watch := &vfs.Fail{FS: good, Hook: func(vfs.Op) error {
			for i, s := range slots(t, good, "a/b/m.wsp") {
				history[i][string(s)] = true
			}
			return nil
		}}
		if err := life(watch, o); err != nil {
			t.Fatal(err)
		}
		final := slots(t, good, "a/b/m.wsp")
		for i, s := range final {
			history[i][string(s)] = true
		}
		for n := range watch.Ops() {
			for _, mode := range []struct{ forever, short bool }{{}, {true, false}, {false, true}, {true, true}} {
				m := vfs.NewMem()
				broken := vfs.FailNth(m, n+1, mode.forever, errInjected)
				broken.Short = mode.short
				err := life(broken, o)
				if err != nil && (!errors.Is(err, errInjected) || !strings.Contains(err.Error(), "a/b")) {
					t.Fatalf("operation %d: %v", n+1, err)
				}
				if err == nil && broken.Ops() == watch.Ops() && !slices.EqualFunc(slots(t, m, "a/b/m.wsp"), final, bytes.Equal) {
					t.Fatalf("operation %d failed without an error", n+1)
				}
				for i, s := range slots(t, m, "a/b/m.wsp") {
					torn := mode.forever && mode.short || s[0] == 0 && s[1] == 0 && s[2] == 0 && s[3] == 0
					if !history[i][string(s)] && !torn {
						t.Fatalf("operation %d, %+v: slot %d holds %x", n+1, mode, i, s)
					}
				}
				if !mode.forever {
					for _, name := range m.Names() {
						if vfs.IsTemp(name[strings.LastIndexByte(name, '/')+1:]) {
							t.Fatalf("operation %d leaves %q", n+1, name)
						}
					}
				}
			}
		}
	}
}

// TestCrash cuts the power after each operation. With Autoflush, a file is either absent or
// complete once it was created. Without Autoflush it may be damaged, but then the damage is
// detected or harmless.
func TestCrash(t *testing.T) {
	for seed := range uint64(60) {
		for _, o := range []Options{{Autoflush: true}, {Autoflush: true, Sparse: true}, {}} {
			m := vfs.NewMem()
			r := rand.New(rand.NewPCG(seed, 3))
			var crashes []*vfs.Mem
			watch := &vfs.Fail{FS: m, Hook: func(vfs.Op) error {
				crashes = append(crashes, m.Crash(r))
				return nil
			}}
			if err := Create(watch, "m.wsp", sampleSpec, sampleNow, []Point{{sampleNow, 1}}, o); err != nil {
				t.Fatal(err)
			}
			if o.Autoflush {
				crashes = append(crashes, m.Crash(r))
			}
			for i, c := range crashes {
				got, err := use(c, "m.wsp")
				var corrupt *CorruptError
				switch {
				case o.Autoflush && i == len(crashes)-1 && err != nil:
					t.Errorf("seed %d: durable file: %v", seed, err)
				case err == nil && o.Autoflush && fmt.Sprint(got) != fmt.Sprint([][]Point{{{1700000160, 1}}, nil}):
					t.Errorf("seed %d, crash %d: %v", seed, i, got)
				case err != nil && !errors.Is(err, fs.ErrNotExist) && (o.Autoflush || !errors.As(err, &corrupt)):
					t.Errorf("seed %d, crash %d: %v", seed, i, err)
				}
			}
		}
	}
}

// TestRenew: when the system has lost the data that created a file, the file is complete after
// Renew, an Update with the same points and a sync, no matter what had reached the disk.
func TestRenew(t *testing.T) {
	points := []Point{{sampleNow - 60, 3}, {sampleNow, 4}}
	const want = "[{1700000040 2} {1700000100 3} {1700000160 4}]"
	for seed := range uint64(200) {
		m, r := vfs.NewMem(), rand.New(rand.NewPCG(seed, 5))
		first := Point{sampleNow - 120, 2} // determines the slots of the other points, and is not written again
		if err := Create(m, "m.wsp", sampleSpec, sampleNow, append([]Point{first}, points...), Options{}); err != nil {
			t.Fatal(err)
		}
		if err := m.SyncDir("."); err != nil {
			t.Fatal(err)
		}
		m.FailWriteback(r, errors.New("broken"))
		f, err := Open(m, "m.wsp", Options{})
		if err == nil {
			err = errors.Join(f.Update(sampleNow, append([]Point{first}, points...)[seed%2:]), f.Close(), Renew(m, "m.wsp"))
		}
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		_ = m.SyncFS(".") // it reports the loss, but still syncs
		if got, err := use(m.Crash(r), "m.wsp"); err != nil || fmt.Sprint(got[0]) != want {
			t.Errorf("seed %d: %v, %v, want %v", seed, got, err, want)
		}
	}
	if err := Renew(vfs.NewMem(), "none.wsp"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v", err)
	}
}
