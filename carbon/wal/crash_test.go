package wal

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"graphited/whisper/vfs"
)

var seeds = flag.Int("wal.seeds", 400, "how many logs TestCrash breaks, four times each")

var errInjected = errors.New("injected")

const sources = 3 // senders, each with its own series and its own pace of writing to files

// key identifies one value of a whisper file.
type key struct {
	name string
	time uint32
}

// held is a point that waits to be written to its file and has a reference to its segment.
type held struct{ seg, id uint64 }

// model simulates carbon's use of a log and knows which points a restart must find. A point's value
// is its id. Ids increase, so the newer of two values is known.
type model struct {
	t    testing.TB
	seed uint64
	r    *rand.Rand
	mem  *vfs.Mem
	fail *vfs.Fail
	l    *Log
	o    Options
	s    *sender
	now  int64

	keys     []key           // of each point ever sent, by id
	taken    []uint64        // appended since the last start
	unsynced []uint64        // those of taken that no sync has covered
	promised map[uint64]bool // must survive a power cut
	waiting  [sources][]held // not written to files yet
	files    map[key]uint64  // values written to files
	durable  map[key]uint64  // values written and synced

	left     int  // operations until the end
	dead     bool // all operations fail
	faults   int  // per mille of operations that fail
	poisoned map[string]bool
}

// hook makes some operations fail, and all of them after the end.
func (m *model) hook(op vfs.Op) error {
	m.left--
	m.dead = m.dead || m.left <= 0
	switch {
	case m.dead:
		return errInjected
	case op.Kind == "SyncData" && m.poisoned[op.Name]:
		m.t.Errorf("%s was synced again after a failure", op.Name)
	case m.r.IntN(1000) < m.faults:
		m.poisoned[op.Name] = m.poisoned[op.Name] || op.Kind == "SyncData"
		return errInjected
	}
	return nil
}

// start opens and replays the log. After a kill it must find all points that were appended, after a
// power cut all that were promised, nothing else, and the newest value last.
func (m *model) start(killed bool) {
	m.s, m.poisoned, m.waiting = newSender(), map[string]bool{}, [sources][]held{}
	m.fail = &vfs.Fail{FS: m.mem, Short: true}
	m.l = open(m.t, m.fail, m.o)
	got := map[uint64]bool{}
	final := maps.Clone(m.files)
	st, err := m.l.Replay(m.t.Context(), func(p *Point) {
		id := uint64(p.Value)
		if id >= uint64(len(m.keys)) || m.keys[id] != (key{string(p.Name), p.Time}) {
			m.t.Fatalf("seed %d: invented: %q %d %v", m.seed, p.Name, p.Time, p.Value)
		}
		got[id] = true
		final[m.keys[id]] = id
		m.l.Retain(p.Segment)
		src := p.Name[0] - 'a'
		m.waiting[src] = append(m.waiting[src], held{p.Segment, id})
	})
	must(m.t, err)
	want := m.promised
	if killed {
		want = maps.Clone(want)
		for _, id := range m.taken {
			want[id] = true
		}
	}
	for id := range want {
		if k := m.keys[id]; final[k] < id || !got[id] && m.files[k] < id {
			m.t.Fatalf("seed %d: point %d of %v is lost or superseded by %d: replayed %v, in its file %d, killed %v, %+v", m.seed, id, k, final[k], got[id], m.files[k], killed, st)
		}
	}
	if !killed || m.o.Sync != Never {
		for id := range got {
			m.promised[id] = true
		}
	}
	m.taken, m.unsynced, m.durable = nil, nil, maps.Clone(m.files)
	m.fail.Hook = m.hook
}

// live uses the log as carbon does, until the end.
func (m *model) live() {
	for m.dead, m.left = false, 1+m.r.IntN(150); !m.dead; {
		switch m.r.IntN(12) {
		default:
			m.append()
		case 0, 1:
			if err := m.l.Sync(); err == nil {
				m.synced()
			}
		case 2:
			m.l.retryAt = time.Time{} // as if the wait had passed
		case 3, 4, 5:
			m.write(m.r.IntN(sources))
		case 6:
			_, _ = m.l.Prune(func() error {
				if m.r.IntN(4) == 0 {
					return errInjected
				}
				m.durable = maps.Clone(m.files)
				return nil
			})
		}
	}
	_ = m.l.Close(false) // only releases the locks: nothing reaches the disk any more
}

// write writes the oldest points of a source to their files.
func (m *model) write(src int) {
	n := m.r.IntN(len(m.waiting[src]) + 1)
	for _, h := range m.waiting[src][:n] {
		m.files[m.keys[h.id]] = h.id
		m.l.Release(h.seg)
	}
	m.waiting[src] = m.waiting[src][n:]
}

func (m *model) synced() {
	if m.o.Sync == Never {
		return
	}
	for _, id := range m.unsynced {
		m.promised[id] = true
	}
	m.unsynced = nil
}

func (m *model) append() {
	src := m.r.IntN(sources)
	m.now += m.r.Int64N(20)
	first := uint64(len(m.keys))
	var batch []sample
	for range 1 + m.r.IntN(12) {
		k := key{fmt.Sprintf("%c%d", 'a'+src, m.r.IntN(6)), uint32(m.r.IntN(4))}
		batch = append(batch, sample{k.name, k.time, math.Float64bits(float64(len(m.keys)))})
		m.keys = append(m.keys, k)
	}
	seg, err := m.s.send(m.l, m.now, batch...)
	if durable := !errors.Is(err, ErrNotDurable); seg == 0 {
		if err == nil || !durable {
			m.t.Fatal("no segment and error", err)
		}
		return
	} else if err != nil && durable {
		m.t.Fatal("a segment and", err)
	}
	for id := first; id < uint64(len(m.keys)); id++ {
		m.l.Retain(seg)
		m.waiting[src] = append(m.waiting[src], held{seg, id})
		m.taken, m.unsynced = append(m.taken, id), append(m.unsynced, id)
	}
	m.l.Release(seg)
	if m.o.Sync == Always && err == nil {
		m.synced()
	}
}

// TestCrash ends a log at a random operation, by a power cut or a kill, four times in a row and
// with earlier operations failing, and checks what is left.
func TestCrash(t *testing.T) {
	n := *seeds
	if testing.Short() {
		n /= 10
	}
	for seed := range uint64(n) {
		r := rand.New(rand.NewPCG(seed, 7))
		m := &model{t: t, seed: seed, r: r, mem: vfs.NewMem(), promised: map[uint64]bool{}, files: map[key]uint64{}}
		m.keys = make([]key, 1) // no point has id 0
		killed := false
		for range 4 {
			m.o = Options{Dir: "wal", Sync: Policy(r.IntN(3)), SegmentSize: 100 + r.Int64N(800)}
			m.faults = []int{0, 20, 100}[r.IntN(3)]
			m.start(killed)
			m.live()
			if killed = r.IntN(2) == 0; !killed {
				m.mem = m.mem.Crash(r)
				m.files = m.durable
			}
		}
		m.start(killed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}
