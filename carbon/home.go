package carbon

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"graphited/carbon/tally"
	"graphited/carbon/wal"
	"graphited/whisper/vfs"
)

// lockFile is the file in the folder by whose lock a process has it.
const lockFile = ".graphited.lock"

// watchInterval is how often is looked whether the folders are where they were.
const watchInterval = time.Second

// home watches the folder of the whisper files and that of the log: while one is away nothing is
// made where it was, no file, segment or index, and once it is back all goes on there. It is safe
// for concurrent use.
type home struct {
	place *vfs.Place
	log   *wal.Log // nil: none
	logs  *tally.Logs
	back  func() // is called when the whisper files have come back; may be nil

	mu      sync.Mutex
	told    [homes]error
	returns int64 // of the whisper files, that back was told of
}

// newHome watches a folder of whisper files that has been taken.
func newHome(place *vfs.Place, logs *tally.Logs) *home { return &home{place: place, logs: logs} }

// watchLog watches the folder of the log as well. It is called before others have the home.
func (h *home) watchLog(log *wal.Log) { h.log = log }

// onReturn tells what is called when the whisper files have come back. It is called before others
// have the home.
func (h *home) onReturn(f func()) { h.back = f }

// look looks at both folders, which costs four calls of the system, and tells what has changed. The
// error wraps ErrAway.
func (h *home) look() error {
	files, log := h.place.Check(), error(nil)
	if h.log != nil {
		log = h.log.Check()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tell(filesHome, files)
	h.tell(logHome, log)
	if n := h.place.Returns(); n != h.returns && files == nil {
		if h.returns = n; h.back != nil {
			h.back()
		}
	}
	if files != nil {
		return files
	}
	return log
}

// The folders, as home tells of them.
const (
	filesHome = iota
	logHome
	homes
)

// homeNames are what is in them, and homeWaits what happens while they are away.
var (
	homeNames = [homes]string{"whisper files", "log"}
	homeWaits = [homes]string{"nothing is made there and the points wait in memory until it is back", "the log goes on in the file that is open, no new one is begun and /api/ingest takes nothing until it is back"}
)

// tell logs how a folder is when that has changed. The caller has h.mu.
func (h *home) tell(i int, err error) {
	before := h.told[i]
	h.told[i] = err
	switch {
	case err == nil && before == nil || err != nil && before != nil && err.Error() == before.Error():
	case err == nil:
		h.logs.All.Info().Msg("the folder of the " + homeNames[i] + " is back")
	default:
		h.logs.All.Error().Err(err).Msg("the folder of the " + homeNames[i] + " is not where it was; " + homeWaits[i])
	}
}

// condition says whether the folders are where they were, in words.
func (h *home) condition() (ok bool, detail string) {
	for i, err := range [homes]error{h.place.Away(), h.logAway()} {
		if err != nil {
			return false, fmt.Sprintf("%v; %s. Start again if it is to stay so", err, homeWaits[i])
		}
	}
	return true, "where it was"
}

func (h *home) logAway() error {
	if h.log == nil {
		return nil
	}
	return h.log.Away()
}

// away returns why the whisper files, or the log, are not where they were, as the last look has
// found; nil when they are.
func (h *home) away() error {
	if err := h.place.Away(); err != nil {
		return err
	}
	return h.logAway()
}

// takeFolder creates a folder of whisper files if need be, and takes it as lockFolder.
func takeFolder(fsys vfs.FS, dir string) (*vfs.Place, error) {
	if err := fsys.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("cannot create the data folder: %w", err)
	}
	return lockFolder(fsys, dir)
}

// lockFolder takes a folder of whisper files, or returns an error that wraps ErrLocked. Close of
// what it returns gives it up.
func lockFolder(fsys vfs.FS, dir string) (*vfs.Place, error) {
	place, err := vfs.TakePlace(fsys, dir, lockFile)
	switch {
	case errors.Is(err, vfs.ErrLocked):
		return nil, fmt.Errorf("cannot use the data folder %q: %w", dir, err)
	case err != nil:
		return nil, fmt.Errorf("cannot lock the data folder: %w", err)
	}
	return place, nil
}
