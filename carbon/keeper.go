package carbon

import (
	"context"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/tally"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// Keeper keeps the folder of whisper files in order while the daemon is at work: it removes series,
// empties the trash and makes backups.
type Keeper struct {
	o       conf.Options
	fsys    vfs.FS
	place   *vfs.Place
	cache   *cache.Cache
	known   catalog
	journal *journal // nil: there is no log
	writer  *writer
	spec    func(metric string) whisper.Spec
	clock   func() time.Time
	stats   *tally.Stats
	logs    *tally.Logs
	begin   func(context.Context) (_ context.Context, done func(), err error) // as running.begin
	started func() bool
}

// keeperDeps is what a Keeper needs from outside.
type keeperDeps struct {
	FS      vfs.FS
	Place   *vfs.Place // the folder; nil: it is not watched
	Cache   *cache.Cache
	Known   catalog
	Journal *journal // nil: there is no log
	Writer  *writer
	Spec    func(metric string) whisper.Spec // how the file of a new metric is laid out
	Clock   func() time.Time
	Begin   func(context.Context) (_ context.Context, done func(), err error) // begins a request that the end of the daemon waits for
	Started func() bool                                                       // whether the start is over
	Stats   *tally.Stats
	Logs    *tally.Logs
}

func newKeeper(o conf.Options, deps keeperDeps) *Keeper {
	return &Keeper{
		o: o, fsys: deps.FS, place: deps.Place, cache: deps.Cache, known: deps.Known, journal: deps.Journal, writer: deps.Writer, spec: deps.Spec,
		clock: deps.Clock, stats: deps.Stats, logs: deps.Logs, begin: deps.Begin, started: deps.Started,
	}
}
