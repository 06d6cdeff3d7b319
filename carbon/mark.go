package carbon

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"graphited/whisper/vfs"
)

// markFile is the file in the folder of whisper files that tells which server has it.
const markFile = ".graphited.server"

// Mark tells which server has a folder of whisper files, so that commands find it. It stays behind
// when the server is killed: only one that tells the same id is this server.
type Mark struct {
	ID     string `json:"id"`
	PID    int    `json:"pid"`
	URL    string `json:"url"`    // of its HTTP API
	Config string `json:"config"` // its carbon.conf; "": it has none
}

// ID is a random word that no other daemon has.
func (d *Daemon) ID() string { return d.id }

// LeaveMark writes the Mark into the folder. The end of the daemon removes it.
func (d *Daemon) LeaveMark(url, config string) error {
	b, err := json.Marshal(Mark{ID: d.id, PID: os.Getpid(), URL: url, Config: config})
	if err != nil {
		return err
	}
	path := filepath.Join(d.o.LocalDataDir, markFile)
	if err := vfs.WriteFile(d.fsys, path, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("cannot write where the server listens: %w", err)
	}
	// It goes before the lock is given back, so that it is never that of the next server.
	d.closers = slices.Insert(d.closers, 0, func() error { return d.fsys.Remove(path) })
	return nil
}

// ReadMark returns what the server of a folder has left there. The error wraps fs.ErrNotExist when
// there is nothing.
func ReadMark(fsys vfs.FS, dir string) (m Mark, err error) {
	path := filepath.Join(dir, markFile)
	b, err := vfs.ReadFile(fsys, path)
	if err == nil {
		err = json.Unmarshal(b, &m)
	}
	if err == nil && (m.ID == "" || m.URL == "") {
		err = errors.New("it has no id or no url")
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("cannot read %q: %w", path, err)
	}
	return m, err
}
