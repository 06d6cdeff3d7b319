package whisper

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"graphited/whisper/vfs"
)

// inPlace changes the content of a file and keeps its inode.
func inPlace(flag int, chunk int) func(path string, b []byte) error {
	return func(path string, b []byte) error {
		f, err := os.OpenFile(path, os.O_RDWR|flag, 0)
		if err != nil {
			return err
		}
		for off := 0; off < len(b) && err == nil; off += chunk {
			_, err = f.WriteAt(b[off:min(off+chunk, len(b))], int64(off))
		}
		return errors.Join(err, f.Truncate(int64(len(b))), f.Close())
	}
}

// replacements are ways in which other programs replace the content of a file.
var replacements = map[string]func(path string, b []byte) error{
	"cp":                inPlace(os.O_TRUNC, 1<<20),
	"cat in pieces":     inPlace(os.O_TRUNC, 100),
	"rsync --inplace":   inPlace(0, 700),
	"tar: rm and write": func(path string, b []byte) error { return errors.Join(os.Remove(path), os.WriteFile(path, b, 0o644)) },
	"mv": func(path string, b []byte) error {
		return errors.Join(os.WriteFile(path+".new", b, 0o644), os.Rename(path+".new", path))
	},
	"the file renamed, as whisper-resize does": func(path string, b []byte) error {
		return errors.Join(os.Rename(path, path+".bak"), os.WriteFile(path, b, 0o644))
	},
	"cp -p: the times of before": func(path string, b []byte) error {
		info, err := os.Stat(path)
		if err != nil {
			return err
		}
		return errors.Join(inPlace(0, 1<<20)(path, b), os.Chtimes(path, time.Time{}, info.ModTime()))
	},
	"rm and another file with the inode": func(path string, b []byte) error {
		before, err := (vfs.OS{}).Stat(path)
		if err != nil {
			return err
		}
		if err := os.Remove(path); err != nil {
			return err
		}
		for range 100 { // most file systems reuse the inode at once
			if err := os.WriteFile(path, b, 0o644); err != nil {
				return err
			}
			if info, err := (vfs.OS{}).Stat(path); err != nil || info.Inode == before.Inode {
				return err
			}
			if err := os.Remove(path); err != nil {
				return err
			}
		}
		return os.WriteFile(path, b, 0o644)
	},
}

// replacing has pairs of files: the old content and its replacement.
var replacing = map[string][2]string{
	"the same archives, turned otherwise": {"60:5,300:4", "60:5,300:4"},
	"other archives of the same size":     {"60:6,180:5", "30:6,180:5"},
	"a shorter file":                      {"60:5,300:4", "60:5"},
	"a longer file":                       {"60:5,300:4", "60:10,300:4,900:6"},
}

// TestReplacedFile lets other programs replace a file between two updates, within one tick of the
// file system's clock. The later update and fetch must have the same results as with the new
// content alone.
func TestReplacedFile(t *testing.T) {
	for way, replace := range replacements {
		for what, layouts := range replacing {
			for _, held := range []bool{false, true} { // whether the file stays open meanwhile
				dir := t.TempDir()
				path, other := filepath.Join(dir, "m.wsp"), filepath.Join(dir, "other.wsp")
				mustCreate(t, vfs.OS{}, path, layouts[0], Last, sampleNow, Point{sampleNow - 180, 1}, Point{sampleNow - 900, 2})
				mustCreate(t, vfs.OS{}, other, layouts[1], Last, sampleNow, Point{sampleNow - 60, 3}, Point{sampleNow - 1100, 4})
				content, err := os.ReadFile(other)
				if err != nil {
					t.Fatal(err)
				}
				f, err := Open(vfs.OS{}, path, Options{})
				if err != nil {
					t.Fatal(err)
				}
				if err := f.Update(sampleNow, []Point{{sampleNow - 120, 5}}); err != nil {
					t.Fatal(err)
				}
				if err := replace(path, content); err != nil {
					t.Fatal(err)
				}
				now, pts := int64(sampleNow+60), []Point{{sampleNow, 6}, {sampleNow + 60, 7}, {sampleNow - 240, 8}}
				mustUpdate(t, vfs.OS{}, other, now, pts...)
				if got, err := (vfs.OS{}).Stat(path); held && err == nil && got.Inode == f.inode {
					err = f.Update(now, pts)
					if err != nil {
						t.Fatal(err)
					}
				} else {
					mustUpdate(t, vfs.OS{}, path, now, pts...)
				}
				if err := f.Close(); err != nil {
					t.Fatal(err)
				}
				got, _ := os.ReadFile(path)
				want, _ := os.ReadFile(other)
				if !bytes.Equal(got, want) {
					t.Errorf("%s, %s (held open: %v):\n%x, want\n%x", way, what, held, got, want)
				}
			}
		}
	}
}

// TestReplacedHead damages the header of a file between updates, and restores it.
func TestReplacedHead(t *testing.T) {
	m := vfs.NewMem()
	good := newSample(t, m)
	f, err := Open(m, "m.wsp", Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	pts := []Point{{sampleNow, 1}}
	if err := f.Update(sampleNow, pts); err != nil {
		t.Fatal(err)
	}
	h, err := m.Open("m.wsp", os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	before, _ := vfs.ReadFile(m, "m.wsp")
	for _, head := range [][]byte{[]byte("damage"), make([]byte, 40), append(bytes.Clone(good[:16]), 0, 0, 0, 1), good[:16+4]} {
		if _, err := h.WriteAt(head, 0); err != nil {
			t.Fatal(err)
		}
		if len(head) == 20 && head[19] == good[19] {
			if err := h.Truncate(20); err != nil {
				t.Fatal(err)
			}
		}
		var corrupt *CorruptError
		for range 2 {
			if err := f.Update(sampleNow, pts); !errors.As(err, &corrupt) || f.Spec().Method != Max {
				t.Errorf("%q: %v", head, err)
			}
			if _, err := f.Fetch(sampleNow-60, sampleNow, sampleNow); !errors.As(err, &corrupt) {
				t.Errorf("%q: %v", head, err)
			}
			if err := updateWith(m, "m.wsp", Options{}, pts...); !errors.As(err, &corrupt) {
				t.Errorf("%q: %v", head, err)
			}
		}
		if _, err := h.WriteAt(before, 0); err != nil {
			t.Fatal(err)
		}
		if err := f.Update(sampleNow, pts); err != nil {
			t.Errorf("%q: %v", head, err)
		}
		if after, _ := vfs.ReadFile(m, "m.wsp"); !bytes.Equal(after, before) {
			t.Errorf("%q: the bytes differ afterwards", head)
		}
	}
}
