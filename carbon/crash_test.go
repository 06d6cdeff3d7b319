package carbon

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

var crashSeeds = flag.Int("carbon.seeds", 150, "how many daemons TestCrash ends, four times each")

var errInjected = fmt.Errorf("injected: %w", syscall.EIO)

// slot is what a whisper file has one value for.
type slot struct {
	series string
	time   int64
}

// machine is a daemon on a file system in memory, and what must be found there after its end. A
// point's value is its number, so that of two values the newer is known.
type machine struct {
	t      *testing.T
	seed   uint64
	r      *rand.Rand
	mem    *vfs.Mem
	d      *Daemon
	now    int64
	faults int  // per mille of the operations that fail
	dead   bool // the process is over: nothing reaches the disk any more

	sent     []slot         // of each point, by number
	taken    map[slot]int   // the newest point that was taken in and logged
	promised map[slot]int   // and that a power cut must not take
	removed  map[string]int // the newest point when a series was removed
}

const crashPoints = 100 // that a file of these tests holds, 10 s apart: more than go by

func (m *machine) hook(op vfs.Op) error {
	switch {
	case m.dead:
		return errInjected
	case strings.HasSuffix(op.Name, ".part"):
		// What the log does after a failed sync works: otherwise /health says that it is not safe
		// from a power cut, and it is not.
	case op.Kind != "SyncFS" && m.r.IntN(1000) < m.faults:
		return errInjected
	case op.Kind == "SyncFS" && m.r.IntN(3) == 0 && m.faults > 0:
		m.mem.FailWriteback(m.r, errInjected)
	}
	return nil
}

// start starts a daemon on what is there and compares, from the cache and then from the files.
func (m *machine) start(want map[slot]int, removed map[string]int) {
	fsys := &vfs.Fail{FS: m.mem}
	o := conf.DefaultOptions()
	o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.MetricInterval, o.Workers = "data", 0, 0, 0, 0, 1
	spec := func(string) whisper.Spec {
		return whisper.Spec{Archives: []whisper.Archive{{Step: 10, Points: crashPoints}, {Step: 60, Points: 100}}, Method: whisper.Last}
	}
	d, err := New(o, Deps{FS: fsys, Spec: spec, Clock: func() time.Time { return time.Unix(m.now, 0) }, Log: zerolog.Nop()})
	if err == nil {
		err = d.load(m.t.Context())
	}
	if err != nil {
		m.t.Fatalf("seed %d: no start: %v", m.seed, err)
	}
	d.running.open(m.t.Context())
	m.d, m.faults = d, 0
	m.compare("after the start", want, removed)
	m.write()
	if n := d.cache.Size(); n != 0 {
		m.t.Fatalf("seed %d: %d points are not written", m.seed, n)
	}
	m.compare("when all is written", want, removed)
	m.dead, m.faults, fsys.Hook = false, []int{0, 0, 3, 20}[m.r.IntN(4)], m.hook
}

// compare fails when a point that was promised is missing or hidden by an older one, or one is
// found that was never sent or is of a series that was removed since.
func (m *machine) compare(when string, want map[slot]int, removed map[string]int) {
	for i := range 6 {
		name := crashSeries(i)
		got := map[int64]int{}
		s, err := m.d.Store().Fetch(m.t.Context(), name, m.now-900, m.now, m.now)
		if err != nil && !errors.Is(err, whisper.ErrNoData) {
			m.t.Fatalf("seed %d: %s: %v", m.seed, name, err)
		}
		for i, v := range s.Values {
			if v != v {
				continue
			}
			at, n := s.From+int64(i)*s.Step, int(v)
			if got[at] = n; v != float64(n) || n >= len(m.sent) || m.sent[n] != (slot{name, at}) || n <= removed[name] {
				m.t.Fatalf("seed %d: %s: %s has %v at %d, which was never sent or is removed", m.seed, when, name, v, at)
			}
		}
		for k, n := range want {
			if k.series == name && got[k.time] < n {
				m.t.Fatalf("seed %d: %s: point %d of %v is lost, there is %d", m.seed, when, n, k, got[k.time])
			}
		}
	}
}

func crashSeries(i int) string {
	if i > 3 {
		return fmt.Sprintf("s;tag=%d", i)
	}
	return fmt.Sprintf("s.%d", i)
}

// take receives some points.
func (m *machine) take() {
	var lines []byte
	first := len(m.sent)
	for range 1 + m.r.IntN(30) {
		k := slot{crashSeries(m.r.IntN(6)), m.now/10*10 - 10*m.r.Int64N(8)}
		lines = fmt.Appendf(lines, "%s %d %d\n", k.series, len(m.sent), k.time)
		m.sent = append(m.sent, k)
	}
	missed := m.d.journal.missed.Load()
	b := wire.NewBatch()
	wire.DecodeDatagram(b, lines)
	m.d.newIntake(nil).add(b)
	if m.d.journal.missed.Load() > missed {
		return // counted, and told: a process that ends loses them
	}
	for n, k := range m.sent[first:] {
		m.taken[k] = first + n
	}
}

// write writes a part of the series, or all.
func (m *machine) write() {
	m.d.writer.round(m.t.Context(), m.d.cache.Round("random", func(*cache.Series) bool { return m.faults == 0 || m.r.IntN(3) > 0 }))
}

// remove removes a series.
func (m *machine) remove() {
	name, missed := crashSeries(m.r.IntN(6)), m.d.journal.missed.Load()
	_, err := m.d.Remove(m.t.Context(), []string{name})
	for k := range m.taken {
		if k.series == name {
			delete(m.taken, k)
			delete(m.promised, k)
		}
	}
	if err == nil && m.d.journal.missed.Load() == missed {
		m.removed[name] = len(m.sent) - 1
	}
}

// live does what a daemon does, for a while.
func (m *machine) live() {
	for range m.r.IntN(60) {
		switch m.r.IntN(14) {
		default:
			m.take()
		case 0, 1, 2:
			m.write()
		case 3, 4:
			if m.d.journal.log.Sync() == nil {
				for k, n := range m.taken {
					m.promised[k] = n
				}
			}
		case 5, 6:
			_, _ = m.d.journal.log.Prune(m.d.journal.syncData)
		case 7:
			m.d.journal.doubt.mu.Lock()
			m.d.journal.doubt.at = time.Time{} // time passes
			m.d.journal.doubt.mu.Unlock()
			if m.d.journal.doubted() {
				m.d.writer.rewrite(m.t.Context())
			}
		case 8:
			m.now += m.r.Int64N(15)
		case 9:
			if m.r.IntN(4) == 0 {
				m.remove()
			}
		}
	}
}

// TestCrash ends a whole daemon by a power cut, a kill or in order, four times in a row, with
// operations failing before and what was written back given up, and looks at what is left.
func TestCrash(t *testing.T) {
	seeds := *crashSeeds
	if testing.Short() {
		seeds /= 10
	}
	for seed := range uint64(seeds) {
		r := rand.New(rand.NewPCG(seed, 11))
		m := &machine{t: t, seed: seed, r: r, mem: vfs.NewMem(), now: benchTime, sent: make([]slot, 1)}
		m.mem.Sector = 512
		want, removed := map[slot]int{}, map[string]int{}
		for range 4 {
			m.taken, m.promised, m.removed = maps.Clone(want), maps.Clone(want), maps.Clone(removed)
			m.start(want, removed)
			m.live()
			switch m.r.IntN(3) {
			case 0: // in order
				m.d.writer.drain()
				if m.d.endJournal() == nil {
					m.promised = m.taken
				}
				fallthrough
			case 1: // without power
				m.dead = true
				want, removed = m.promised, map[string]int{} // a removal may be undone
				mem := m.mem.Crash(m.r)
				m.d.Close()
				m.mem = mem
			case 2: // killed
				m.dead = true
				m.d.Close()
				want, removed = m.taken, m.removed
			}
		}
		m.start(want, removed)
		m.dead = true
		m.d.Close()
	}
}
