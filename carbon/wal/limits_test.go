package wal

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"graphited/whisper/vfs"
)

// TestProbe: a probe leaves no reference, and the empty segment that it may begin is not removed
// below the batches that follow.
func TestProbe(t *testing.T) {
	m := vfs.NewMem()
	l := open(t, m, Options{})
	must(t, l.Probe(1))
	if seg, pinned, _ := l.Oldest(); seg != 1 || pinned {
		t.Errorf("after a probe the oldest segment is %d, with references: %v", seg, pinned)
	}
	if n, err := l.Prune(func() error { return nil }); n != 0 || err != nil {
		t.Errorf("%d segments removed, %v", n, err)
	}
	want := sample{name: "a", time: 7}
	_, err := newSender().send(l, 1, want)
	must(t, err)
	must(t, l.Close(false))
	if got, _ := replay(t, open(t, m, Options{})); !slices.Equal(got, []sample{want}) {
		t.Errorf("replayed %v", got)
	}
}

// TestReleasedTooOften: the last reference can be released once.
func TestReleasedTooOften(t *testing.T) {
	l := open(t, vfs.NewMem(), Options{})
	seg, err := newSender().send(l, 1, sample{name: "a"})
	must(t, err)
	l.Release(seg)
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	l.Release(seg)
}

func TestKeep(t *testing.T) {
	l := open(t, vfs.NewMem(), Options{})
	seg, err := newSender().send(l, 1, sample{name: "a"})
	must(t, err)
	l.Release(seg)
	for _, on := range []bool{true, false} {
		l.Keep(on)
		want := 1
		if on {
			want = 0
		}
		if n, err := l.Prune(func() error { return nil }); n != want || err != nil {
			t.Errorf("kept: %v: %d segments removed, %v", on, n, err)
		}
	}
}

// TestSegmentSize: a segment that has reached the size takes no further batch.
func TestSegmentSize(t *testing.T) {
	two := func(size int64) (first int64, segs []uint64) {
		l := open(t, vfs.NewMem(), Options{SegmentSize: size})
		s := newSender()
		for i := range int64(2) {
			seg, err := s.send(l, i, sample{name: "a"})
			must(t, err)
			if segs = append(segs, seg); i == 0 {
				_, _, first = l.Oldest()
			}
		}
		return first, segs
	}
	first, _ := two(0)
	for size, want := range map[int64][]uint64{first: {1, 2}, first + 1: {1, 1}} {
		if _, got := two(size); !slices.Equal(got, want) {
			t.Errorf("with segments of %d bytes batches of %d are in %v, want %v", size, first, got, want)
		}
	}
}

func TestLongestName(t *testing.T) {
	m := vfs.NewMem()
	l := open(t, m, Options{})
	want := sample{name: strings.Repeat("x", maxName)}
	_, err := newSender().send(l, 1, want)
	must(t, err)
	must(t, l.Close(false))
	if got, _ := replay(t, open(t, m, Options{Strict: true})); !slices.Equal(got, []sample{want}) {
		t.Errorf("%d points replayed", len(got))
	}
}

// TestIdsOfLostNames: names whose batch could not be written use up ids. A segment with too many of
// them ends, since its reader would take higher ids for damage.
func TestIdsOfLostNames(t *testing.T) {
	m := vfs.NewMem()
	fail := false
	l := open(t, &vfs.Fail{FS: m, Hook: func(op vfs.Op) error {
		if fail && op.Kind == "WriteAt" {
			return errInjected
		}
		return nil
	}}, Options{})
	s, want := newSender(), []sample{{name: "first"}, {name: "last"}}
	_, err := s.send(l, 1, want[0])
	must(t, err)
	var lost []sample
	for i := range 2 * idSlack {
		lost = append(lost, sample{name: fmt.Sprint(i)})
	}
	fail = true
	if _, err := s.send(l, 1, lost...); err == nil {
		t.Fatal("a batch was written to a disk that takes nothing")
	}
	fail = false
	_, err = s.send(l, 1, want[1])
	must(t, err)
	must(t, l.Close(false))
	if got, st := replay(t, open(t, m, Options{})); !slices.Equal(got, want) {
		t.Errorf("replayed %v, %+v", got, st)
	}
}

// TestIdLimit: the ids in a record are bounded, since each costs memory whether it is used or not.
func TestIdLimit(t *testing.T) {
	for id, want := range map[uint64]bool{100: true, 101: false} {
		n := 0
		payload := append(binary.AppendUvarint(nil, id), 1, 'a')
		if ok := eachName(payload, 100, func(uint64, []byte) { n++ }); ok != want || (n > 0) != want {
			t.Errorf("id %d with a limit of 100: %v, %d names", id, ok, n)
		}
	}
}

// TestNewFolderIsDurable: a power cut must not take a new log with its folder.
func TestNewFolderIsDurable(t *testing.T) {
	var synced []string
	fsys := &vfs.Fail{FS: vfs.NewMem(), Hook: func(op vfs.Op) error {
		if op.Kind == "SyncDir" {
			synced = append(synced, filepath.ToSlash(op.Name))
		}
		return nil
	}}
	must(t, open(t, fsys, Options{Dir: "data/wal"}).Close(false))
	if !slices.Contains(synced, "data") {
		t.Errorf("the folders %q were synced, and not the one with the new folder in it", synced)
	}
}

// TestPruneWhileAway: what has the names of the segments in another folder is not removed.
func TestPruneWhileAway(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder in use cannot be renamed here")
	}
	dir := filepath.Join(t.TempDir(), "log")
	l := open(t, vfs.OS{}, Options{Dir: dir})
	defer func() { _ = l.Close(false) }()
	seg, err := newSender().send(l, 1, sample{name: "a"})
	must(t, err)
	l.Release(seg)
	must(t, os.Rename(dir, dir+".away"))
	must(t, os.Mkdir(dir, 0o755))
	other := filepath.Join(dir, segmentName(seg))
	must(t, os.WriteFile(other, []byte("precious"), 0o644))
	synced := false
	if n, err := l.Prune(func() error { synced = true; return nil }); n != 0 || !errors.Is(err, vfs.ErrAway) || synced {
		t.Errorf("%d segments removed, %v, files synced: %v", n, err, synced)
	}
	if _, err := os.Stat(other); err != nil {
		t.Error(err)
	}
}

// TestRereadThatEnds: a Reread that ends early leaves no reference.
func TestRereadThatEnds(t *testing.T) {
	l := open(t, vfs.NewMem(), Options{})
	seg, err := newSender().send(l, 1, sample{name: "a"})
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Reread(ctx, func(*Point) {}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	l.Release(seg)
	if n, err := l.Prune(func() error { return nil }); n != 1 || err != nil {
		t.Errorf("%d segments removed, %v", n, err)
	}
}

// TestWriteThatCannotBeUndone: when a batch is written in part, and the part cannot be cut off, the
// next batch goes to another segment: what follows damage in a segment may not be read.
func TestWriteThatCannotBeUndone(t *testing.T) {
	m := vfs.NewMem()
	fail := false
	l := open(t, &vfs.Fail{FS: m, Short: true, Hook: func(op vfs.Op) error {
		if fail && (op.Kind == "WriteAt" || op.Kind == "Truncate") {
			return errInjected
		}
		return nil
	}}, Options{})
	s, want := newSender(), samples(2, 2, 100)
	first, err := s.send(l, 1, want[0])
	must(t, err)
	fail = true
	if _, err := s.send(l, 1, samples(9, 9, 900)...); err == nil {
		t.Fatal("a batch was written to a disk that takes nothing")
	}
	fail = false
	second, err := s.send(l, 1, want[1])
	must(t, err)
	if second == first {
		t.Errorf("the batch is in segment %d behind a part of another one", second)
	}
	must(t, l.Close(false))
	got, st := replay(t, open(t, m, Options{}))
	for _, p := range want {
		if !slices.Contains(got, p) {
			t.Errorf("%v is lost, %+v", p, st)
		}
	}
}

// TestWaitBetweenSyncs: the wait between two tries of a sync that fails doubles, up to a minute.
func TestWaitBetweenSyncs(t *testing.T) {
	l := open(t, &vfs.Fail{FS: vfs.NewMem(), Hook: func(op vfs.Op) error {
		if op.Kind == "SyncData" {
			return errInjected
		}
		return nil
	}}, Options{Sync: Interval})
	_, err := newSender().send(l, 1, sample{name: "a"})
	must(t, err)
	for _, seconds := range []time.Duration{1, 2, 4, 8, 16, 32, 60, 60} {
		want := seconds * time.Second
		l.retryAt = time.Time{}
		if err := l.Sync(); !errors.Is(err, ErrNotDurable) {
			t.Fatal(err)
		}
		if l.wait != want {
			t.Fatalf("the wait is %v, want %v", l.wait, want)
		}
	}
}

// TestIncompleteCopy: of a segment that is a copy of others, and is damaged in it, only what came
// after the copy is replayed: an older value of the copy could stand for a newer one that is lost.
func TestIncompleteCopy(t *testing.T) {
	for _, damaged := range []bool{false, true} {
		h, seed := newHeader(1)
		record := func(b []byte, points ...Entry) []byte { return appendPoints(b, seed, 1, points) }
		a := Entry{Ref: new(Ref), Name: "a"}
		b, _, err := appendNames(nil, seed, 1, 0, []Entry{a})
		must(t, err)
		at := func(n uint32) Entry { e := a; e.Time = n; return e }
		b = record(b, at(1))
		second := len(b)
		b = record(b, at(2))
		sealHeader(h, int64(headerSize+len(b)))
		want := []uint32{1, 2, 3}
		if b = record(b, at(3)); damaged {
			b[second+recordHead+1] ^= 1
			want = want[2:]
		}
		m := vfs.NewMem()
		must(t, m.MkdirAll("wal", 0o755))
		must(t, vfs.WriteFile(m, "wal/"+segmentName(1), append(h, b...), 0o644))
		got, _ := replay(t, open(t, m, Options{}))
		var times []uint32
		for _, p := range got {
			times = append(times, p.time)
		}
		if !slices.Equal(times, want) {
			t.Errorf("damaged: %v: the points of %v are replayed, want %v", damaged, times, want)
		}
	}
}
