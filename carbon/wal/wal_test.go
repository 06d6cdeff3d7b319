package wal

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"graphited/whisper/vfs"
)

// sample is one point in a test. The value is its bits, so that NaN equals itself.
type sample struct {
	name string
	time uint32
	bits uint64
}

// sender appends points to a log as carbon does. Each series has its Ref.
type sender struct {
	refs    map[string]*Ref
	entries []Entry
}

func newSender() *sender { return &sender{refs: map[string]*Ref{}} }

func (s *sender) send(l *Log, now int64, points ...sample) (uint64, error) {
	s.entries = s.entries[:0]
	for _, p := range points {
		r := s.refs[p.name]
		if r == nil {
			r = new(Ref)
			s.refs[p.name] = r
		}
		s.entries = append(s.entries, Entry{r, p.name, p.time, math.Float64frombits(p.bits)})
	}
	return l.Append(now, s.entries)
}

// entriesOf makes a batch of points, each with its own Ref.
func entriesOf(points ...sample) (list []Entry) {
	for _, p := range points {
		list = append(list, Entry{new(Ref), p.name, p.time, math.Float64frombits(p.bits)})
	}
	return list
}

func point(p *Point) sample { return sample{string(p.Name), p.Time, math.Float64bits(p.Value)} }

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func open(t testing.TB, fsys vfs.FS, o Options) *Log {
	t.Helper()
	if o.Dir == "" {
		o.Dir = "wal"
	}
	l, err := Open(fsys, o)
	must(t, err)
	return l
}

// replay returns all old points and retains no segment.
func replay(t testing.TB, l *Log) ([]sample, ReplayStats) {
	t.Helper()
	var got []sample
	st, err := l.Replay(t.Context(), func(p *Point) {
		got = append(got, point(p))
	})
	must(t, err)
	if st.Points != int64(len(got)) {
		t.Fatalf("%d points, %d counted", len(got), st.Points)
	}
	return got, st
}

func samples(n, series int, from uint32) []sample {
	list := make([]sample, n)
	for i := range list {
		list[i] = sample{fmt.Sprintf("servers.host%03d.cpu.user", i%series), from + uint32(i/series)*10, math.Float64bits(float64(i) / 3)}
	}
	return list
}

func TestLifecycle(t *testing.T) {
	m := vfs.NewMem()
	l := open(t, m, Options{SegmentSize: 1000})
	if l.Newest() != 0 {
		t.Error(l.Newest())
	}
	s, want := newSender(), []sample(nil)
	var segs []uint64
	for i := range 40 {
		batch := samples(7, 5, uint32(1000+i*60))
		seg, err := s.send(l, int64(5000+i), batch...)
		must(t, err)
		segs = append(segs, seg)
		want = append(want, batch...)
	}
	if segs[0] != 1 || segs[39] < 3 || !slices.IsSorted(segs) {
		t.Error(segs)
	}
	if _, err := Open(m, Options{Dir: "wal"}); !errors.Is(err, ErrLocked) {
		t.Error(err)
	}
	must(t, l.Close(false))
	must(t, l.Close(false))
	if _, err := s.send(l, 1, want[0]); !errors.Is(err, fs.ErrClosed) {
		t.Error(err)
	}

	l = open(t, m, Options{})
	if l.Newest() != 5039 {
		t.Error(l.Newest())
	}
	if n, err := l.Prune(nil); n != 0 || err != nil {
		t.Error("pruned before the replay", n, err)
	}
	kept := uint64(0)
	var got []sample
	st, err := l.Replay(t.Context(), func(p *Point) {
		got = append(got, point(p))
		if p.Segment == 2 && kept == 0 {
			kept = 2
			l.Retain(2)
		}
		if *p.Memo == nil {
			*p.Memo = string(p.Name)
		}
		if *p.Memo != string(p.Name) {
			t.Error(*p.Memo, string(p.Name))
		}
	})
	must(t, err)
	if !slices.Equal(got, want) || st.Damaged+st.Torn != 0 || st.Segments != int(segs[39]) {
		t.Errorf("%d points of %d, %+v", len(got), len(want), st)
	}
	if again, _ := replay(t, l); len(again) != 0 {
		t.Error("replayed twice")
	}
	synced := 0
	prune := func(want int) {
		t.Helper()
		if n, err := l.Prune(func() error { synced++; return nil }); n != want || err != nil {
			t.Errorf("removed %d, %v; want %d", n, err, want)
		}
	}
	prune(1)
	if seg, pinned, _ := l.Oldest(); seg != 2 || !pinned {
		t.Error(seg, pinned)
	}
	seg, err := s.send(l, 6000, want[0])
	must(t, err)
	if seg != segs[39]+1 {
		t.Error("the new segment is", seg)
	}
	l.Release(2)
	broken := errors.New("broken")
	if n, err := l.Prune(func() error { return broken }); n != 0 || !errors.Is(err, broken) {
		t.Error(n, err)
	}
	prune(int(segs[39]) - 1)
	prune(0)
	l.Release(seg)
	prune(1)
	if got := l.Stats(); synced != 3 || got.Segments != 0 || got.Size != 0 || got.Points != 1 {
		t.Errorf("%d, %+v", synced, got)
	}
	if seg, pinned, size := l.Oldest(); seg != 0 || pinned || size != 0 {
		t.Error(seg, pinned, size)
	}
	must(t, l.Close(true))
	if got := m.Names(); !slices.Equal(got, []string{"./", "/", "wal/", "wal/lock"}) {
		t.Error(got)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := vfs.NewMem()
		names := rapid.SliceOfNDistinct(rapid.String(), 1, 20, rapid.ID).Draw(rt, "names")
		size := rapid.Int64Range(1, 3000).Draw(rt, "size")
		point := rapid.Custom(func(rt *rapid.T) sample {
			return sample{rapid.SampledFrom(names).Draw(rt, "name"), rapid.Uint32().Draw(rt, "time"), rapid.Uint64().Draw(rt, "bits")}
		})
		var want []sample
		s := newSender()
		for range rapid.IntRange(1, 3).Draw(rt, "lives") {
			l := open(t, m, Options{SegmentSize: size, Sync: Policy(rapid.IntRange(0, 2).Draw(rt, "policy")), SegmentAge: time.Minute})
			got, st := replay(t, l)
			if !slices.Equal(got, want) || st.Damaged+st.Torn != 0 {
				rt.Fatalf("got %v, want %v, %+v", got, want, st)
			}
			for range rapid.IntRange(0, 5).Draw(rt, "batches") {
				batch := rapid.SliceOfN(point, 0, 50).Draw(rt, "batch")
				now := rapid.Int64().Draw(rt, "now")
				seg, err := s.send(l, now, batch...)
				must(t, err)
				l.Release(seg)
				want = append(want, batch...)
			}
			must(t, l.Close(false))
		}
	})
}

// TestLargeBatch has more points and longer names than fit in one record.
func TestLargeBatch(t *testing.T) {
	m := vfs.NewMem()
	l := open(t, m, Options{Sync: Interval})
	want := samples(100_000, 50_000, 7)
	for i := range 10 {
		want[i].name += string(make([]byte, 200_000))
	}
	s := newSender()
	_, err := s.send(l, 5, want...)
	must(t, err)
	if _, err := s.send(l, 5, sample{name: "new"}, sample{name: string(make([]byte, maxName+1))}); err == nil {
		t.Error("a name above the limit was accepted")
	}
	last := samples(1, 1, 70_000)
	_, err = s.send(l, 5, append(last, sample{name: "new"})...)
	must(t, err)
	must(t, l.Close(false))
	got, st := replay(t, open(t, m, Options{Strict: true}))
	if !slices.Equal(got, append(want, last[0], sample{name: "new"})) {
		t.Errorf("%d points, %+v", len(got), st)
	}
}

func TestReferences(t *testing.T) {
	l := open(t, vfs.NewMem(), Options{})
	panics := func(f func()) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Error("no panic")
			}
		}()
		f()
	}
	l.Retain(0)
	l.Release(0)
	panics(func() { l.Retain(1) })
	panics(func() { l.Release(1) })
	seg, err := newSender().send(l, 1, sample{name: "a"})
	must(t, err)
	l.Retain(seg)
	l.Release(seg)
	l.Release(seg)
	panics(func() { l.Retain(seg) })
}

func TestSegmentAge(t *testing.T) {
	l := open(t, vfs.NewMem(), Options{SegmentAge: time.Minute})
	s := newSender()
	var got []uint64
	for _, now := range []int64{100, 159, 160, 50, 219, 220} {
		seg, err := s.send(l, now, sample{name: "a"})
		must(t, err)
		got = append(got, seg)
	}
	if !slices.Equal(got, []uint64{1, 1, 2, 2, 2, 3}) {
		t.Error(got)
	}
}

func BenchmarkAppend(b *testing.B) {
	for _, policy := range []Policy{Never, Interval} {
		b.Run(fmt.Sprint(policy), func(b *testing.B) {
			l := open(b, vfs.OS{}, Options{Dir: b.TempDir(), Sync: policy})
			defer l.Close(false)
			ctx := b.Context()
			go l.Run(ctx)
			const series, size = 100_000, 500
			refs := make([]Ref, series)
			entries := make([]Entry, series)
			for i := range entries {
				entries[i] = Entry{Ref: &refs[i], Name: fmt.Sprintf("servers.host%05d.cpu.user", i), Value: float64(i) / 7}
			}
			b.ReportAllocs()
			now := int64(1_700_000_000)
			at := 0
			for b.Loop() {
				if at += size; at >= series {
					at = 0
					now += 10
				}
				batch := entries[at : at+size]
				for i := range batch {
					batch[i].Time = uint32(now)
				}
				seg, err := l.Append(now, batch)
				if err != nil {
					b.Fatal(err)
				}
				l.Release(seg)
				if l.Stats().Segments > 3 {
					if _, err := l.Prune(func() error { return nil }); err != nil {
						b.Fatal(err)
					}
				}
			}
			st := l.Stats()
			b.ReportMetric(float64(st.Bytes)/float64(st.Points), "B/point")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(st.Points), "ns/point")
		})
	}
}

func BenchmarkReplay(b *testing.B) {
	dir := b.TempDir()
	o := Options{Dir: dir, Sync: Never}
	l := open(b, vfs.OS{}, o)
	s, batch := newSender(), samples(500, 500, 0)
	for now := int64(0); l.Stats().Bytes < 32<<20; now += 10 {
		for i := range batch {
			batch[i].time = uint32(now)
		}
		if _, err := s.send(l, now, batch...); err != nil {
			b.Fatal(err)
		}
	}
	points, size := l.Stats().Points, l.Stats().Bytes
	must(b, l.Close(false))
	b.SetBytes(size)
	b.ReportAllocs()
	sum := 0.0
	for b.Loop() {
		l := open(b, vfs.OS{}, o)
		st, err := l.Replay(b.Context(), func(p *Point) { sum += p.Value })
		if err != nil || st.Points != points {
			b.Fatal(st, err)
		}
		must(b, l.Close(false))
	}
	b.ReportMetric(float64(points)*float64(b.N)/b.Elapsed().Seconds()/1e6, "Mpoints/s")
}

func files(t testing.TB, fsys vfs.FS) (list []string) {
	t.Helper()
	entries, err := fsys.ReadDir("wal")
	must(t, err)
	for _, e := range entries {
		if e.Name != "lock" {
			list = append(list, filepath.Base(e.Name))
		}
	}
	return list
}

// BenchmarkAlways runs 100 senders that wait for the disk.
func BenchmarkAlways(b *testing.B) {
	l := open(b, vfs.OS{}, Options{Dir: b.TempDir(), Sync: Always})
	defer l.Close(false)
	var wg sync.WaitGroup
	var left atomic.Int64
	left.Store(int64(b.N))
	b.ReportAllocs()
	b.ResetTimer()
	for range 100 {
		wg.Go(func() {
			s, batch := newSender(), samples(100, 100, 1)
			for left.Add(-1) >= 0 {
				if _, err := s.send(l, 1, batch...); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	st := l.Stats()
	b.ReportMetric(float64(st.Points)/b.Elapsed().Seconds()/1e3, "kpoints/s")
	b.ReportMetric(float64(b.N)/float64(st.Syncs), "batches/sync")
}
