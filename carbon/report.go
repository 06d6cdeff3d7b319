package carbon

import (
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/receive"
	"graphited/carbon/tally"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// Report tells how the daemon does, in the forms that people and programs ask for. It reads
// everything and changes nothing.
type Report struct {
	o         conf.Options
	fsys      vfs.FS
	names     *index.Tree
	tags      *index.Tags
	cache     *cache.Cache
	journal   *journal // nil: there is no log
	writer    *writer
	scanner   *scanner
	home      *home
	quotas    *quotas
	senders   *senders
	rules     func() *NameRules // nil: there are none
	spec      func(metric string) whisper.Spec
	created   *tally.Newest
	stats     *tally.Stats
	clock     func() time.Time
	began     time.Time
	starting  func() string // what the start is about; "" once it is over
	receivers *receive.Receivers

	history history
	growth  growth
}

// reportDeps is what a Report needs from outside.
type reportDeps struct {
	FS        vfs.FS
	Known     catalog
	Cache     *cache.Cache
	Journal   *journal // nil: there is no log
	Writer    *writer
	Scanner   *scanner
	Home      *home
	Limits    *quotas
	Senders   *senders
	Rules     func() *NameRules                // nil: there are none
	Spec      func(metric string) whisper.Spec // how the file of a new metric is laid out
	Created   *tally.Newest
	Receivers *receive.Receivers
	Starting  func() string // what the start is about; "" once it is over
	Began     time.Time
	Clock     func() time.Time
	Stats     *tally.Stats
}

func newReport(o conf.Options, deps reportDeps) *Report {
	return &Report{
		o: o, fsys: deps.FS, names: deps.Known.names, tags: deps.Known.tags, cache: deps.Cache, journal: deps.Journal, writer: deps.Writer,
		scanner: deps.Scanner, home: deps.Home, quotas: deps.Limits, senders: deps.Senders, rules: deps.Rules, spec: deps.Spec, created: deps.Created,
		receivers: deps.Receivers, starting: deps.Starting, began: deps.Began, clock: deps.Clock, stats: deps.Stats,
	}
}

// diskSpace returns the bytes of the disk of a folder that are free, and all; ok is false where the
// system does not tell.
func diskSpace(fsys vfs.FS, dir string) (free, total uint64, ok bool) {
	s, err := fsys.Space(dir)
	return s.Free, s.Total, err == nil
}
