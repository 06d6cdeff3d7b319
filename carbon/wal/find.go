package wal

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"graphited/whisper/vfs"
)

// find lists the segments in the folder.
func (l *Log) find() error {
	list, err := l.fsys.ReadDir(l.o.Dir)
	if err != nil {
		return err
	}
	for _, e := range list {
		base, cut := strings.CutSuffix(e.Name, corruptSuffix)
		seq, ok := parseName(base)
		switch {
		case ok && !e.Type.IsDir():
			l.next = max(l.next, seq+1)
			if !cut {
				l.old = append(l.old, &segment{seq: seq})
			}
		case strings.HasSuffix(e.Name, segmentSuffix+partialSuffix) || vfs.IsTemp(e.Name):
			if err := l.fsys.Remove(l.path(e.Name)); err != nil {
				l.o.Tell("cannot remove an unfinished segment of the log", err)
			}
		}
	}
	kept := l.old[:0]
	for _, s := range l.old {
		ok, err := l.inspect(s)
		if err != nil {
			return err
		}
		if ok {
			kept = append(kept, s)
		}
	}
	l.old = kept
	for _, s := range slices.Backward(l.old) {
		if l.newest = l.newestIn(s); l.newest != 0 {
			break
		}
	}
	l.setTable(slices.Clone(l.old))
	return nil
}

// inspect reads the header of an old segment. It returns false if there is nothing to replay.
func (l *Log) inspect(s *segment) (ok bool, err error) {
	r, f, err := l.open(s, nil)
	if err == nil {
		s.size.Store(r.size)
		err = f.Close()
	}
	var bad *headerError
	if !errors.As(err, &bad) {
		s.refs.Store(1) // removed once it has been replayed, even if it is damaged
		return true, nil
	}
	path := l.path(s.name())
	if bad == errNoHeader {
		// The crash came before the first sync.
		if err := l.fsys.Remove(path); err != nil {
			l.o.Tell("cannot remove an empty segment of the log", err)
		}
		return false, nil
	}
	err = fmt.Errorf("cannot read segment %q: %w", s.name(), err)
	if l.o.Strict {
		return false, err
	}
	l.stats.damaged.Add(1)
	l.o.Tell("a segment of the log is damaged and set aside as *"+corruptSuffix, err)
	if err := l.fsys.Rename(path, path+corruptSuffix); err != nil {
		l.o.Tell("cannot set aside a damaged segment of the log", err)
	}
	return false, nil
}

// open opens an old segment for reading and checks its header.
func (l *Log) open(s *segment, buf []byte) (*reader, vfs.File, error) {
	f, err := l.fsys.Open(l.path(s.name()), os.O_RDONLY, 0)
	if err != nil {
		return nil, nil, err
	}
	info, err := f.Stat()
	var h [page]byte
	var n int
	if err == nil {
		if n, err = f.ReadAt(h[:], 0); errors.Is(err, io.EOF) {
			err = nil
		}
	}
	var seed uint32
	var copied int64
	if err == nil {
		seed, copied, err = parseHeader(h[:n], s.seq)
	}
	if err != nil {
		return nil, nil, errors.Join(err, f.Close())
	}
	r := newReader(f, info.Size, seed, buf)
	r.copied = copied
	return r, f, nil
}

// newestIn returns the reception time of the last points in a segment.
func (l *Log) newestIn(s *segment) (newest int64) {
	r, f, err := l.open(s, nil)
	if err != nil {
		return 0
	}
	defer f.Close()
	for {
		kind, payload, ok := r.next()
		if !ok {
			return newest
		}
		if now, _, ok := received(payload); ok && kind == kindPoints {
			newest = now
		}
	}
}
