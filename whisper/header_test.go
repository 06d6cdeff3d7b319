package whisper

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"graphited/whisper/vfs"
)

const sampleNow = 1_700_000_170

var sampleSpec = Spec{Archives: []Archive{{60, 5}, {300, 4}}, Method: Max, XFilesFactor: 0.5}

// newSample creates a small file, "m.wsp", with points in both archives.
func newSample(t testing.TB, fsys vfs.FS) []byte {
	t.Helper()
	pts := []Point{{1700000040, 1.5}, {1700000100, -2}, {1700000160, 3.25}, {1699999200, 7}}
	if err := Create(fsys, "m.wsp", sampleSpec, sampleNow, pts, Options{}); err != nil {
		t.Fatal(err)
	}
	b, err := vfs.ReadFile(fsys, "m.wsp")
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func writeFile(t testing.TB, fsys vfs.FS, name string, b []byte) {
	t.Helper()
	if err := vfs.WriteFile(fsys, name, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// The bytes are those that whisper.create and update_many write.
func TestFormat(t *testing.T) {
	m := vfs.NewMem()
	pts := []Point{{1700000040, 1.5}, {1700000100, -2}, {1700000160, 3.25}}
	if err := Create(m, "m.wsp", sampleSpec, sampleNow, pts, Options{}); err != nil {
		t.Fatal(err)
	}
	got, err := vfs.ReadFile(m, "m.wsp")
	if err != nil {
		t.Fatal(err)
	}
	want, err := hex.DecodeString("00000004000004b03f00000000000002000000280000003c00000005000000640000012c00000004" +
		"6553f1283ff80000000000006553f164c0000000000000006553f1a0400a000000000000" + strings.Repeat("00", 72))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("got  %x\nwant %x", got, want)
	}
}

// use runs every operation on a file and returns the values that both archives answer.
func use(fsys vfs.FS, name string) (archives [][]Point, err error) {
	f, err := Open(fsys, name, Options{})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	for i, a := range f.Spec().Archives {
		if a.Points > 1000 {
			continue // a damaged header, and a large file
		}
		s, err := f.fetch(i, a.window(sampleNow-a.Retention(), sampleNow))
		if err != nil {
			return nil, err
		}
		var pts []Point
		for k, v := range s.Values {
			if v == v {
				pts = append(pts, Point{s.From + int64(k)*s.Step, v})
			}
		}
		archives = append(archives, pts)
	}
	return archives, f.Update(sampleNow+60, []Point{{sampleNow + 50, 1}, {sampleNow - 200, 2}, {sampleNow - 900, 3}})
}

func TestCutFile(t *testing.T) {
	m := vfs.NewMem()
	b := newSample(t, m)
	for n := range headerSize + 2*archiveSize { // a file that is cut behind the header is only short
		writeFile(t, m, "cut.wsp", b[:n])
		_, err := use(m, "cut.wsp")
		var corrupt *CorruptError
		if !errors.As(err, &corrupt) || corrupt.Path != "cut.wsp" || corrupt.Empty != (n == 0) || !strings.Contains(err.Error(), "cut.wsp") {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	writeFile(t, m, "long.wsp", append(b, 1, 2, 3))
	if _, err := use(m, "long.wsp"); err != nil {
		t.Error(err)
	}
	writeFile(t, m, "zero.wsp", make([]byte, len(b)))
	var corrupt *CorruptError
	if _, err := use(m, "zero.wsp"); !errors.As(err, &corrupt) || !corrupt.Empty {
		t.Error(err)
	}
	writeFile(t, m, "gocompressed.wsp", append([]byte("whisper_compressed\x01"), make([]byte, 500)...))
	if _, err := use(m, "gocompressed.wsp"); !errors.As(err, &corrupt) || !strings.Contains(corrupt.Reason, "compressed") {
		t.Error(err)
	}
}

// TestDamagedHeader changes each byte of the header to each value. Either the file is refused, or
// all values that it returns were stored.
func TestDamagedHeader(t *testing.T) {
	m := vfs.NewMem()
	good := newSample(t, m)
	stored, err := use(m, "m.wsp")
	if err != nil || len(stored[0]) == 0 || len(stored[1]) == 0 {
		t.Fatal(stored, err)
	}
	refused := 0
	for i := range 40 {
		for v := range 256 {
			b := slices.Clone(good)
			b[i] = byte(v)
			writeFile(t, m, "bad.wsp", b)
			got, err := use(m, "bad.wsp")
			var corrupt *CorruptError
			if errors.As(err, &corrupt) {
				refused++
				continue
			} else if err != nil {
				t.Fatalf("byte %d = %d: %v", i, v, err)
			}
			for k, pts := range got {
				for _, p := range pts {
					if !slices.Contains(stored[k], p) {
						t.Errorf("byte %d = %d: archive %d has %v", i, v, k, p)
					}
				}
			}
		}
	}
	if refused < 9000 {
		t.Errorf("%d of %d headers refused", refused, 40*256)
	}
}

func TestManyArchives(t *testing.T) {
	m := vfs.NewMem()
	for _, n := range []int{19, 20, 21, 30} {
		s := Spec{Method: Last}
		for i := range n {
			s.Archives = append(s.Archives, Archive{1 << i, 3 + int64(i)%2})
		}
		pts := []Point{{sampleNow, 5}}
		if err := Create(m, "many.wsp", s, sampleNow, pts, Options{}); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			f, err := Open(m, "many.wsp", Options{})
			if err != nil {
				t.Fatal(err)
			}
			now := int64(sampleNow + i)
			if err := f.Update(now, []Point{{now, float64(i)}}); err != nil {
				t.Fatal(err)
			}
			if got, err := f.Fetch(now-1, now, now); err != nil || !slices.Equal(got.Values, []float64{float64(i)}) {
				t.Errorf("%d archives: %v, %v", n, got, err)
			}
			coarse, err := f.fetch(n-1, s.Archives[n-1].window(now-s.Archives[n-1].Step, now))
			if err != nil || coarse.Values[len(coarse.Values)-1] != float64(i) {
				t.Errorf("%d archives: %v, %v", n, coarse, err)
			}
			if err := f.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := m.Remove("many.wsp"); err != nil {
			t.Fatal(err)
		}
	}
}

// FuzzFile opens, reads and updates a file with arbitrary content.
func FuzzFile(f *testing.F) {
	b := newSample(f, vfs.NewMem())
	f.Add(b)
	f.Add(b[:20])
	f.Add([]byte("whisper_compressed"))
	wide := slices.Clone(b)
	binary.BigEndian.PutUint32(wide[12:], math.MaxUint32)
	f.Add(wide)
	f.Fuzz(func(t *testing.T, b []byte) {
		m := vfs.NewMem()
		writeFile(t, m, "f.wsp", b)
		if _, err := use(m, "f.wsp"); err != nil && !strings.Contains(err.Error(), "f.wsp") {
			t.Error(err)
		}
	})
}

// FuzzPoints writes arbitrary bytes to the archives. No answer may contain a value for a time other
// than its own.
func FuzzPoints(f *testing.F) {
	b := newSample(f, vfs.NewMem())
	f.Add(b[40:])
	f.Fuzz(func(t *testing.T, points []byte) {
		file := slices.Clone(b)
		copy(file[40:], points)
		m := vfs.NewMem()
		writeFile(t, m, "f.wsp", file)
		got, err := use(m, "f.wsp")
		if err != nil {
			t.Fatal(err)
		}
		for k, pts := range got {
			for _, p := range pts {
				if want := appendPoint(nil, p.Time, p.Value); !bytes.Contains(file[40:], want) {
					t.Errorf("archive %d has %v", k, p)
				}
			}
		}
	})
}
