package whisper

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"slices"
	"testing"

	"graphited/whisper/vfs"
)

func pack(t testing.TB, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write(b)
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestGzip checks that a packed file gives the same answers as the unpacked file for all ranges,
// also when the file is short, longer than its archives, or packed in pieces.
func TestGzip(t *testing.T) {
	m := vfs.NewMem()
	mustCreate(t, m, "m.wsp", "60:30,300:40,900:20", Last, sampleNow)
	for i := range int64(60) {
		mustUpdate(t, m, "m.wsp", sampleNow+i*100, Point{sampleNow + i*100, float64(i)})
	}
	now := int64(sampleNow + 6000)
	good, err := vfs.ReadFile(m, "m.wsp")
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct{ plain, packed []byte }{
		"whole":     {good, pack(t, good)},
		"short":     {good[:len(good)-50], pack(t, good[:len(good)-50])},
		"no points": {good[:70], pack(t, good[:70])},
		"longer":    {good, pack(t, append(slices.Clone(good), good...))},
		"in pieces": {good, append(pack(t, good[:100]), pack(t, good[100:])...)},
		"padded":    {good, append(pack(t, good), 0, 0, 0)},
	} {
		writeFile(t, m, "m.wsp", c.plain)
		writeFile(t, m, "m.wsp.gz", c.packed)
		plain, err := OpenRead(m, "m.wsp")
		if err != nil {
			t.Fatal(what, err)
		}
		packed, err := OpenGzip(m, "m.wsp.gz")
		if err != nil {
			t.Fatal(what, err)
		}
		if !slices.Equal(plain.Spec().Archives, packed.Spec().Archives) || packed.Missing() != 0 {
			t.Errorf("%s: %v, %d bytes missing", what, packed.Spec(), packed.Missing())
		}
		for from := now - 18000; from <= now; from += 290 {
			for until := from; until <= now+60; until += 890 {
				want, werr := plain.Fetch(from, until, now)
				got, err := packed.Fetch(from, until, now)
				if fmt.Sprint(got) != fmt.Sprint(want) || errors.Is(err, ErrNoData) != errors.Is(werr, ErrNoData) {
					t.Fatalf("%s: %d to %d: %v, %v, want %v, %v", what, from, until, got, err, want, werr)
				}
			}
		}
		if err := errors.Join(plain.Close(), packed.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestGzipDamaged checks that a file that cannot be unpacked counts as damaged, and that an error
// of the disk does not.
func TestGzipDamaged(t *testing.T) {
	m := vfs.NewMem()
	good := newSample(t, m)
	packed := pack(t, good)
	fetch := func(fsys vfs.FS) error {
		f, err := OpenGzip(fsys, "m.wsp.gz")
		if err != nil {
			return err
		}
		_, err = f.Fetch(sampleNow-900, sampleNow, sampleNow)
		return errors.Join(err, f.Close())
	}
	flipped := slices.Clone(packed)
	for i := 10; i < len(flipped)-8; i++ {
		flipped[i] ^= 0x5a
	}
	for what, b := range map[string][]byte{
		"empty": {}, "no gzip": good, "cut in the head": packed[:5], "cut": packed[:30], "flipped": flipped, "another file": pack(t, []byte("no whisper file")), "head cut": pack(t, good[:39]),
	} {
		writeFile(t, m, "m.wsp.gz", b)
		var corrupt *CorruptError
		if err := fetch(m); !errors.As(err, &corrupt) || corrupt.Path != "m.wsp.gz" {
			t.Errorf("%s: %v", what, err)
		}
	}
	writeFile(t, m, "m.wsp.gz", packed)
	failing := &vfs.Fail{FS: m, Hook: func(op vfs.Op) error {
		if op.Kind == "ReadAt" {
			return errInjected
		}
		return nil
	}}
	var corrupt *CorruptError
	if err := fetch(failing); !errors.Is(err, errInjected) || errors.As(err, &corrupt) {
		t.Error(err)
	}
	if err := m.Remove("m.wsp.gz"); err != nil {
		t.Fatal(err)
	}
	if err := fetch(m); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestGzipBomb checks that neither data behind the archives nor large archives take memory.
func TestGzipBomb(t *testing.T) {
	m := vfs.NewMem()
	good := newSample(t, m)
	behind := pack(t, append(slices.Clone(good), make([]byte, 32<<20)...))
	large := pack(t, append(newLayout(Spec{Archives: []Archive{{1, 60}, {60, 4 << 20}}, Method: Last}).appendHeader(nil), make([]byte, 32<<20)...))
	for what, b := range map[string][]byte{"behind": behind, "large": large} {
		writeFile(t, m, "m.wsp.gz", b)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		f, err := OpenGzip(m, "m.wsp.gz")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = f.Fetch(sampleNow-3600, sampleNow, sampleNow); err != nil {
			t.Error(err)
		}
		f.Close()
		runtime.ReadMemStats(&after)
		if n := after.TotalAlloc - before.TotalAlloc; n > 4<<20 {
			t.Errorf("%s: %d bytes of memory for %d packed ones", what, n, len(b))
		}
	}
}
