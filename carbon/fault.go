package carbon

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"time"

	"graphited/carbon/cache"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// corruptFolder is where damaged files go, below the whisper files, under the path that they had.
const corruptFolder = ".corrupt"

// failed notes that a series could not be written. An error of the whole disk is the breaker's
// matter; any other concerns this series alone, which is left alone for a while.
func (k *worker) failed(s *cache.Series, err error, creating bool, now int64) {
	w := k.w
	on, what := w.disk, "updates"
	if creating {
		on, what = w.creating, "new files"
	}
	if on.failed(err) {
		w.logs.All.Error().Err(err).Msg("the disk takes no " + what + "; one series tries for all until it does, and the points stay in the cache")
	}
	if on.tripped.Load() && diskWide(err) {
		s.Absent = creating
		w.unwritable.postponed(s) // it is told with all that are held
		return
	}
	w.unwritable.fail(s, err, s.LastWrite(), false)
	s.Fails = min(s.Fails+1, 100)
	wait := backoff(s.Fails)
	if diskWide(err) {
		wait = min(wait, breakerMax)
	}
	s.RetryAt = uint32(now + int64(wait/time.Second))
	w.logs.Write.Error().Err(err).Str("metric", s.Name).Int("points", len(k.points)).Stringer("again_in", wait).Msg("cannot write; the points stay in the cache")
}

// worked notes that a series was written, with creating to a new file.
func (w *writer) worked(creating bool) {
	if w.disk.worked() {
		w.logs.All.Info().Msg("the disk takes updates again")
	}
	if creating && w.creating.worked() {
		w.logs.All.Info().Msg("the disk takes new files again")
	}
}

// mayCreate says whether a file can be created now, and takes what the limit allows.
func (k *worker) mayCreate(spec whisper.Spec) bool {
	w, bytes := k.w, spec.FileSize()
	if w.o.Sparse {
		bytes = 0
	}
	return w.place.Away() == nil && !w.creating.stopped() && w.space.room(bytes) && k.creates.TryTake()
}

// setAside moves a file that is no whisper file out of the way, so that its series can start anew.
// An older one of the same path stays.
func (w *writer) setAside(path, metric string, why error) error {
	rel, err := filepath.Rel(w.o.LocalDataDir, path)
	if err != nil {
		return err
	}
	to := filepath.Join(w.o.LocalDataDir, corruptFolder, rel)
	if err := w.fsys.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return err
	}
	err = vfs.Move(w.fsys, path, to, true)
	if errors.Is(err, fs.ErrExist) {
		to = fmt.Sprintf("%s.%d", to, time.Now().UnixNano())
		err = vfs.Move(w.fsys, path, to, true)
	}
	if err != nil {
		return err
	}
	w.stats.SetAside.Add(1)
	w.logs.Write.Error().Err(why).Str("metric", metric).Str("kept_as", to).Msg("damaged file set aside; its series begins anew")
	return nil
}
