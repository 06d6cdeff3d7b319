package command

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"graphited/config/problem"
	"graphited/whisper/vfs"
)

// sameSignal is how long after the first signal that ends the process another one counts as the
// same: timeout(1), for one, signals both the process and its group.
const sameSignal = time.Second

// Signals calls reload at each SIGHUP, and end at the first other signal. It returns the first
// signal that comes more than a second after that one: then the process is to end at once.
func Signals(signals <-chan os.Signal, now func() time.Time, reload func(), end func(os.Signal)) os.Signal {
	var first time.Time
	for s := range signals {
		switch {
		case s == syscall.SIGHUP:
			reload()
		case first.IsZero():
			first = now()
			end(s)
		case now().Sub(first) > sameSignal:
			return s
		}
	}
	return nil
}

// ReadyFile is the file of --ready-file, which says to scripts that the server is ready, and where.
// It is there only while that is so. It is safe for concurrent use.
type ReadyFile struct {
	path string // empty: there is none

	mu      sync.Mutex
	content []byte // nil: it is not written
}

// NewReadyFile removes what an earlier process has left behind at the path, "" for none.
func NewReadyFile(path string) (*ReadyFile, error) {
	if path == "" {
		return &ReadyFile{}, nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("cannot use the ready file %q: it is there and no regular file", path)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return nil, fmt.Errorf("cannot remove the ready file of an earlier process: %w", err)
	}
	return &ReadyFile{path: path}, nil
}

// Write writes the file.
func (r *ReadyFile) Write(content map[string]any) error {
	if r.path == "" {
		return nil
	}
	b, err := json.Marshal(content)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := vfs.WriteFile(vfs.OS{}, r.path, b, 0o644); err != nil {
		return fmt.Errorf("cannot write the ready file %q: %w", r.path, err)
	}
	r.content = b
	return nil
}

// Remove removes the file, unless another process has replaced it.
func (r *ReadyFile) Remove() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.content == nil {
		return nil
	}
	got, err := os.ReadFile(r.path)
	if err == nil && bytes.Equal(got, r.content) {
		err = os.Remove(r.path)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("cannot remove the ready file: %w", err)
	}
	return nil
}

// checkReadyFile finds a ready file that cannot be written: the start would write it last.
func checkReadyFile(path string) problem.Report {
	if path == "" {
		return nil
	}
	info, err := os.Stat(path)
	dir, dirErr := os.Stat(filepath.Dir(path))
	switch {
	case err == nil && info.IsDir():
		return problem.Report{{Severity: problem.Error, Msg: fmt.Sprintf("--ready-file %q: this is a folder", path)}}
	case dirErr != nil || !dir.IsDir():
		return problem.Report{{Severity: problem.Error, Msg: fmt.Sprintf("--ready-file %q: there is no folder %q", path, filepath.Dir(path))}}
	}
	return nil
}
