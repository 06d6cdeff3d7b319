package carbon

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/cache"
	"graphited/carbon/cachequery"
	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/pace"
	"graphited/carbon/receive"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

var (
	// ErrLocked tells that another process works on the same folder of whisper files.
	ErrLocked = vfs.ErrLocked
	// ErrAway tells that the folder of whisper files, or that of the log, is not where it was at
	// the start: it was unmounted, moved, replaced or removed.
	ErrAway = vfs.ErrAway
)

// batchQueue is how many batches may wait for one intake goroutine.
const batchQueue = 32

// Deps is what the daemon needs from outside.
type Deps struct {
	FS     vfs.FS
	Spec   func(metric string) whisper.Spec // how the file of a new metric is laid out; safe for concurrent use
	Names  func() *NameRules                // the rules for received names that are in force now, asked for each batch; safe for concurrent use; nil: there are none
	Quotas func() Quotas                    // how many series there may be, as is in force now; likewise
	Clock  func() time.Time
	Log    zerolog.Logger
	Allow  func(port string, addr netip.Addr) bool // whether an address may connect to a port, of those that Addrs names; nil: every one
	TLS    func(port string) *tls.Config           // what a TCP port speaks; nil, as what it returns: plain text
	Held   *receive.Held                           // ports that are open already; nil: none
}

// Daemon is carbon: receivers, cache, writer and cache query port. New takes what must not be
// shared, Run does the rest, and what Run leaves behind is closed.
type Daemon struct {
	*Report
	*Keeper
	*Ingester

	o       conf.Options
	fsys    vfs.FS // guarded: nothing is made while the folder is away
	home    *home
	id      string
	clock   func() time.Time
	stats   tally.Stats
	created tally.Newest // series
	logs    *tally.Logs

	names  *index.Tree
	tags   *index.Tags
	tagged *tagLog
	kept   *keptIndex

	cache   *cache.Cache
	journal *journal // nil: none
	store   *Store
	scanner *scanner
	writer  *writer

	rules     *namesInForce
	quotas    *quotas
	senders   senders
	receivers *receive.Receivers
	query     *cachequery.Server // nil: off
	in        []chan *wire.Batch
	running   running
	closers   []func() error

	phase atomic.Pointer[string] // what the start is about; nil: it is over
	ready chan struct{}          // closed when it is over
}

// New takes the folder of whisper files and the log for itself and opens the cache query port.
// Nothing is known, received or written before Run. The error wraps ErrLocked when another process
// has the folder.
func New(o conf.Options, deps Deps) (_ *Daemon, err error) {
	if err := o.Err(); err != nil {
		return nil, err
	}
	began, names := time.Now(), index.New()
	d := &Daemon{
		o: o, fsys: deps.FS, names: names, tags: index.NewTags(names), logs: tally.NewLogs(deps.Log), clock: deps.Clock,
		ready: make(chan struct{}), id: rand.Text(),
	}
	d.created.Ignore(conf.SelfPrefix(o) + ".")
	d.starting("not begun")
	d.closers = append(d.closers, d.names.Close)
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	place, err := takeFolder(deps.FS, o.LocalDataDir)
	if err != nil {
		return nil, err
	}
	d.closers = append(d.closers, place.Close)
	d.home = newHome(place, d.logs)
	d.fsys = &vfs.Guard{FS: deps.FS, Place: place}
	if d.journal, err = openJournal(o, journalDeps{FS: deps.FS, Files: d.fsys, Dirty: &d.stats.Dirty, Logs: d.logs, Keep: d.keepNames, Away: d.home.away}); err != nil {
		return nil, err
	}
	var log cache.Segments
	if d.journal != nil {
		log = d.journal.log
		d.home.watchLog(d.journal.log)
	}
	d.cache = cache.New(cache.Options{Limit: o.MaxCacheSize, FlowControl: o.FlowControl}, log, d.catalog().learn)
	d.connect(deps, place, began)
	return d, d.listenQueries()
}

// connect makes the parts that work on the folder, the log and the cache, and gives each what it
// needs.
func (d *Daemon) connect(deps Deps, place *vfs.Place, began time.Time) {
	o, known := d.o, d.catalog()
	d.quotas = newQuotas(o, deps.Quotas, known)
	d.rules = newNamesInForce(deps.Names, d.cache)
	d.store = newStore(o, storeDeps{FS: d.fsys, Cache: d.cache, Names: d.names, Tags: d.tags, Spec: deps.Spec, Clock: d.clock, Stats: &d.stats})
	d.scanner = newScanner(scannerDeps{
		FS:          d.fsys,
		Root:        o.LocalDataDir,
		Place:       place,
		Known:       known,
		Packed:      d.store.packedFiles(),
		Forget:      d.cache.Forget,
		Clock:       time.Now,
		Sweep:       began,
		TellUnread:  d.logUnread,
		TellUnnamed: d.logUnnamed,
	})
	d.home.onReturn(d.renewTagged)
	d.writer = newWriter(o, writerDeps{
		FS:        d.fsys,
		Place:     place,
		Cache:     d.cache,
		Journal:   d.journal,
		Known:     known,
		KeepNames: d.flushNames,
		Spec:      deps.Spec,
		Clock:     d.clock,
		Created:   &d.created,
		Stats:     &d.stats,
		Logs:      d.logs,
	})
	d.Keeper = newKeeper(o, keeperDeps{
		FS:      d.fsys,
		Place:   place,
		Cache:   d.cache,
		Known:   known,
		Journal: d.journal,
		Writer:  d.writer,
		Spec:    deps.Spec,
		Clock:   d.clock,
		Begin:   d.running.begin,
		Started: func() bool { return d.Starting() == "" },
		Stats:   &d.stats,
		Logs:    d.logs,
	})
	d.Ingester = newIngester(d.newIntake, d.running.begin, d.home.look, d.store.Spec, o.FlowControl)
	for range runtime.GOMAXPROCS(0) + 1 {
		d.in = append(d.in, make(chan *wire.Batch, batchQueue))
	}
	d.receivers = receive.New(o, receive.Deps{
		In:    d.in,
		Wait:  d.cache.Wait,
		Allow: deps.Allow,
		TLS:   deps.TLS,
		Held:  deps.Held,
		Stats: &d.stats,
		Logs:  d.logs,
	})
	d.Report = newReport(o, reportDeps{
		FS:        d.fsys,
		Known:     known,
		Cache:     d.cache,
		Journal:   d.journal,
		Writer:    d.writer,
		Scanner:   d.scanner,
		Home:      d.home,
		Limits:    d.quotas,
		Senders:   &d.senders,
		Rules:     deps.Names,
		Spec:      deps.Spec,
		Created:   &d.created,
		Receivers: d.receivers,
		Starting:  d.Starting,
		Began:     began,
		Clock:     d.clock,
		Stats:     &d.stats,
	})
}

// Store returns the read view.
func (d *Daemon) Store() *Store { return d.store }

// Stats returns the daemon's counters.
func (d *Daemon) Stats() *tally.Stats { return &d.stats }

// Tags returns the index of tagged series.
func (d *Daemon) Tags() *index.Tags { return d.tags }

// Addrs returns the real addresses of the open ports, once Ready says that the start is over: line,
// line_socket, pickle, protobuf, udp, cache_query.
func (d *Daemon) Addrs() map[string]net.Addr { return d.receivers.Addrs() }

// Cache returns the cache, for its size.
func (d *Daemon) Cache() *cache.Cache { return d.cache }

// listenQueries opens the cache query port, unless it is turned off.
func (d *Daemon) listenQueries() error {
	l, err := d.receivers.ListenTCP("cache_query", d.o.QueryAddr)
	if err != nil || l == nil {
		return err
	}
	d.query = cachequery.New(l, d.cache.Pending, d.metadata(), d.logs.Write)
	d.query.Stats = &d.stats
	return nil
}

// metadata answers the metadata requests of the cache query port.
func (d *Daemon) metadata() cachequery.Metadata {
	ctx := context.Background()
	return cachequery.Metadata{
		Get: func(metric, key string) (string, error) { return d.GetMetadata(ctx, metric, key) },
		Set: func(metric, key, value string) (string, error) { return d.SetMetadata(ctx, metric, key, value) },
	}
}

// newIntake returns what takes batches into the cache. It waits for nothing once done is closed.
func (d *Daemon) newIntake(done <-chan struct{}) *intake {
	return newIntake(d.o, intakeDeps{
		Cache:   d.cache,
		Known:   d.catalog(),
		Journal: d.journal,
		Rules:   d.rules,
		Limits:  d.quotas,
		Senders: &d.senders,
		Clock:   d.clock,
		Done:    done,
		Stats:   &d.stats,
		Logs:    d.logs,
	})
}

// Run brings the start to its end, then receives and writes until ctx ends or a part fails, then
// ends in the order in which points travel, so that none that was taken in is left behind:
// receivers, intake, writer. It returns the failure, nil when ctx ended it. Cache queries are
// answered from the beginning.
func (d *Daemon) Run(ctx context.Context) error {
	defer d.Close()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)
	sources := sources{ctx: ctx, fail: fail}
	if d.query != nil {
		sources.add(d.query.Run)
	}
	err := d.load(ctx)
	switch {
	case err == nil:
		d.work(ctx, &sources)
		err = d.endJournal()
	case ctx.Err() != nil:
		err = nil // that is why
	default:
		fail(err)
	}
	sources.Wait()
	return errors.Join(sources.failed, err)
}

// sources are the goroutines that take something in, from outside or from the clock. When one fails
// all end.
type sources struct {
	sync.WaitGroup
	ctx    context.Context
	fail   context.CancelCauseFunc
	once   sync.Once
	failed error
}

func (s *sources) add(serve ...func(context.Context) error) {
	for _, f := range serve {
		s.Go(func() {
			if err := f(s.ctx); err != nil {
				s.once.Do(func() { s.failed = err })
				s.fail(err)
			}
		})
	}
}

// work is Run after the start.
func (d *Daemon) work(ctx context.Context, sources *sources) {
	var intakes, writers sync.WaitGroup
	writing, stopWriting := context.WithCancel(context.Background())
	defer stopWriting()
	writers.Go(func() { d.writer.run(writing) })
	writers.Go(func() { pace.Every(writing, watchInterval, func() { _ = d.home.look() }) }) // told by the log and by /health
	if d.journal != nil {
		writers.Go(func() { d.journal.run(writing) })
	}
	for _, ch := range d.in {
		in := d.newIntake(ctx.Done())
		intakes.Go(func() { in.run(ch) })
	}
	sources.add(d.receivers.Serving()...)
	sources.Go(func() { d.scanner.run(ctx) })
	sources.Go(func() { d.kept.run(ctx) })
	sources.Go(func() { d.Report.run(ctx) })
	sources.Go(func() { d.Keeper.run(ctx) })
	if d.o.MetricInterval > 0 {
		m := newSelfMetrics(d.o, d.cache, &d.stats)
		m.more = d.Report.addHealth
		sources.Go(func() { m.run(ctx, d.o.MetricInterval, d.in[len(d.in)-1]) })
	}
	d.running.open(ctx)
	d.started()
	<-ctx.Done()
	sources.Wait()
	d.running.close()
	for _, ch := range d.in {
		close(ch)
	}
	intakes.Wait()
	stopWriting()
	writers.Wait()
	_ = d.kept.keep() // told; the log stays then
}

// quickSync is how many bytes of files are made durable at the end. With more of them the end would
// take too long, and the log stays for the next start instead.
const quickSync = 256 << 20

// endJournal ends the log, without leaving anything of it behind when all points are in their
// files.
func (d *Daemon) endJournal() error {
	j := d.journal
	if j == nil {
		return nil
	}
	quick := d.o.DrainOnStop || d.stats.Dirty.Load() < quickSync
	return j.close(d.cache.Size() == 0 && quick)
}

// Close gives back what New has taken, of a daemon that is not run. All points of the log stay in
// it.
func (d *Daemon) Close() {
	if j := d.journal; j != nil {
		j.log.Close(false)
	}
	if d.receivers != nil {
		d.receivers.Close()
	}
	for _, c := range d.closers {
		c()
	}
}
