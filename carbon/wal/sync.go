package wal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"graphited/whisper/vfs"
)

// errUnreadable says that what a failed sync left in doubt could not be read back.
var errUnreadable = errors.New("what a failed sync left in doubt cannot be read back")

const (
	readTries = 3         // syncs that may fail with errUnreadable before the unreadable part is given up
	relogMax  = 128 << 20 // most bytes that are copied to a new segment after a failed sync
	waitMin   = time.Second
	waitMax   = time.Minute // longest time between two attempts to sync while syncs fail
)

// Run syncs the log until ctx ends, every SyncInterval and when many bytes are unsynced. With the
// policy Never it only waits. With Always it only repeats failed syncs.
func (l *Log) Run(ctx context.Context) error {
	if l.o.Sync == Never {
		<-ctx.Done()
		return nil
	}
	tick := time.NewTicker(l.o.SyncInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		case <-l.kick:
		}
		_ = l.Sync() // Sync has reported and counted the error, and the next one tries again
	}
}

// Sync makes durable what was appended before the call, unless the policy is Never. The error wraps
// ErrNotDurable.
// After a failure it tries again immediately with a new file. If that fails, too, it waits a second
// before the next attempt, then two, up to a minute. Until then it returns the error.
func (l *Log) Sync() error {
	if l.o.Sync == Never {
		return nil
	}
	l.mu.Lock()
	end := l.written
	if l.durable.Load() == end {
		l.trim()
	}
	l.mu.Unlock()
	return l.reach(end)
}

// trim frees the memory for unsynced bytes. Everything must be durable. The caller must hold l.mu.
func (l *Log) trim() {
	l.spare = nil
	if t := l.cur; t != nil && len(t.pending) == 0 && t.pendingOff == t.off {
		t.pending = nil
	}
}

// reach waits until the first end bytes are durable. A caller that had to wait usually finds them
// synced.
func (l *Log) reach(end int64) error {
	l.syncing.Lock()
	defer l.syncing.Unlock()
	if l.durable.Load() < end {
		if err := l.sync(); err != nil {
			return fmt.Errorf("%w: %w", ErrNotDurable, err)
		}
	}
	if end <= l.doubt {
		return fmt.Errorf("%w: %w", ErrNotDurable, errUnreadable)
	}
	return nil
}

// sync makes durable everything that has been written. The caller must hold l.syncing.
func (l *Log) sync() error {
	l.mu.Lock()
	if l.failed != nil {
		err, wait := l.failed, time.Now().Before(l.retryAt)
		if wait && errors.Is(err, vfs.ErrAway) {
			wait = l.place.Here() != nil // it may be back
		}
		l.mu.Unlock()
		if wait {
			return err
		}
		return l.rescue()
	}
	target := l.written
	todo := make([]*tail, len(l.unsynced))
	ends := make([]int64, len(todo))
	for i, t := range l.unsynced {
		todo[i], ends[i] = t, t.off
	}
	l.mu.Unlock()
	for i, t := range todo {
		err := l.flush(t, ends[i])
		if errors.Is(err, vfs.ErrAway) {
			return err
		}
		if err != nil {
			l.o.Tell("cannot sync the log; copying what is not durable to a new file", err)
			return l.rescue()
		}
	}
	l.durable.Store(target)
	return nil
}

// flush makes the first end bytes of a segment and its name durable. It closes a segment that is
// complete.
func (l *Log) flush(t *tail, end int64) error {
	if end > t.synced {
		start := time.Now()
		err := t.file.SyncData()
		if err == nil {
			err = t.there()
		}
		if err == nil && !t.named {
			if away := l.place.Here(); away != nil {
				return away // the name can be made durable when the folder is back
			}
			err = l.fsys.SyncDir(l.o.Dir)
		}
		l.stats.synced(time.Since(start), err)
		if err != nil {
			return err
		}
	}
	l.mu.Lock()
	t.settle(end)
	done := l.cur != t && t.off == end
	if done {
		l.unsynced = slices.DeleteFunc(l.unsynced, func(u *tail) bool { return u == t })
		l.spare = t.pending[:0]
	}
	l.mu.Unlock()
	if done {
		return t.file.Close()
	}
	return nil
}

// rescue follows a failed sync. What was written to the unsynced segments since their last sync may
// be lost, and another sync would prove nothing. So rescue writes it to a new segment and syncs
// that one. The caller must hold l.syncing.
func (l *Log) rescue() error {
	l.mu.Lock()
	l.giveUp()
	old := l.unsynced
	t, err := l.relog(old)
	var end int64
	if err == nil {
		l.cur, l.unsynced, end = nil, nil, t.off
		l.install(t)
	}
	target := l.written
	l.mu.Unlock()
	if err == nil {
		for _, t := range old {
			_ = t.file.Close() // the new segment has its content
		}
		err = l.flush(t, end)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		if l.failed == nil {
			l.wait = waitMin
			l.o.Tell("cannot sync the log to a new file either: a power cut would lose received points until a sync succeeds", err)
		} else {
			l.wait = min(2*l.wait, waitMax)
		}
		l.failed, l.retryAt = err, time.Now().Add(l.wait)
		l.stats.failing.Store(true)
		return err
	}
	if l.failed != nil {
		l.o.Tell("the log is durable again", nil)
	}
	l.failed, l.unread = nil, 0
	l.stats.failing.Store(false)
	l.durable.Store(target)
	return nil
}

// giveUp closes the oldest segments while there are more bytes than relog may copy. From then on
// their unsynced bytes are in doubt. The caller must hold l.mu and l.syncing.
func (l *Log) giveUp() {
	total := int64(0)
	for _, t := range l.unsynced {
		total += t.off - t.synced
	}
	for total > relogMax && l.unsynced[0] != l.cur {
		t := l.unsynced[0]
		total -= t.off - t.synced
		l.doubt = l.written
		l.stats.unsure.Add(t.off - t.synced)
		_ = t.file.Close() // its bytes are in doubt whether or not this fails
		l.unsynced = l.unsynced[1:]
	}
}

// relog copies everything that is not known to be durable to a new segment. An incomplete copy,
// replayed after the originals, would hide newer values behind older ones. So the segment gets its
// name when it is complete, and its header says up to where it must be whole to be replayed. The
// caller must hold l.mu and l.syncing.
func (l *Log) relog(old []*tail) (*tail, error) {
	n, err := l.create(partialSuffix)
	if err != nil {
		return nil, err
	}
	n.born = l.now
	path := l.path(n.name())
	for _, t := range old {
		if err = l.copy(n, t); err != nil {
			break
		}
	}
	if err == nil {
		_, err = n.file.WriteAt(sealHeader(n.header, n.off), 0)
	}
	if err == nil {
		if err = l.fsys.RenameNew(path+partialSuffix, path); err != nil {
			// The file may have its name in spite of the error, so nothing newer may go to a
			// segment before it.
			l.drop()
		}
	}
	if err != nil {
		return nil, errors.Join(err, n.file.Close(), l.fsys.Remove(path+partialSuffix))
	}
	return n, nil
}

// copy appends to n what is not known to be durable in t. It counts the bytes that cannot be read.
func (l *Log) copy(n, t *tail) error {
	r := newReader(t, t.off, t.seed, nil)
	var names []*Entry
	var batch []Entry
	var werr error
	for {
		kind, payload, ok := r.next()
		if !ok {
			break
		}
		switch kind {
		case kindNames:
			eachName(payload, t.off+idSlack, func(id uint64, text []byte) {
				for uint64(len(names)) <= id {
					names = append(names, nil)
				}
				names[id] = &Entry{Ref: new(Ref), Name: string(text)}
			})
		case kindPoints:
			if r.at < t.synced {
				continue
			}
			batch = batch[:0]
			eachPoint(payload, func(id, at uint32, v float64) {
				if uint64(id) < uint64(len(names)) && names[id] != nil {
					batch = append(batch, Entry{Ref: names[id].Ref, Name: names[id].Name, Time: at, Value: v})
				}
			})
			now, _, _ := received(payload)
			b, ids, err := appendNames(nil, n.seed, n.seq, n.ids, batch)
			if err == nil {
				n.ids = ids
				err = l.write(n, appendPoints(b, n.seed, now, batch))
			}
			if err != nil {
				werr = err
			}
		}
		if werr != nil {
			return werr
		}
	}
	if r.whole() {
		return nil
	}
	if l.unread++; l.unread < readTries {
		return errors.Join(errUnreadable, r.err)
	}
	l.doubt = l.written
	l.stats.unsure.Add(t.off - max(min(r.off-r.skipped, t.off), t.synced))
	return nil
}
