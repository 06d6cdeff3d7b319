package carbon

import (
	"flag"
	"fmt"
	"math"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

var findableSeeds = flag.Int("carbon.findseeds", 60, "how many random lives of a folder TestFindable looks at")

// The series of TestFindable, and what each one shows.
var (
	findablePlain  = []string{"a.b", "a.c", "a.b.d", "x", "deep.er.one"}
	findableTagged = []string{"t.u;k=1", "t.u;k=2", "t;k=3;p=/", "t;k=4;p=/a/{b.c}/d", "t;k=5;u=http://h.x//y", "t_DOT_u;k=6", "a.c;k=7"}
)

// findable is a folder with what comes and goes in it, and the daemon that works on it now. What
// has points must be findable after each step, and what has neither points nor a file must be gone
// after a scan.
type findable struct {
	t    *testing.T
	seed uint64
	r    *rand.Rand
	mem  *vfs.Mem
	d    *Daemon
	now  int64
	step string

	trace  []string
	dead   bool            // the process is over
	full   bool            // the disk takes no bytes
	busy   bool            // inside an operation in which nothing else may happen
	unseen map[string]bool // files that another process has put there since the last scan
	hidden map[string]bool // series whose files are called by a hash, and whose names nobody has been told
}

func (m *findable) spec(string) whisper.Spec {
	return whisper.Spec{Archives: []whisper.Archive{{Step: 10, Points: 100}}, Method: whisper.Last}
}

func (m *findable) fatalf(format string, args ...any) {
	m.t.Helper()
	m.t.Log(strings.Join(m.trace[max(0, len(m.trace)-100):], "\n")) // a seed does not say all: the cache's order is another one each time
	m.t.Fatalf("seed %d, %s: %s", m.seed, m.step, fmt.Sprintf(format, args...))
}

// hook is asked before each operation on the disk. In some of them something else happens: a scan
// while a file is being made, points while the folders are looked at.
func (m *findable) hook(op vfs.Op) error {
	if m.dead {
		return errInjected
	}
	if !m.busy && m.d != nil && !m.isLocked(op.Name) && m.r.IntN(12) == 0 {
		m.busy = true
		switch {
		case op.Kind == "ReadDir":
			m.receive()
			if m.r.IntN(2) == 0 {
				m.write()
			}
		case strings.HasPrefix(m.step, "write"), strings.HasPrefix(m.step, "receive"):
			m.trace = append(m.trace, fmt.Sprint("nested scan in ", op.Kind, op.Name))
			_ = m.d.scanner.scan()
		}
		m.busy = false
	}
	if m.full && (op.Kind == "WriteAt" || op.Kind == "Truncate" || op.Kind == "Fallocate" || op.Kind == "MkdirAll") {
		return syscall.ENOSPC
	}
	return nil
}

// isLocked reports whether an operation on a file is made under a lock that a scan needs: the
// list's, or that of the folder, whose place is looked at.
func (m *findable) isLocked(name string) bool {
	return strings.HasSuffix(name, tagLogFile) || strings.HasSuffix(name, lockFile) || len(name) <= len(m.d.o.LocalDataDir)
}

// start starts a daemon on what is there.
func (m *findable) start() {
	m.dead, m.full, m.busy = false, false, true
	o := conf.DefaultOptions()
	o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.MetricInterval, o.Workers = "data", 0, 0, 0, 0, 1
	o.HashTagged = m.r.IntN(3) > 0
	o.MaxCreates = []float64{math.Inf(1), 60, 1, 0}[m.r.IntN(4)]
	if m.r.IntN(4) == 0 {
		_ = m.mem.Remove("data/" + indexFile)
	}
	var err error
	m.d, err = New(o, Deps{FS: &vfs.Fail{FS: m.mem, Hook: m.hook}, Spec: m.spec, Clock: func() time.Time { return time.Unix(m.now, 0) }, Log: zerolog.Nop()})
	if err == nil {
		err = m.d.load(m.t.Context())
	}
	if err != nil {
		m.fatalf("no start: %v", err)
	}
	m.d.scanner.clock = func() time.Time { return time.Unix(m.now, 0) }
	m.d.writer.creating.now = m.d.scanner.clock
	m.d.writer.disk.now = m.d.scanner.clock
	m.d.running.open(m.t.Context())
	for _, name := range slices.Concat(findablePlain, findableTagged) {
		m.unseen[name] = true // if it has a file: the first scan after the start finds what the kept index does not have
	}
	m.busy = false
}

// end ends the daemon in order, or kills it.
func (m *findable) end(inOrder bool) {
	if inOrder {
		m.full = false
		m.d.writer.drain()
		_ = m.d.kept.keep()
		if err := m.d.endJournal(); err != nil {
			m.fatalf("no end: %v", err)
		}
	}
	m.dead = true
	m.d.Close()
}

func (m *findable) any() string {
	all := slices.Concat(findablePlain, findableTagged)
	return all[m.r.IntN(len(all))]
}

func (m *findable) receive() {
	var lines []byte
	var told []string
	for range 1 + m.r.IntN(4) {
		name := m.any()
		told = append(told, name)
		lines = fmt.Appendf(lines, "%s %d %d\n", name, m.r.IntN(9), m.now-m.r.Int64N(50))
	}
	m.trace = append(m.trace, "lines "+string(lines))
	b := wire.NewBatch()
	wire.DecodeDatagram(b, lines)
	m.d.newIntake(nil).add(b)
	m.tell(told...)
}

// tell notes that the names of series are known from now on, unless the disk has not taken them.
func (m *findable) tell(names ...string) {
	for _, name := range names {
		if !m.full && len(m.d.tagged.unsaved) == 0 {
			delete(m.hidden, name)
		}
	}
}

func (m *findable) write() {
	m.d.writer.round(m.t.Context(), m.d.cache.Round("sorted", func(*cache.Series) bool { return m.r.IntN(3) > 0 }))
}

// put makes the file of a series as another process does.
func (m *findable) put() {
	name := m.any()
	places := slices.Collect(naming.AllPlaces(name, m.r.IntN(2) == 0))
	file := path.Join("data", places[m.r.IntN(len(places))]+naming.FileSuffix)
	if m.exists(name) {
		return // of two files of a series one is enough
	}
	if err := m.mem.MkdirAll(path.Dir(file), 0o755); err != nil {
		m.fatalf("%v", err)
	}
	if err := whisper.Create(m.mem, file, m.spec(name), m.now, []whisper.Point{{Time: m.now - 20, Value: 1}}, whisper.Options{}); err != nil {
		m.fatalf("%v", err)
	}
	m.unseen[name] = true
	if naming.IsTagged(name) && file == naming.FilePath("data", name, true) {
		m.hidden[name] = true
	}
}

// take removes the files of a series as another process does.
func (m *findable) take() {
	name := m.any()
	for rel := range naming.AllPlaces(name, true) {
		_ = m.mem.Remove("data/" + rel + naming.FileSuffix)
	}
}

// exists tells whether a series has a file.
func (m *findable) exists(name string) bool {
	_, err := m.mem.Stat(naming.ExistingPath(m.mem, "data", name, true))
	return err == nil
}

// plainFile tells whether the only file of a tagged series is one that no tagged series has.
func (m *findable) plainFile(name string) bool {
	rel, ok := strings.CutPrefix(naming.ExistingPath(m.mem, "data", name, true), "data/")
	return ok && m.exists(name) && naming.IsTagged(name) && rel == index.MetricFile(name)+naming.FileSuffix
}

// found lists where a series is found.
func (m *findable) found(name string) map[string]bool {
	st, in := m.d.Store(), map[string]bool{}
	has := func(pattern string) bool {
		for path, leaf := range st.Find(m.t.Context(), pattern) {
			if leaf && path == name {
				return true
			}
		}
		return false
	}
	if !naming.IsTagged(name) {
		in["glob"] = has(name[:strings.LastIndexByte(name, '.')+1] + "*")
		in["deep glob"] = has("**." + name[strings.LastIndexByte(name, '.')+1:])
		return in
	}
	tagged := func(exprs ...string) bool {
		seq, err := st.FindTagged(m.t.Context(), exprs)
		if err != nil {
			m.fatalf("%v", err)
		}
		all := slices.Collect(seq)
		if slices.Contains(all, "") || len(slices.Compact(slices.Clone(all))) != len(all) || slices.ContainsFunc(all, func(s string) bool { return strings.HasPrefix(s, naming.TaggedFolder) }) {
			m.fatalf("%v finds %q", exprs, all)
		}
		return slices.Contains(all, name)
	}
	k := index.TagOf(name, "k")
	in["name"] = tagged("name="+index.TagOf(name, "name"), "k!=")
	in["tag"] = tagged("k=" + k)
	in["regexp"] = tagged("name=~.")
	values, err := m.d.Tags().CompleteValues(nil, "k", "", 0)
	in["completion"] = err == nil && slices.Contains(values, k)
	for _, f := range search(m, "k="+k) {
		in["search"] = in["search"] || f.Path == name
	}
	return in
}

func search(m *findable, text string) []index.Found {
	found, err := m.d.Store().Search(text, 100)
	if err != nil {
		m.fatalf("%v", err)
	}
	return found
}

// check looks at all series after a step; scanned tells that it was a whole scan.
func (m *findable) check(scanned bool) {
	m.busy = true
	defer func() { m.busy = false }()
	if scanned {
		clear(m.unseen)
	}
	for _, name := range slices.Concat(findablePlain, findableTagged) {
		points := m.d.cache.Waiting(name)
		file := m.exists(name)
		if (points || file) && m.r.IntN(2) == 0 {
			if !slices.ContainsFunc(slices.Collect(func(yield func(string) bool) {
				for path := range m.d.Store().Find(m.t.Context(), name) {
					yield(path)
				}
			}), func(path string) bool { return path == name }) {
				m.fatalf("%s is not found by its name (points wait: %v, file: %v)", name, points, file)
			}
			m.tell(name)
			if !m.plainFile(name) {
				delete(m.unseen, name)
			}
		}
		for how, found := range m.found(name) {
			switch {
			case !points && (m.unseen[name] || m.hidden[name] || m.plainFile(name)):
			case (points || file) && !found:
				m.fatalf("%s is not found by %s (points wait: %v, file: %v)", name, how, points, file)
			case !points && !file && found && scanned:
				m.fatalf("%s is found by %s after a scan, and has neither points nor a file", name, how)
			}
		}
	}
}

// live lets a random step happen, and checks.
func (m *findable) live() {
	m.now += 1 + m.r.Int64N(20)
	scanned := false
	switch m.r.IntN(16) {
	default:
		m.step = "receive"
		m.receive()
	case 0, 1, 2:
		m.step = "write"
		m.write()
	case 3, 4, 5:
		m.step, scanned = "scan", true
		if err := m.d.scanner.scan(); err != nil {
			m.fatalf("%v", err)
		}
		m.d.scanner.countUnnamed()
	case 6:
		m.step, m.busy = "remove", true
		_, _ = m.d.Remove(m.t.Context(), []string{m.any()})
		m.busy = false
	case 7:
		m.step = "put"
		m.put()
	case 8:
		m.step = "take"
		m.take()
	case 9:
		m.step, m.full = "full", !m.full
	case 10:
		m.step = "prune"
		_, _ = m.d.journal.log.Prune(m.d.journal.syncData)
	case 11:
		inOrder := m.r.IntN(2) == 0
		m.step = fmt.Sprintf("restart, in order: %v", inOrder)
		m.end(inOrder)
		m.start()
	}
	m.trace = append(m.trace, fmt.Sprint("done ", m.step, " full ", m.full, m.d.Tags().Names(), slices.Collect(m.d.names.Names())))
	m.check(scanned)
}

// TestFindable: whatever has points, in the cache, the log or a file, is found by each way of
// finding, whenever the folders are looked at, files cannot be made, come or go, series are removed
// or the daemon ends; and what has neither points nor a file is gone after a look at the folders.
func TestFindable(t *testing.T) {
	seeds := *findableSeeds
	if testing.Short() {
		seeds /= 10
	}
	for seed := range uint64(seeds) {
		m := &findable{t: t, seed: seed, r: rand.New(rand.NewPCG(seed, 5)), mem: vfs.NewMem(), now: benchTime, unseen: map[string]bool{}, hidden: map[string]bool{}}
		m.start()
		for range 60 {
			m.live()
		}
		m.end(true)
	}
}
