package carbon

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/whisper/vfs"
)

// tagLogFile is where the names of tagged series are kept, below the whisper files: a name a line,
// appended when a series is new. The files of tagged series are called by a hash, which does not
// tell whose they are; without this list they could not be found after a start.
const tagLogFile = ".graphited.tagged"

// tagLog appends to that list. It is safe for concurrent use.
type tagLog struct {
	mu   sync.Mutex
	file vfs.File
	tagLogState
	unsaved []byte    // lines that could not be written
	retryAt time.Time // when add tries to write them again
}

// tagLogState is how far the list goes, and the checksum of it.
type tagLogState struct {
	end int64
	sum uint32
}

func (s *tagLogState) grow(line []byte) {
	s.end += int64(len(line))
	s.sum = crc32.Update(s.sum, castagnoli(), line)
}

// maxIdleLog is how many bytes more than twice those of the series that there are the list may
// have, before series without files leave it.
const maxIdleLog = 1 << 20

// openTagLog brings the index of tags and the list together, and returns the list, ready for more.
// Without a kept index that is the list's series whose files are among names. With one, known says
// what part of the list is in tags already: of what follows those are added whose files are there.
// The list is written anew if it has lines that are damaged or another beginning than the kept
// index knows, or too many of series that went. Those stay in it until then, since a file that is
// not there may come back: its folder could not be read, or was not mounted. With all files away,
// or some unreadable, none leaves it.
func openTagLog(fsys vfs.FS, dataDir string, names *index.Tree, tags *index.Tags, known *tagLogState, unread bool) (*tagLog, error) {
	path := filepath.Join(dataDir, tagLogFile)
	old, err := readTagLog(fsys, path)
	if err != nil {
		return nil, err
	}
	l, whole := &tagLog{}, known != nil || tags.Len() == 0 // else files that are called by their names have told of series that the list may lack
	fresh, has := old, catalog{names: names}.hasFile
	if known != nil {
		has = func(name string) bool { return naming.FileThere(fsys, dataDir, name, true) }
		if whole = known.end <= int64(len(old)) && crc32.Checksum(old[:known.end], castagnoli()) == known.sum; whole {
			fresh, l.tagLogState = old[known.end:], *known
		}
	}
	read, sound := addTagged(fresh, tags, has)
	stay := old
	if !unread && names.Count(naming.TaggedRoot) > 0 && len(old) > maxIdleLog+2*listSize(tags) {
		stay, whole = nil, false
	}
	if whole && sound {
		l.grow(fresh[:read])
	} else if err := l.rewrite(fsys, path, tags, stay); err != nil {
		return nil, err
	}
	if l.file, err = fsys.Open(path, os.O_RDWR|os.O_CREATE, 0o644); err != nil {
		return nil, fmt.Errorf("cannot open the names of tagged series: %w", err)
	}
	return l, nil
}

// listSize returns how long the list of all series is.
func listSize(tags *index.Tags) (n int) {
	for _, name := range tags.Names() {
		n += len(name) + 1
	}
	return n
}

// rewrite makes the list that of all series, and those of an older one.
func (l *tagLog) rewrite(fsys vfs.FS, path string, tags *index.Tags, older []byte) error {
	var lines []byte
	listed := map[string]bool{}
	list := func(name string) bool {
		if !tags.Has(name) && !listed[name] {
			listed[name] = true
			lines = append(append(lines, name...), '\n')
		}
		return false
	}
	addTagged(older, nil, list)
	for _, name := range tags.Names() {
		lines = append(append(lines, name...), '\n')
	}
	if err := vfs.WriteFile(fsys, path, lines, 0o644); err != nil {
		return fmt.Errorf("cannot write the names of tagged series: %w", err)
	}
	l.tagLogState = tagLogState{}
	l.grow(lines)
	return nil
}

// readTagLog reads the list; it is empty when there is none.
func readTagLog(fsys vfs.FS, path string) ([]byte, error) {
	old, err := vfs.ReadFile(fsys, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("cannot read the names of tagged series: %w", err)
	}
	return old, nil
}

// addTagged puts the series of a list that has allows into tags. It returns how many bytes were
// read, up to a line that a crash has cut, and whether each line was sound and none was cut.
func addTagged(lines []byte, tags *index.Tags, has func(name string) bool) (read int, sound bool) {
	sound = true
	for rest := lines; ; {
		line, more, complete := bytes.Cut(rest, []byte{'\n'})
		if !complete {
			return len(lines) - len(rest), sound && len(rest) == 0
		}
		rest = more
		name := string(line)
		canon, err := index.ParseTagged(name)
		if err != nil || canon != name || !naming.IsTagged(name) {
			sound = false
			continue
		}
		if has(name) {
			tags.Add(name)
		}
	}
}

const (
	tagLogRetry   = time.Second // how long add leaves the list alone after an error
	tagLogBacklog = 64 << 10    // unless fewer bytes than these wait
)

// add appends the name of a new series. A name that cannot be written waits for the next call of
// add or flush. When many wait, that is not tried each time, and the error is not told.
func (l *tagLog) add(name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.unsaved = append(append(l.unsaved, name...), '\n')
	if len(l.unsaved) > tagLogBacklog && time.Now().Before(l.retryAt) {
		return nil
	}
	return l.flushLocked()
}

// flush writes the names that could not be written before.
func (l *tagLog) flush() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.flushLocked()
}

// flushLocked is flush with mu held. What an error leaves of the lines in the file, the next try
// writes over.
func (l *tagLog) flushLocked() error {
	if len(l.unsaved) == 0 {
		return nil
	}
	if _, err := l.file.WriteAt(l.unsaved, l.end); err != nil {
		l.retryAt = time.Now().Add(tagLogRetry)
		return err
	}
	l.grow(l.unsaved)
	l.unsaved = l.unsaved[:0]
	return nil
}

// renew makes sure that the list goes on in the file that has its name now: the folder may have
// been mounted again, and what was open is then of no use.
func (l *tagLog) renew(fsys vfs.FS, dataDir string, tags *index.Tags) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	path := filepath.Join(dataDir, tagLogFile)
	had, err := l.file.Stat()
	if err == nil {
		if has, err := fsys.Stat(path); err == nil && has.Dev == had.Dev && has.Inode == had.Inode {
			return nil
		}
	}
	old, err := readTagLog(fsys, path)
	if err != nil {
		return err
	}
	if err := l.rewrite(fsys, path, tags, old); err != nil {
		return err
	}
	f, err := fsys.Open(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return fmt.Errorf("cannot open the names of tagged series: %w", err)
	}
	_ = l.file.Close() // all of it is in the new one
	l.file = f
	return nil
}

// state returns how far the list goes now.
func (l *tagLog) state() tagLogState {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.tagLogState
}

func (l *tagLog) close() error { return l.file.Close() }

func castagnoli() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) }
