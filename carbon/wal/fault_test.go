package wal

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"graphited/whisper/vfs"
)

// TestFaults makes each operation of a log's life fail, once or from then on, with writes cut
// short. Every appended point must be found afterwards, or its loss must have been reported.
func TestFaults(t *testing.T) {
	old := vfs.NewMem()
	l := open(t, old, Options{SegmentSize: 200})
	before := samples(40, 5, 100)
	for s := newSender(); len(before) > 0; before = before[10:] {
		_, err := s.send(l, 1, before[:10]...)
		must(t, err)
	}
	before = samples(40, 5, 100)
	must(t, l.Close(false))
	if n := len(files(t, old)); n < 2 {
		t.Fatal(n, "segments")
	}
	for _, policy := range []Policy{Never, Interval, Always} {
		for _, forever := range []bool{false, true} {
			for n, done := int64(1), false; !done; n++ {
				m := copyOf(t, old)
				fsys := vfs.FailNth(m, n, forever, errInjected)
				fsys.Short = true
				name := fmt.Sprintf("policy %d, operation %d, forever %v", policy, n, forever)
				told := 0
				taken := faultyLife(t, fsys, Options{Sync: policy, SegmentSize: 300, Tell: func(string, error) { told++ }})
				done = fsys.Ops() < n
				got, st := replay(t, open(t, m, Options{}))
				has := map[sample]bool{}
				for _, p := range got {
					has[p] = true
				}
				for _, p := range taken {
					if !has[p] {
						t.Fatalf("%s: %v was appended and is lost, %+v", name, p, st)
					}
				}
				for _, p := range before {
					if !has[p] && told == 0 {
						t.Fatalf("%s: %v was there and is lost, and the loss was not reported, %+v", name, p, st)
					}
				}
				if done && (told != 0 || len(taken) != 180) {
					t.Errorf("%s: %d points appended, %d reported", name, len(taken), told)
				}
			}
		}
	}
}

func copyOf(t *testing.T, m *vfs.Mem) *vfs.Mem {
	t.Helper()
	c := vfs.NewMem()
	must(t, c.MkdirAll("wal", 0o755))
	for _, name := range files(t, m) {
		b, err := vfs.ReadFile(m, "wal/"+name)
		must(t, err)
		must(t, vfs.WriteFile(c, "wal/"+name, b, 0o644))
	}
	return c
}

// faultyLife uses all methods of a log and returns the points whose Append succeeded.
func faultyLife(t *testing.T, fsys vfs.FS, o Options) (taken []sample) {
	t.Helper()
	o.Dir = "wal"
	l, err := Open(fsys, o)
	if err != nil {
		if !errors.Is(err, errInjected) {
			t.Fatal(err)
		}
		return nil
	}
	if _, err := l.Replay(t.Context(), func(p *Point) { l.Retain(p.Segment) }); err != nil {
		t.Fatal(err)
	}
	s := newSender()
	for i := range 20 {
		batch := samples(9, 5, uint32(1000+i*100))
		seg, err := s.send(l, int64(i), batch...)
		if seg == 0 {
			continue
		}
		if err != nil && !errors.Is(err, ErrNotDurable) {
			t.Fatal(err)
		}
		taken = append(taken, batch...)
		if i%5 == 0 {
			_ = l.Sync()
		}
		if i%7 == 0 {
			_, _ = l.Prune(func() error { return nil })
		}
	}
	_ = l.Close(false)
	return taken
}

// failing makes operations fail while it is on.
type failing struct {
	on    atomic.Bool
	kinds string
}

func (f *failing) hook(op vfs.Op) error {
	if f.on.Load() && strings.Contains(f.kinds, op.Kind) {
		return errInjected
	}
	return nil
}

func TestDiskFull(t *testing.T) {
	for _, kinds := range []string{"WriteAt", "WriteAt Truncate", "WriteAt Truncate Open", "WriteAt Remove"} {
		m, f := vfs.NewMem(), &failing{kinds: kinds}
		l := open(t, &vfs.Fail{FS: m, Hook: f.hook, Short: true}, Options{SegmentSize: 300})
		s := newSender()
		var want []sample
		for i := range 60 {
			f.on.Store(i%10 >= 5)
			batch := samples(3+i%7, 4+i/10, uint32(i*100))
			seg, err := s.send(l, 1, batch...)
			if f.on.Load() {
				if seg != 0 || !errors.Is(err, errInjected) {
					t.Fatal(seg, err)
				}
				continue
			}
			must(t, err)
			want = append(want, batch...)
		}
		if got := l.Stats(); got.WriteErrors != 30 || got.Points != int64(len(want)) {
			t.Errorf("%+v", got)
		}
		must(t, l.Close(false))
		got, st := replay(t, open(t, m, Options{Strict: true}))
		// A refused batch may be found if it could not be truncated. Those that were appended are
		// found in order.
		if kinds == "WriteAt" && !slices.Equal(got, want) {
			t.Errorf("%s: %d of %d, %+v", kinds, len(got), len(want), st)
		}
		i := 0
		for _, p := range got {
			if i < len(want) && p == want[i] {
				i++
			}
		}
		if i < len(want) {
			t.Errorf("%s: %d of %d, %+v", kinds, i, len(want), st)
		}
	}
}

// TestSyncFailure makes syncs fail once, which only the counters show, and for a time, during which
// appending goes on.
func TestSyncFailure(t *testing.T) {
	m, f := vfs.NewMem(), &failing{kinds: "SyncData"}
	once := atomic.Bool{}
	fsys := &vfs.Fail{FS: m, Hook: func(op vfs.Op) error {
		if op.Kind == "SyncData" && once.CompareAndSwap(true, false) {
			return errInjected
		}
		return f.hook(op)
	}}
	var told []string
	l := open(t, fsys, Options{Sync: Always, Tell: func(s string, err error) { told = append(told, s) }})
	s := newSender()
	all := samples(100, 10, 1)
	send := func(want error) {
		t.Helper()
		if seg, err := s.send(l, 1, all[:5]...); seg == 0 || !errors.Is(err, want) {
			t.Error(seg, err)
		}
		all = all[5:]
	}
	send(nil)
	once.Store(true)
	send(nil)
	if st := l.Stats(); st.SyncErrors != 1 || st.Failing || st.Unsynced != 0 || st.Segments != 2 || len(told) != 1 {
		t.Errorf("%+v, %v", st, told)
	}
	f.on.Store(true)
	send(ErrNotDurable)
	send(errInjected)
	if st := l.Stats(); st.SyncErrors != 3 || !st.Failing || st.Unsynced == 0 || len(told) != 3 {
		t.Errorf("%+v, %v", st, told)
	}
	l.retryAt = time.Time{}
	send(ErrNotDurable)
	if l.wait != 2*waitMin {
		t.Error(l.wait)
	}
	f.on.Store(false)
	send(ErrNotDurable) // too early for another attempt
	l.retryAt = time.Time{}
	send(nil)
	if st := l.Stats(); st.Failing || st.Unsynced != 0 || st.Unsure != 0 || len(told) != 4 {
		t.Errorf("%+v, %v", st, told)
	}
	must(t, l.Close(false))
}

// TestUnreadable checks that the log recovers from a file that can neither be synced nor read back.
func TestUnreadable(t *testing.T) {
	m, f := vfs.NewMem(), &failing{kinds: "SyncData ReadAt"}
	l := open(t, &vfs.Fail{FS: m, Hook: f.hook}, Options{Sync: Always})
	s := newSender()
	all := samples(100, 10, 1)
	_, err := s.send(l, 1, all[:10]...)
	must(t, err)
	f.on.Store(true)
	for i := range readTries {
		l.retryAt = time.Time{}
		f.kinds = "SyncData ReadAt"
		if i > 0 {
			f.kinds = "ReadAt"
		}
		if _, err := s.send(l, 1, all[10:20]...); !errors.Is(err, ErrNotDurable) {
			t.Fatal(i, err)
		}
	}
	_, err = s.send(l, 1, all[20:30]...)
	must(t, err)
	if st := l.Stats(); st.Failing || st.Unsure == 0 {
		t.Errorf("%+v", st)
	}
	must(t, l.Close(false))
	if got, st := replay(t, open(t, m, Options{Strict: true})); len(got) < 50 {
		t.Errorf("%d points, %+v", len(got), st)
	}
}

// TestLongFailure has more unsynced bytes than are held in memory, and more than are copied to a
// new segment.
func TestLongFailure(t *testing.T) {
	m, f := vfs.NewMem(), &failing{kinds: "SyncData"}
	l := open(t, &vfs.Fail{FS: m, Hook: f.hook}, Options{Sync: Interval, SegmentSize: 6 << 20})
	f.on.Store(true)
	s, batch := newSender(), samples(30_000, 3_000, 1)
	for i := range 100 {
		if i == 50 {
			if err := l.Sync(); !errors.Is(err, ErrNotDurable) {
				t.Fatal(err)
			}
		}
		_, err := s.send(l, int64(i), batch...)
		must(t, err)
	}
	pending := 0
	for _, u := range l.unsynced {
		pending += len(u.pending)
	}
	if pending > (pendingSegments+1)*(7<<20) {
		t.Error(pending, "bytes in memory")
	}
	f.on.Store(false)
	l.retryAt = time.Time{}
	must(t, l.Sync())
	st := l.Stats()
	if st.Unsure != 0 || st.Unsynced != 0 {
		t.Errorf("%+v", st)
	}
	must(t, l.Close(false))
	want := st.Points
	l = open(t, m, Options{})
	st2, err := l.Replay(t.Context(), func(*Point) {})
	must(t, err)
	if st2.Points < 2*want-30_000 || st2.Damaged != 0 {
		t.Errorf("%d points appended, %+v", want, st2)
	}
}

// TestConcurrent runs many senders, a writer that prunes, and a reader of statistics, with each
// policy.
func TestConcurrent(t *testing.T) {
	for _, policy := range []Policy{Never, Interval, Always} {
		m := vfs.NewMem()
		var n atomic.Int64
		fsys := &vfs.Fail{FS: m, Hook: func(op vfs.Op) error {
			if op.Kind == "SyncData" && n.Add(1)%7 == 0 {
				return errInjected
			}
			return nil
		}}
		l := open(t, fsys, Options{Sync: policy, SegmentSize: 4000, SyncInterval: time.Millisecond})
		ctx, stop := context.WithCancel(context.Background())
		var run, senders sync.WaitGroup
		run.Go(func() {
			if err := l.Run(ctx); err != nil {
				t.Error(err)
			}
		})
		run.Go(func() {
			for ctx.Err() == nil {
				if _, err := l.Prune(func() error { return nil }); err != nil {
					t.Error(err)
				}
				l.Stats()
				l.Oldest()
				time.Sleep(time.Millisecond)
			}
		})
		kept := make([][]sample, 8)
		for i := range kept {
			senders.Go(func() {
				s := newSender()
				for k := range 100 {
					batch := samples(20, 7, uint32(k*1000))
					for b := range batch {
						batch[b].name = fmt.Sprint(i, batch[b].name)
					}
					seg, err := s.send(l, int64(k), batch...)
					if err != nil {
						t.Error(err)
					}
					if k < 50 {
						l.Retain(seg)
						l.Release(seg)
						l.Release(seg)
					} else {
						kept[i] = append(kept[i], batch...)
					}
				}
			})
		}
		senders.Wait()
		stop()
		run.Wait()
		must(t, l.Close(false))
		has := map[sample]bool{}
		got, st := replay(t, open(t, m, Options{}))
		for _, p := range got {
			has[p] = true
		}
		for _, list := range kept {
			for _, p := range list {
				if !has[p] {
					t.Fatalf("policy %d: %v is lost, %+v", policy, p, st)
				}
			}
		}
	}
}

// TestGroupCommit checks that many callers share one sync.
func TestGroupCommit(t *testing.T) {
	var syncs atomic.Int64
	fsys := &vfs.Fail{FS: vfs.NewMem(), Hook: func(op vfs.Op) error {
		if op.Kind == "SyncData" {
			syncs.Add(1)
			time.Sleep(time.Millisecond)
		}
		return nil
	}}
	l := open(t, fsys, Options{Sync: Always})
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			s := newSender()
			for k := range 10 {
				if _, err := s.send(l, int64(k), samples(3, 3, 1)...); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if n := syncs.Load(); n > 250 || n != l.Stats().Syncs {
		t.Errorf("%d syncs of 500 batches, %+v", n, l.Stats())
	}
}

// TestSlowSync appends across the ends of segments while a sync does not return.
func TestSlowSync(t *testing.T) {
	entered, release := make(chan bool), make(chan bool)
	var slow atomic.Bool
	m := vfs.NewMem()
	fsys := &vfs.Fail{FS: m, Hook: func(op vfs.Op) error {
		if op.Kind == "SyncData" && slow.Load() {
			entered <- true
			<-release
		}
		return nil
	}}
	l := open(t, fsys, Options{Sync: Interval, SegmentSize: 500})
	s := newSender()
	var want []sample
	send := func() {
		t.Helper()
		batch := samples(10, 5, uint32(len(want)))
		_, err := s.send(l, 1, batch...)
		must(t, err)
		want = append(want, batch...)
	}
	send()
	slow.Store(true)
	done := make(chan error)
	go func() { done <- l.Sync() }()
	<-entered
	for range 50 {
		send()
	}
	slow.Store(false)
	close(release)
	must(t, <-done)
	if st := l.Stats(); st.Unsynced == 0 || st.Syncs != 1 || st.Segments < 5 {
		t.Errorf("%+v", st)
	}
	must(t, l.Sync())
	if st := l.Stats(); st.Unsynced != 0 {
		t.Errorf("%+v", st)
	}
	crashed := m.Crash(rand.New(rand.NewPCG(1, 1)))
	if got, _ := replay(t, open(t, crashed, Options{Strict: true})); !slices.Equal(got, want) {
		t.Errorf("%d of %d", len(got), len(want))
	}
}

// TestPending checks the memory for unsynced bytes: it is freed after a burst.
func TestPending(t *testing.T) {
	m := vfs.NewMem()
	l := open(t, m, Options{Sync: Interval})
	s := newSender()
	f := func(points, low, high int) {
		t.Helper()
		_, err := s.send(l, 1, samples(points, 100, 1)...)
		must(t, err)
		must(t, l.Sync())
		if c := cap(l.cur.pending); len(l.cur.pending) != 0 || c < low || c > high {
			t.Errorf("%d bytes pending, capacity %d, want %d to %d", len(l.cur.pending), c, low, high)
		}
	}
	f(20_000, 150_000, 1<<20)
	f(10_000, 90_000, 1<<20)
	f(100, 0, 0)
	f(100, 900, 10_000)
	must(t, l.Close(false))
}

// TestRemovedByOthers checks that when somebody removes the segment in use, or the folder, points
// are unsafe only until the next sync.
func TestRemovedByOthers(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("open files cannot be removed here")
	}
	dir := filepath.Join(t.TempDir(), "wal")
	l := open(t, vfs.OS{}, Options{Dir: dir, Sync: Interval})
	ref := new(Ref)
	add := func(v float64) {
		t.Helper()
		seg, err := l.Append(100, []Entry{{Ref: ref, Name: "a", Time: 100, Value: v}})
		must(t, err)
		l.Retain(seg)
		l.Release(seg)
	}
	add(1)
	must(t, l.Sync())
	add(2)
	must(t, os.RemoveAll(dir))
	must(t, l.Sync())
	add(3)
	must(t, l.Sync())
	if n := l.Stats().SyncErrors; n == 0 {
		t.Error("the removal of the segment was not noticed")
	}
	must(t, l.Close(false))
	l = open(t, vfs.OS{}, Options{Dir: dir, Sync: Interval})
	var got []float64
	_, err := l.Replay(t.Context(), func(p *Point) { got = append(got, p.Value) })
	must(t, err)
	if !slices.Equal(got, []float64{2, 3}) {
		t.Errorf("replayed %v, want the points not known to be durable and the later ones", got)
	}
	must(t, l.Close(false))
}

// TestOldSegmentsThatCannotBeSynced checks that points of a killed process that the disk has since
// refused to sync are durable after the next start, in a copy.
func TestOldSegmentsThatCannotBeSynced(t *testing.T) {
	broken := errors.New("broken")
	for seed := range uint64(50) {
		m, r := vfs.NewMem(), rand.New(rand.NewPCG(seed, 6))
		fail := &vfs.Fail{FS: m}
		l := open(t, fail, Options{Sync: Interval})
		s := newSender()
		_, err := s.send(l, 1, samples(20, 100, 1)...)
		must(t, err)
		fail.Hook = func(vfs.Op) error { return broken } // killed
		_ = l.Close(false)
		m.FailWriteback(r, broken)
		l = open(t, m, Options{Sync: Interval})
		want, _ := replay(t, l)
		if len(want) != 20 {
			t.Fatalf("seed %d: %d points, want 20", seed, len(want))
		}
		crashed := m.Crash(r)
		must(t, l.Close(false))
		if got, st := replay(t, open(t, crashed, Options{Strict: true})); !slices.Equal(got, want) {
			t.Fatalf("seed %d: found %d of %d points after a power cut, %+v", seed, len(got), len(want), st)
		}
		for _, name := range crashed.Names() {
			if vfs.IsTemp(filepath.Base(name)) {
				t.Fatalf("seed %d: %q is left", seed, name)
			}
		}
	}
}
