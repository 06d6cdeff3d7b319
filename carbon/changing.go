package carbon

import (
	"errors"
	"time"

	"graphited/carbon/cache"
)

const (
	changingTime     = 2 * time.Second // after its last change a file that is not whole may be one that another program is still writing: cp empties a file before it fills it
	changingPatience = 3               // tries of a series that wait for that. It ends so even where something changes the file all the time
)

// errChanging postpones the update of a file that another program seems to be writing. The points
// wait in the cache.
var errChanging = errors.New("another program is writing the file")

// changing says whether a file that is damaged or short may be about to become whole: then it is
// neither set aside nor given its size yet, and what a restore puts there is not lost.
func (w *writer) changing(s *cache.Series, path string) bool {
	if w.hurry || s.Fails >= changingPatience {
		return false
	}
	info, err := w.fsys.Stat(path)
	return err == nil && time.Since(time.Unix(0, info.Mtime)).Abs() < changingTime
}
