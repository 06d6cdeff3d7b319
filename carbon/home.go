package carbon

import (
	"fmt"
	"sync"
	"time"

	"graphited/carbon/wal"
	"graphited/whisper/vfs"
)

// watchInterval is how often is looked whether the folders are where they were.
const watchInterval = time.Second

// home watches the folder of the whisper files and that of the log: while one is away nothing is made where it was, no file, segment or index, and once it is back
// all goes on there. It is safe for concurrent use.
type home struct {
	place *vfs.Place
	log   *wal.Log // nil: none
	logs  *logs
	back  func() // is called when the whisper files have come back; may be nil

	mu      sync.Mutex
	told    [2]error // the whisper files, the log
	returns int64    // of the whisper files, that back was told of
}

// look looks at both folders, which costs four calls of the system, and tells what has changed. The error wraps ErrAway.
func (h *home) look() error {
	if h == nil {
		return nil
	}
	files, log := h.place.Check(), error(nil)
	if h.log != nil {
		log = h.log.Check()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.tell(0, files, "whisper files")
	h.tell(1, log, "log")
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

// tell logs how a folder is when that has changed. The caller has h.mu.
func (h *home) tell(i int, err error, what string) {
	before := h.told[i]
	h.told[i] = err
	switch {
	case err == nil && before == nil || err != nil && before != nil && err.Error() == before.Error():
	case err == nil:
		h.logs.all.Info().Msg("the folder of the " + what + " is back")
	default:
		h.logs.all.Error().Err(err).Msg("the folder of the " + what + " is not where it was; nothing is made there until it is back, and points wait in memory")
	}
}

// condition is how the folders are.
func (h *home) condition() Condition {
	if h == nil {
		return Condition{"folder", true, "not watched"}
	}
	for _, err := range [...]error{h.place.Away(), h.logAway()} {
		if err != nil {
			return Condition{"folder", false, fmt.Sprintf("%v; nothing is made there and points wait in memory until it is back. Start again if it is to stay so", err)}
		}
	}
	return Condition{"folder", true, "where it was"}
}

func (h *home) logAway() error {
	if h.log == nil {
		return nil
	}
	return h.log.Away()
}

// folder returns that of the whisper files; nil where none is watched.
func (h *home) folder() *vfs.Place {
	if h == nil {
		return nil
	}
	return h.place
}

// away returns why the whisper files, or the log, are not where they were, as the last look has found; nil when they are.
func (h *home) away() error {
	if h == nil {
		return nil
	}
	if err := h.place.Away(); err != nil {
		return err
	}
	return h.logAway()
}

// renewTagged makes sure that the list of tagged series is written where the folder is now.
func (d *Daemon) renewTagged() {
	if d.tagged == nil {
		return // the start has not come to it
	}
	if err := d.tagged.renew(d.fsys, d.o.LocalDataDir, d.tags); err != nil {
		d.logs.write.Error().Err(err).Msg("cannot go on with the list of tagged series; after the next start those that are new are found when they are received again")
	}
}
