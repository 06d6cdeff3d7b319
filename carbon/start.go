package carbon

import (
	"context"
	"fmt"
	"time"

	"graphited/carbon/cache"
)

// starting notes what the start is about.
func (d *Daemon) starting(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	d.phase.Store(&s)
}

// started ends the start.
func (d *Daemon) started() {
	d.phase.Store(nil)
	close(d.ready)
}

// Starting tells what the start is about, such as "reading the log of an earlier process"; "" once
// it is over. Until then not all names are found, points that were received before may be missing,
// and nothing is received. It is safe for concurrent use.
func (d *Daemon) Starting() string {
	if s := d.phase.Load(); s != nil {
		return *s
	}
	return ""
}

// Ready returns a channel that is closed when the start is over: all names are known, all points
// that were received before are there, and all ports are open.
func (d *Daemon) Ready() <-chan struct{} { return d.ready }

// load learns the names that are there, takes over what an earlier process has received and not
// written, and opens the ports for points. It returns ctx's error when that ends first; the log is
// as it was then.
func (d *Daemon) load(ctx context.Context) (err error) {
	if err := d.learnNames(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := d.recover(ctx); err != nil {
		return err
	}
	return d.receivers.Listen()
}

// learnNames fills the index from what was kept of it, which the scanner then checks beside
// everything else; without that, from all folders.
func (d *Daemon) learnNames() (err error) {
	start, from := time.Now(), &tagLogState{}
	d.starting("reading the index")
	d.kept = newKeptIndex(d.fsys, d.o.LocalDataDir, d.names, d.tags, d.logs)
	if *from, d.scanner.known = d.kept.load(); !d.scanner.known {
		d.starting("looking for whisper files")
		from = nil
		_ = d.scanner.scan() // what could not be read is told
	}
	if d.tagged, err = openTagLog(d.fsys, d.o.LocalDataDir, d.names, d.tags, from, d.scanner.err != nil); err != nil {
		return err
	}
	d.kept.tagged = d.tagged
	d.tags.OnAdd(d.list)
	if !d.scanner.known {
		d.scanner.countUnnamed()
	}
	d.store.learn(d.catalog())
	d.closers = append(d.closers, d.tagged.close)
	d.logs.All.Debug().Int("names", d.names.Len()).Int("files_seen", d.scanner.files).Dur("took_ms", time.Since(start)).Msg("names known")
	return nil
}

// recover takes over the points that an earlier process has received and not written.
func (d *Daemon) recover(ctx context.Context) error {
	if d.journal == nil {
		return nil
	}
	d.starting("reading the log of an earlier process")
	in := d.newIntake(nil)
	removed := map[*cache.Series]bool{}
	find := func(name []byte) *cache.Series {
		s, _ := in.slowFind(nil, name)
		return s
	}
	points, err := d.journal.replay(ctx, d.cache, find, func(s *cache.Series) { removed[s] = true })
	if err != nil {
		return err
	}
	d.Keeper.forgetRemoved(removed)
	if ended := d.journal.log.Newest(); points > 0 && d.clock().Unix()-ended > staleLog {
		d.starting("writing %d points of an earlier process", points)
		d.writer.catchUp(ctx, ended)
	}
	return ctx.Err()
}
