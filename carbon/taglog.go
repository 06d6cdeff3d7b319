package carbon

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"graphited/carbon/index"
	"graphited/whisper/vfs"
)

// tagLogFile is where the names of tagged series are kept, below the whisper files: a name a line, appended when a series is new.
// The files of tagged series are called by a hash, which does not tell whose they are; without this list they could not be found after a start.
const tagLogFile = ".graphited.tagged"

// tagLog appends to that list. It is safe for concurrent use.
type tagLog struct {
	mu   sync.Mutex
	file vfs.File
	end  int64
}

// openTagLog puts the series of the list whose files are among names into tags, and returns the list, ready for more.
// Lines that are damaged, came twice or have no file any more are left out, and the list is written anew without them.
func openTagLog(fsys vfs.FS, dataDir string, names *index.Tree, tags *index.Tags) (*tagLog, error) {
	path := filepath.Join(dataDir, tagLogFile)
	kept, whole, err := readTagLog(fsys, path, names, tags)
	if err != nil {
		return nil, err
	}
	if !whole {
		if err := vfs.WriteFile(fsys, path, kept, 0o644); err != nil {
			return nil, fmt.Errorf("cannot write the names of tagged series: %w", err)
		}
	}
	f, err := fsys.Open(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, fmt.Errorf("cannot open the names of tagged series: %w", err)
	}
	return &tagLog{file: f, end: int64(len(kept))}, nil
}

// readTagLog puts the series of the list whose files are among names into tags. It returns the lines of those, and whether they are the whole list.
func readTagLog(fsys vfs.FS, path string, names *index.Tree, tags *index.Tags) (kept []byte, whole bool, err error) {
	old, err := vfs.ReadFile(fsys, path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, fmt.Errorf("cannot read the names of tagged series: %w", err)
	}
	kept = make([]byte, 0, len(old))
	listed := map[string]bool{}
	for rest := old; ; {
		line, more, complete := bytes.Cut(rest, []byte{'\n'})
		if !complete {
			return kept, len(kept) == len(old), nil // the end, or a line that a crash has cut
		}
		rest = more
		name := string(line)
		if canon, err := index.ParseTagged(name); err != nil || canon != name || !isTagged(name) || listed[name] {
			continue
		}
		if names.Has(treeName(name, true)) || names.Has(treeName(name, false)) {
			listed[name] = true
			tags.Add(name)
			kept = append(append(kept, name...), '\n')
		}
	}
}

// add appends the name of a new series. After an error the next name is written over what there is of this one.
func (l *tagLog) add(name string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, err := l.file.WriteAt([]byte(name+"\n"), l.end); err != nil {
		return err
	}
	l.end += int64(len(name) + 1)
	return nil
}

func (l *tagLog) close() error { return l.file.Close() }

// treeName is the name under which find shows the file of a series.
func treeName(name string, hashTagged bool) string {
	return strings.ReplaceAll(relativePath(name, hashTagged), "/", ".")
}
