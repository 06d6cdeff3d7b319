package wal

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"graphited/whisper/vfs"
)

var size = flag.Int64("wal.size", 3, "KiB that TestCut and TestFlip cut and damage at every byte")

const batchSize = 20

// build returns the content of a segment of at least size bytes, its points, and a function that
// counts the points in the first n bytes. Most bytes are names, so that reading is fast.
func build(t testing.TB, size int64, sealed bool) (content []byte, all []sample, within func(n int) int) {
	t.Helper()
	m := vfs.NewMem()
	l := open(t, m, Options{})
	s := newSender()
	ends := []int64{}
	for i := 0; i == 0 || ends[i-1] < size; i++ {
		batch := samples(batchSize, 10, uint32(i*1000))
		for b := range batch {
			batch[b].name += strings.Repeat(".name", (b+i)%30) // some names are new, some are not
		}
		_, err := s.send(l, int64(i), batch...)
		must(t, err)
		all = append(all, batch...)
		ends = append(ends, l.cur.off)
	}
	if sealed {
		must(t, l.Close(false))
	}
	content, err := vfs.ReadFile(m, "wal/"+segmentName(1))
	must(t, err)
	return content, all, func(n int) int {
		i, _ := slices.BinarySearch(ends, int64(n)+1)
		return i * batchSize
	}
}

// load replays a folder that holds a segment with the given content, followed by an undamaged one.
func load(t testing.TB, content []byte, o Options) (*vfs.Mem, *Log, []sample, ReplayStats, error) {
	t.Helper()
	m := vfs.NewMem()
	must(t, m.MkdirAll("wal", 0o755))
	must(t, vfs.WriteFile(m, "wal/"+segmentName(1), content, 0o644))
	must(t, vfs.WriteFile(m, "wal/"+segmentName(2), goodSegment(), 0o644))
	o.Dir = "wal"
	l, err := Open(m, o)
	if err != nil {
		return m, nil, nil, ReplayStats{}, err
	}
	var got []sample
	st, err := l.Replay(t.Context(), func(p *Point) { got = append(got, point(p)) })
	return m, l, got, st, err
}

var last = sample{"last", 77, 7}

func goodSegment() []byte {
	b, seed := newHeader(2)
	e := entriesOf(last)
	b, _, _ = appendNames(b, seed, 2, 0, e)
	return appendPoints(b, seed, 99, e)
}

// TestCut cuts a log at every length: all points before the cut are found, and nothing else.
func TestCut(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		content, all, within := build(t, *size<<10, sealed)
		for n := 0; n <= len(content); n++ {
			_, l, got, st, err := load(t, content[:n], Options{Strict: true})
			if err != nil || l.Newest() != 99 {
				t.Fatalf("cut at %d: %v", n, err)
			}
			if want := append(all[:within(n):within(n)], last); !slices.Equal(got, want) || st.Damaged != 0 {
				t.Fatalf("cut at %d: %d points, want %d, %+v", n, len(got), len(want), st)
			}
		}
	}
}

// TestFlip damages every byte of a log: all points before it are found, any others found were in
// the log and come in order, and the file is set aside.
func TestFlip(t *testing.T) {
	content, all, within := build(t, *size<<10, true)
	for n := range content {
		bad := bytes.Clone(content)
		bad[n] ^= byte(1 + n%255)
		m, l, got, st, err := load(t, bad, Options{})
		if err != nil {
			t.Fatal(err)
		}
		damaged := 1
		if n >= len(content)-endSize {
			damaged = 0 // as if the end had not been written
		}
		if len(got) == 0 || got[len(got)-1] != last || l.Stats().Damaged != int64(damaged) || n >= headerSize && st.Damaged+st.Torn != 1 {
			t.Fatalf("byte %d: %d points, %+v, %+v", n, len(got), st, l.Stats())
		}
		got = got[:len(got)-1]
		before := 0
		if n >= headerSize {
			before = within(n)
		}
		if len(got) < before || !slices.Equal(got[:before], all[:before]) {
			t.Fatalf("byte %d: found %d points, want at least the %d before it", n, len(got), before)
		}
		rest := all[before:]
		for _, p := range got[before:] {
			i := slices.Index(rest, p)
			if i < 0 {
				t.Fatalf("byte %d: replayed %v, which was not appended", n, p)
			}
			rest = rest[i+1:]
		}
		if n%97 == 0 && damaged > 0 {
			if _, err := l.Prune(func() error { return nil }); err != nil {
				t.Fatal(err)
			}
			must(t, l.Close(true))
			if got := files(t, m); !slices.Equal(got, []string{segmentName(1) + corruptSuffix}) {
				t.Fatal(n, got)
			}
			if kept, err := vfs.ReadFile(m, "wal/"+segmentName(1)+corruptSuffix); err != nil || !bytes.Equal(kept, bad) {
				t.Fatal(n, err)
			}
			if _, _, _, _, err := load(t, bad, Options{Strict: true}); err == nil || !strings.Contains(err.Error(), segmentName(1)) {
				t.Fatalf("byte %d: %v", n, err)
			}
		}
	}
}

// TestStepOver damages one record whose length stays right: only its points are lost, and those
// whose names were in it, which are counted.
func TestStepOver(t *testing.T) {
	m := vfs.NewMem()
	l := open(t, m, Options{})
	s := newSender()
	var at []int64
	var all []sample
	for i := range 6 {
		batch := samples(10, 5+5*(i/3), uint32(i*1000)) // the first and the fourth have new names
		_, err := s.send(l, 1, batch...)
		must(t, err)
		at = append(at, l.cur.off)
		all = append(all, batch...)
	}
	must(t, l.Close(false))
	content, err := vfs.ReadFile(m, "wal/"+segmentName(1))
	must(t, err)
	f := func(n int64, orphans int, want ...sample) {
		t.Helper()
		bad := bytes.Clone(content)
		bad[n] ^= 1
		_, _, got, st, err := load(t, bad, Options{})
		if want = append(slices.Clip(want), last); err != nil || !slices.Equal(got, want) || st.Orphans != int64(orphans) || st.Damaged != 1 || st.Lost == 0 {
			t.Errorf("%d points of %d, %+v, %v", len(got), len(want), st, err)
		}
	}
	f(at[0]+20, 0, slices.Concat(all[:10], all[20:])...)
	f(at[5]-1, 0, all[:50]...)
	f(at[2]+20, 15, slices.Concat(all[:30], all[30:35], all[40:45], all[50:55])...)
}

func TestHeaders(t *testing.T) {
	good := goodSegment()
	f := func(what string, change func(b []byte), want string) {
		t.Helper()
		b := bytes.Clone(good)
		change(b)
		if _, _, err := parseHeader(b, 2); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", what, err)
		}
	}
	salt := func(b []byte) { b[24]++ }
	f("magic", func(b []byte) { b[0]++ }, "damaged")
	f("crc", func(b []byte) { b[39]++ }, "damaged")
	f("version", func(b []byte) { b[4]++; sealHeader(b[:headerSize], 0) }, "version is 2")
	f("salt", salt, "damaged")
	if _, _, err := parseHeader(good[:39], 2); err != errNoHeader {
		t.Error(err)
	}
	if _, _, err := parseHeader(good, 3); err == nil || !strings.Contains(err.Error(), "segment 2 under another name") {
		t.Error(err)
	}
	for base, want := range map[string]uint64{
		"0000000000000001.wal": 1, "000000000000abcd.wal": 0xabcd, "0000000000000000.wal": 0, "000000000000ABCD.wal": 0, "1.wal": 0,
		"0000000000000001.wal.part": 0, "0000000000000001.wal.corrupt": 0, "lock": 0, "ffffffffffffffff.wal": 0, "+000000000000001.wal": 0, ".wal": 0,
	} {
		if got, ok := parseName(base); got != want && ok || ok != (want != 0) {
			t.Errorf("%q: %d, %v", base, got, ok)
		}
	}
}

// TestForeignFiles checks that foreign files stay, that unfinished segments are removed, and that
// numbers continue after those of files set aside.
func TestForeignFiles(t *testing.T) {
	m := vfs.NewMem()
	must(t, m.MkdirAll("wal/"+segmentName(70), 0o755))
	for _, name := range []string{"notes.txt", segmentName(5) + corruptSuffix, segmentName(9) + partialSuffix, segmentName(3)} {
		must(t, vfs.WriteFile(m, "wal/"+name, nil, 0o644))
	}
	l := open(t, m, Options{Strict: true})
	if got := files(t, m); !slices.Equal(got, []string{segmentName(5) + corruptSuffix, segmentName(70), "notes.txt"}) {
		t.Error(got)
	}
	seg, err := newSender().send(l, 1, last)
	if err != nil || seg != 6 {
		t.Error(seg, err)
	}
}

// TestUnreadableSegment checks that a file that cannot be opened is reported and does not stop the
// replay.
func TestUnreadableSegment(t *testing.T) {
	content, _, _ := build(t, 1000, true)
	m, _, _, _, err := load(t, content, Options{})
	must(t, err)
	m2 := copyOf(t, m)
	fsys := &vfs.Fail{FS: m2, Hook: func(op vfs.Op) error {
		if op.Kind == "Open" && strings.Contains(op.Name, segmentName(1)) {
			return errInjected
		}
		return nil
	}}
	var told error
	l := open(t, fsys, Options{Tell: func(_ string, err error) { told = err }})
	got, st := replay(t, l)
	if !slices.Equal(got, []sample{last}) || st.Damaged != 1 || !errors.Is(told, errInjected) {
		t.Errorf("%v, %+v, %v", got, st, told)
	}
}

// FuzzSegment reads arbitrary bytes as a segment. What it reads must stay the same when it is
// written to another segment and read again.
func FuzzSegment(f *testing.F) {
	content, _, _ := build(f, 3000, true)
	f.Add(content[headerSize:], true)
	f.Add(goodSegment()[headerSize:], false)
	f.Add([]byte{3, 0, 0, 0, 0, 0, 0, 0, kindNames, 0, 1, 'a', 12, 0, 0, 0, 0, 0, 0, 0, kindPoints, 1, 2, 3, 4, 5, 6, 7, 8, 1, 0, 9}, true)
	f.Add([]byte{}, true)
	f.Fuzz(func(t *testing.T, body []byte, mend bool) {
		b, seed := newHeader(1)
		at := len(b)
		b = append(b, body...)
		// Correct the crcs so that the fuzzer reaches the code after them.
		for mend && len(b)-at > recordHead {
			n := int(le.Uint32(b[at:]) % 4096)
			if n == 0 || n > len(b)-at-recordHead {
				break
			}
			finishRecord(b[at:at+recordHead+n], seed)
			at += recordHead + n
		}
		_, _, got, st, err := load(t, b, Options{})
		if err != nil || len(got) == 0 || got[len(got)-1] != last {
			t.Fatal(got, st, err)
		}
		l := open(t, vfs.NewMem(), Options{})
		if _, err := newSender().send(l, 1, got...); err != nil {
			t.Fatal(err)
		}
	})
}

// TestRecorded reads segments that were written by earlier versions.
func TestRecorded(t *testing.T) {
	for seq, name := range []string{"v1-sealed.wal", "v1-torn.wal"} {
		content, err := os.ReadFile("../../testdata/wal/" + name)
		must(t, err)
		m := vfs.NewMem()
		must(t, m.MkdirAll("wal", 0o755))
		must(t, vfs.WriteFile(m, "wal/"+segmentName(1), content, 0o644))
		got, st := replay(t, open(t, m, Options{Strict: true}))
		want := samples(50, 7, 1_700_000_000)
		if !slices.Equal(got, want) || st.Torn != seq || st.Names != 7 {
			t.Errorf("%s: %d points, %+v", name, len(got), st)
		}
	}
}
