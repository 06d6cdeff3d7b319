package carbon

import (
	"fmt"
	"path/filepath"
	"sync"

	"github.com/rs/zerolog"

	"graphited/carbon/cache"
	"graphited/whisper/vfs"
)

const (
	minFreeShare = 20 // MIN_FREE_SPACE is not more than this part of a disk: a small one is to be of use, too
	minFreeFiles = 64 // that stay free for the log, where a file system has a limit of files
)

// spaceGuard stops the creation of files before the disk is full, so that the files that are there,
// and the log, go on. It is safe for concurrent use.
type spaceGuard struct {
	fsys vfs.FS
	dir  string
	min  int64 // MIN_FREE_SPACE
	log  zerolog.Logger

	mu   sync.Mutex
	need int64  // bytes of the file that was refused last
	low  string // what there is too little of; "": there is enough
}

// room says whether a file of so many bytes may be created. Costs a call of the system.
func (g *spaceGuard) room(bytes int64) bool {
	low := g.look(bytes)
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.low
	if before != "" && low == "" && bytes < g.need {
		return true // a small one, while larger ones wait
	}
	g.low, g.need = low, bytes
	switch {
	case low != "" && before == "":
		g.log.Error().Str("free", low).Msg("no files are created until the disk has more room; the points of new metrics wait")
	case low == "" && before != "":
		g.log.Info().Msg("the disk has room for new files again")
	}
	return low == ""
}

// look returns what there is too little of for a file of so many bytes. Where the system does not
// tell, there is enough.
func (g *spaceGuard) look(bytes int64) string {
	s, err := g.fsys.Space(filepath.Clean(g.dir))
	if err != nil {
		return ""
	}
	if least := min(uint64(max(0, g.min)), s.Total/minFreeShare); s.Free < least+uint64(bytes) {
		return fmt.Sprintf("%d bytes, of which %d are to stay free", s.Free, least)
	}
	if s.TotalFiles > 0 && s.FreeFiles < min(minFreeFiles, s.TotalFiles/minFreeShare) {
		return fmt.Sprintf("%d files, which are to stay free", s.FreeFiles)
	}
	return ""
}

// short returns what there is too little of, "" when there was enough the last time. It looks again
// when there was not.
func (g *spaceGuard) short() string {
	g.mu.Lock()
	low, need := g.low, g.need
	g.mu.Unlock()
	if low != "" {
		g.room(need)
		g.mu.Lock()
		low = g.low
		g.mu.Unlock()
	}
	return low
}

// turn is what the next round of the writer may do, and what it may not.
type turn struct {
	updates int // of series
	creates int // of files, of those
	waiting int // series that wait for their file, as counted so far

	noUpdates, noCreates held // what is not tried because the disk takes nothing, as counted so far
}

// newTurn says what the next round may do: all, or less when the disk or a limit is against it.
// Series without a file would be tried in vain each second otherwise.
func (w *writer) newTurn() turn {
	t := turn{updates: w.disk.tries(), creates: w.creating.tries()}
	if err := w.disk.why(); err != nil {
		t.noUpdates.reason = reasonOf(err)
	}
	if err := w.creating.why(); err != nil {
		t.noCreates.reason = reasonOf(err)
	}
	if t.creates > 0 && w.space.short() != "" {
		t.creates, t.noCreates.reason = 0, "too little of the disk is free for new files"
	}
	t.creates = min(t.creates, w.creates.Left())
	if w.place.Away() != nil {
		t.updates, t.noUpdates.reason = 0, vfs.ErrAway.Error()
	}
	return t
}

// takes says whether a series has its turn in this round.
func (t *turn) takes(s *cache.Series) bool {
	if t.updates == 0 {
		t.noUpdates.add(s)
		return false
	}
	if s.Absent {
		if t.creates == 0 {
			t.waiting++
			t.noCreates.add(s)
			return false
		}
		t.creates--
	}
	t.updates--
	return true
}

// held tells which series the disk keeps from being tried. Those that wait for a limit alone are
// none of them.
func (t *turn) held() (updates, creates held) { return t.noUpdates, t.noCreates }

// add counts one, if the disk is the reason. What has failed on its own is counted already.
func (h *held) add(s *cache.Series) {
	if h.reason == "" || s.Fails > 0 {
		return
	}
	h.series++
	h.example = s.Name
}
