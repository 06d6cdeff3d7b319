package whisper

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"graphited/whisper/vfs"
)

// shortOps are the operations on a file. Each must treat a short file like a file in which the
// missing slots are empty.
var shortOps = map[string]func(fsys vfs.FS, name string) (any, error){
	"fetch": func(fsys vfs.FS, name string) (any, error) {
		f, err := OpenRead(fsys, name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		var all []any
		for i, a := range f.Spec().Archives {
			s, err := f.fetch(i, a.window(sampleNow-a.Retention(), sampleNow))
			if err != nil {
				return nil, err
			}
			all = append(all, fmt.Sprint(s))
			err = f.Slots(i, func(k int64, s Slot) bool { all = append(all, fmt.Sprint(s)); return true })
			if err != nil {
				return nil, err
			}
		}
		s, err := f.Fetch(sampleNow-900, sampleNow, sampleNow)
		return append(all, fmt.Sprint(s)), err
	},
	"update": func(fsys vfs.FS, name string) (any, error) {
		return nil, updateWith(fsys, name, Options{}, Point{sampleNow + 50, 1})
	},
	"update of the coarse archive": func(fsys vfs.FS, name string) (any, error) {
		return nil, updateWith(fsys, name, Options{Autoflush: true, Lock: true}, Point{sampleNow - 600, 1})
	},
	"update of many": func(fsys vfs.FS, name string) (any, error) {
		return nil, updateWith(fsys, name, Options{Sparse: true}, Point{sampleNow + 50, 1}, Point{sampleNow, 4}, Point{sampleNow - 200, 2}, Point{sampleNow - 900, 3})
	},
	"merge from": func(fsys vfs.FS, name string) (any, error) {
		return nil, Merge(fsys, name, "other.wsp", sampleNow, MergeOptions{})
	},
	"merge into": func(fsys vfs.FS, name string) (any, error) {
		return nil, Merge(fsys, "other.wsp", name, sampleNow, MergeOptions{})
	},
	"fill from": func(fsys vfs.FS, name string) (any, error) {
		return Fill(fsys, name, "other.wsp", sampleNow, Options{})
	},
	"fill": func(fsys vfs.FS, name string) (any, error) {
		return Fill(fsys, "other.wsp", name, sampleNow, Options{})
	},
	"diff": func(fsys vfs.FS, name string) (any, error) {
		d, err := Diff(fsys, "other.wsp", name, sampleNow, DiffOptions{})
		return fmt.Sprint(d), err
	},
	"resize": func(fsys vfs.FS, name string) (any, error) {
		return nil, Resize(fsys, name, Spec{Archives: []Archive{{60, 9}, {300, 6}}, Method: Max}, sampleNow, ResizeOptions{})
	},
	"resize with roll-up": func(fsys vfs.FS, name string) (any, error) {
		return nil, Resize(fsys, name, Spec{Archives: []Archive{{30, 9}, {60, 12}}, Method: Max}, sampleNow, ResizeOptions{Aggregate: true})
	},
	"rebuild": func(fsys vfs.FS, name string) (any, error) {
		err := Rebuild(fsys, name, sampleNow, Options{})
		if err == nil {
			_, err = Repair(fsys, name, nil) // when nothing was written
		}
		return nil, err
	},
	"renew":  func(fsys vfs.FS, name string) (any, error) { return nil, Renew(fsys, name) },
	"repair": func(fsys vfs.FS, name string) (any, error) { _, err := Repair(fsys, name, nil); return nil, err },
	"set the method": func(fsys vfs.FS, name string) (any, error) {
		before, err := SetAggregation(fsys, name, Sum, -1, Options{})
		if err == nil {
			err = updateWith(fsys, name, Options{}, Point{sampleNow + 50, 1})
		}
		return before.Method, err
	},
}

func updateWith(fsys vfs.FS, name string, o Options, pts ...Point) error {
	f, err := Open(fsys, name, o)
	if err != nil {
		return err
	}
	return errors.Join(f.Update(sampleNow+60, pts), f.Close())
}

// TestShortFile cuts a file at each of its bytes. Each operation must have the same result, and
// leave the same bytes, as on a file in which the missing slots are present and empty.
func TestShortFile(t *testing.T) {
	good := newSample(t, vfs.NewMem())
	first := headerSize + 2*archiveSize
	for what, do := range shortOps {
		for cut := first; cut < len(good); cut++ {
			whole := first + (cut-first)/pointSize*pointSize
			full := append(slices.Clone(good[:whole]), make([]byte, len(good)-whole)...)
			play := func(content []byte) (*vfs.Mem, string) {
				m := vfs.NewMem()
				if err := Create(m, "other.wsp", sampleSpec, sampleNow, []Point{{sampleNow - 60, 8}, {sampleNow - 900, 9}}, Options{}); err != nil {
					t.Fatal(err)
				}
				writeFile(t, m, "m.wsp", content)
				result, err := do(m, "m.wsp")
				return m, fmt.Sprint(result, err)
			}
			m, got := play(good[:cut])
			control, want := play(full)
			if got != want {
				t.Fatalf("%s, cut at %d: %s, want %s", what, cut, got, want)
			}
			for _, name := range []string{"m.wsp", "other.wsp"} {
				got, _ := vfs.ReadFile(m, name)
				want, _ := vfs.ReadFile(control, name)
				switch {
				case bytes.Equal(got, want):
				case bytes.Equal(got, good[:cut]) && bytes.Equal(want, full): // nothing was written
				default:
					t.Fatalf("%s, cut at %d: %s is\n%x, want\n%x", what, cut, name, got, want)
				}
			}
		}
	}
}

// TestShortFileAfterCrash checks that a power cut while a file gets its full size leaves no value
// that was cut in half.
func TestShortFileAfterCrash(t *testing.T) {
	good := newSample(t, vfs.NewMem())
	for seed := range uint64(300) {
		m := vfs.NewMem()
		cut := headerSize + 2*archiveSize + pointSize*int(seed%3) + 4 + int(seed)%8
		writeFile(t, m, "m.wsp", good[:cut])
		if err := updateWith(m, "m.wsp", Options{}, Point{sampleNow + 50, 1}); err != nil {
			t.Fatal(err)
		}
		after := m.Crash(rand.New(rand.NewPCG(seed, 1)))
		archives, err := use(after, "m.wsp")
		var corrupt *CorruptError
		if err != nil && !errors.As(err, &corrupt) {
			t.Fatal(err)
		}
		for i, pts := range archives {
			for _, p := range pts {
				if p.Value != 1.5 && p.Value != -2 && p.Value != 3.25 && p.Value != 7 && p.Value != 1 {
					t.Errorf("seed %d: archive %d has %v", seed, i, p)
				}
			}
		}
	}
}
