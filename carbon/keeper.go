package carbon

import (
	"context"
	"time"

	"graphited/whisper"
	"graphited/whisper/vfs"
)

// Keeper keeps the folder of whisper files in order while the daemon is at work: it removes series,
// empties the trash and makes backups.
type Keeper struct {
	o       Options
	fsys    vfs.FS
	place   *vfs.Place
	cache   *Cache
	known   catalog
	journal *journal // nil: there is no log
	writer  *writer
	spec    func(metric string) whisper.Spec
	clock   func() time.Time
	stats   *Stats
	logs    *logs
	begin   func(context.Context) (_ context.Context, done func(), err error) // as running.begin
	started func() bool
}
