package carbon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/index"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// ErrLocked tells that another process works on the same folder of whisper files.
var ErrLocked = errors.New("another process uses it")

const (
	batchQueue = 32 // batches that may wait for one intake goroutine
	lockFile   = ".graphited.lock"
	maxTime    = 1<<32 - 1 // the last timestamp that a whisper file can hold
)

// Deps is what the daemon needs from outside.
type Deps struct {
	FS    vfs.FS
	Spec  func(metric string) whisper.Spec // how the file of a new metric is laid out; safe for concurrent use
	Clock func() time.Time
	Log   zerolog.Logger
}

// Daemon is carbon: receivers, cache, writer and cache query port. New opens everything, Run works, and what Run leaves behind is closed.
type Daemon struct {
	o         Options
	fsys      vfs.FS
	cache     *Cache
	names     *index.Tree
	tags      *index.Tags
	tagged    *tagLog
	stats     Stats
	logs      *logs
	clock     func() time.Time
	store     *Store
	writer    *writer
	receivers *receivers
	in        []chan *Batch
	serve     []func(context.Context) error
	addrs     map[string]net.Addr
	closers   []func() error
}

// New takes the folder of whisper files for itself, learns the names that are there, and opens all ports. Nothing is received before Run.
// The error wraps ErrLocked when another process has the folder.
func New(o Options, deps Deps) (_ *Daemon, err error) {
	d := &Daemon{o: o, fsys: deps.FS, cache: newCache(o), names: index.New(), logs: newLogs(deps.Log), clock: deps.Clock, addrs: map[string]net.Addr{}}
	d.tags = index.NewTags(d.names)
	d.closers = append(d.closers, d.names.Close)
	defer func() {
		if err != nil {
			d.Close()
		}
	}()
	if err := d.takeFolder(); err != nil {
		return nil, err
	}
	start := time.Now()
	files, err := scan(deps.FS, o.LocalDataDir, d.names, d.tags)
	if err != nil {
		return nil, fmt.Errorf("cannot read the whisper files in %q: %w", o.LocalDataDir, err)
	}
	if d.tagged, err = openTagLog(d.fsys, o.LocalDataDir, d.names, d.tags); err != nil {
		return nil, err
	}
	d.closers = append(d.closers, d.tagged.close)
	d.logs.all.Debug().Int("files", files).Dur("took_ms", time.Since(start)).Msg("whisper files found")
	d.store = &Store{o: o, fsys: d.fsys, cache: d.cache, names: d.names, tags: d.tags, spec: deps.Spec, clock: d.clock}
	d.writer = newWriter(d, deps.Spec)
	for range runtime.GOMAXPROCS(0) + 1 {
		d.in = append(d.in, make(chan *Batch, batchQueue))
	}
	d.receivers = &receivers{o: o, cache: d.cache, stats: &d.stats, logs: d.logs, in: d.in}
	return d, d.listen()
}

// takeFolder creates the data folder if need be and locks it.
func (d *Daemon) takeFolder() error {
	dir := d.o.LocalDataDir
	if err := d.fsys.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("cannot create the data folder: %w", err)
	}
	f, err := d.fsys.Open(filepath.Join(dir, lockFile), os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return fmt.Errorf("cannot lock the data folder: %w", err)
	}
	d.closers = append(d.closers, f.Close)
	locked, err := f.TryLock(false)
	if err != nil {
		return fmt.Errorf("cannot lock the data folder %q: %w", dir, err)
	}
	if !locked {
		return fmt.Errorf("cannot use the data folder %q: %w", dir, ErrLocked)
	}
	return nil
}

// listen opens the ports that the options ask for.
func (d *Daemon) listen() error {
	o, r := d.o, d.receivers
	if l, err := d.listenTCP("line", o.LineAddr, o.LineInterface, o.LinePort); err != nil {
		return err
	} else if l != nil {
		d.serve = append(d.serve, func(ctx context.Context) error {
			return r.serveTCP(ctx, l, func() Decoder { return newLineDecoder() })
		})
	}
	if l, err := d.listenTCP("pickle", o.PickleAddr, o.PickleInterface, o.PicklePort); err != nil {
		return err
	} else if l != nil {
		d.serve = append(d.serve, func(ctx context.Context) error {
			return r.serveTCP(ctx, l, func() Decoder { return newPickleDecoder(o.PickleMaxLength) })
		})
	}
	if l, err := d.listenTCP("cache_query", o.QueryAddr, o.QueryInterface, o.QueryPort); err != nil {
		return err
	} else if l != nil {
		d.serve = append(d.serve, newCacheQuery(l, d.pending, queryMetadata{}, d.logs.write).Run)
	}
	if !o.UDP {
		return nil
	}
	addr := address(o.UDPAddr, o.UDPInterface, o.UDPPort)
	c, err := net.ListenPacket("udp", addr)
	if err != nil {
		return fmt.Errorf("cannot listen for UDP on %q: %w", addr, err)
	}
	d.opened("udp", c.LocalAddr(), c.Close)
	d.serve = append(d.serve, func(ctx context.Context) error { return r.serveUDP(ctx, c) })
	return nil
}

// pending answers the cache query port.
func (d *Daemon) pending(metric string) []whisper.Point {
	d.stats.Queries.Add(1)
	return d.cache.Pending(metric)
}

func address(addr, iface string, port int) string {
	if addr != "" {
		return addr
	}
	return net.JoinHostPort(iface, strconv.Itoa(port))
}

// listenTCP opens one port; nil when it is turned off.
func (d *Daemon) listenTCP(what, addr, iface string, port int) (net.Listener, error) {
	if addr == "" && port == 0 {
		return nil, nil
	}
	addr = address(addr, iface, port)
	lc := net.ListenConfig{KeepAliveConfig: net.KeepAliveConfig{Enable: d.o.KeepAlive, Idle: d.o.KeepIdle, Interval: d.o.KeepInterval, Count: d.o.KeepCount}}
	if !d.o.KeepAlive {
		lc.KeepAlive = -1
	}
	l, err := lc.Listen(context.Background(), "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen for %s on %q: %w", what, addr, err)
	}
	d.opened(what, l.Addr(), l.Close)
	return l, nil
}

func (d *Daemon) opened(what string, addr net.Addr, closer func() error) {
	d.addrs[what] = addr
	d.closers = append(d.closers, closer)
}

// Addrs returns the real addresses of the open ports: line, pickle, udp, cache_query.
func (d *Daemon) Addrs() map[string]net.Addr { return d.addrs }

// Store returns the read view.
func (d *Daemon) Store() *Store { return d.store }

// Stats returns the daemon's counters.
func (d *Daemon) Stats() *Stats { return &d.stats }

// Tags returns the index of tagged series.
func (d *Daemon) Tags() *index.Tags { return d.tags }

// Cache returns the cache, for its size.
func (d *Daemon) Cache() *Cache { return d.cache }

// Run receives and writes until ctx ends or a receiver fails, then ends in the order in which points travel, so that none that was taken in is left behind:
// receivers, intake, writer. It returns the failure, nil when ctx ended it.
func (d *Daemon) Run(ctx context.Context) error {
	defer d.Close()
	ctx, fail := context.WithCancelCause(ctx)
	defer fail(nil)

	var sources, intakes, writers sync.WaitGroup
	writing, stopWriting := context.WithCancel(context.Background())
	defer stopWriting()
	writers.Go(func() { d.writer.run(writing) })
	for _, ch := range d.in {
		in := intake{cache: d.cache, names: d.names, tags: d.tags, tagged: d.tagged, stats: &d.stats, logs: d.logs, clock: d.clock, done: ctx.Done(), floor: d.o.TimeResolution, hash: d.o.HashTagged, batches: ch}
		intakes.Go(in.run)
	}
	var failed error
	var once sync.Once
	for _, serve := range d.serve {
		sources.Go(func() {
			if err := serve(ctx); err != nil {
				once.Do(func() { failed = err })
				fail(err)
			}
		})
	}
	if d.o.MetricInterval > 0 {
		m := newSelfMetrics(d.o, d.cache, &d.stats)
		sources.Go(func() { m.run(ctx, d.o.MetricInterval, d.in[len(d.in)-1]) })
	}

	<-ctx.Done()
	sources.Wait()
	for _, ch := range d.in {
		close(ch)
	}
	intakes.Wait()
	stopWriting()
	writers.Wait()
	return failed
}

// Close gives back what New has taken, of a daemon that is not run.
func (d *Daemon) Close() {
	for _, c := range d.closers {
		c()
	}
}
