package wal

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

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
