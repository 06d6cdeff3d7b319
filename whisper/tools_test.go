package whisper

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"graphited/whisper/vfs"
)

// lived creates a file with the history of the given seed, and returns when the history ended.
func lived(t *testing.T, path string, h history) (now int64) {
	t.Helper()
	for i, c := range h.calls {
		var err error
		if i == 0 {
			err = Create(vfs.OS{}, path, h.spec, c.now, c.pts, Options{Sparse: true})
		} else {
			err = update(path, c.now, c.pts)
		}
		if err != nil {
			t.Fatal(err)
		}
		now = c.now
	}
	return now
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o644); err != nil {
		t.Fatal(err)
	}
}

func sameFiles(t *testing.T, a, b string) {
	t.Helper()
	x, err := os.ReadFile(a)
	if err != nil {
		t.Fatal(err)
	}
	y, err := os.ReadFile(b)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(x, y) {
		t.Errorf("%s and %s differ", a, b)
	}
}

// pairs creates two files with the same archives for each of some seeds.
func pairs(t *testing.T, f func(h history, a, b string, now int64)) {
	dir := t.TempDir()
	for seed := range uint64(150) {
		h := newHistory(seed)
		other := history{h.spec, nil}
		r := rand.New(rand.NewPCG(seed, 5))
		for _, c := range h.calls {
			other.calls = append(other.calls, call{c.now, newBatch(r, h.spec, c.now)})
		}
		a, b := filepath.Join(dir, fmt.Sprint(seed, "a.wsp")), filepath.Join(dir, fmt.Sprint(seed, "b.wsp"))
		lived(t, b, other)
		f(h, a, b, lived(t, a, h))
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
		_ = os.Remove(a)
		_ = os.Remove(b)
	}
}

func TestMergeSameAsPython(t *testing.T) {
	py := startPython(t)
	r := rand.New(rand.NewPCG(4, 4))
	pairs(t, func(h history, a, b string, now int64) {
		theirs := b + ".py"
		copyFile(t, b, theirs)
		until := now - r.Int64N(h.spec.MaxRetention())*r.Int64N(2)
		w := MergeOptions{Options{Autoflush: true}, max(0, until-r.Int64N(h.spec.MaxRetention())*r.Int64N(2)), until}
		py.ask(t, []object{{"op": "merge", "src": a, "path": theirs, "from": w.From, "until": w.Until, "now": now}}, nil)
		if err := Merge(vfs.OS{}, a, b, now, w); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, b, theirs)
		_ = os.Remove(theirs)
	})
}

func TestDiffSameAsPython(t *testing.T) {
	py := startPython(t)
	pairs(t, func(h history, a, b string, now int64) {
		for _, ignore := range []bool{false, true} {
			until := now - h.spec.Archives[0].Retention()/3
			var answer [][]any
			py.ask(t, []object{{"op": "diff", "src": a, "path": b, "ignore": ignore, "until": until, "now": now}}, &answer)
			got, err := Diff(vfs.OS{}, a, b, now, DiffOptions{ignore, until})
			if err != nil {
				t.Fatal(err)
			}
			var text []string
			for i, d := range got {
				points := []any{}
				for _, p := range d.Points {
					points = append(points, []any{float64(p.Time), orNil(p.A), orNil(p.B)})
				}
				text = append(text, fmt.Sprint([]any{float64(i), points, float64(d.Total)}))
			}
			if want := fmt.Sprint(answer[0]); fmt.Sprint(text) != want {
				t.Fatalf("got  %v\nwant %v", text, want)
			}
		}
	})
}

func orNil(v float64) any {
	if v != v {
		return nil
	}
	return v
}

func TestResizeSameAsPython(t *testing.T) {
	py := startPython(t)
	r := rand.New(rand.NewPCG(4, 4))
	pairs(t, func(h history, a, b string, now int64) {
		archives, err := ParseRetentions(testRetentions[r.IntN(len(testRetentions))])
		if err != nil {
			t.Fatal(err)
		}
		to := Spec{archives, Method(1 + r.IntN(8)), h.spec.XFilesFactor}
		var list [][2]int64
		for _, a := range archives {
			list = append(list, [2]int64{a.Step, a.Points})
		}
		theirs := b + ".py"
		py.ask(t, []object{{"op": "resize", "src": a, "path": theirs, "archives": list, "xff": to.XFilesFactor, "method": to.Method.String(), "now": now}}, nil)
		if err := Resize(vfs.OS{}, a, to, now, ResizeOptions{Backup: true}); err != nil {
			t.Fatal(err)
		}
		sameFiles(t, a, theirs)
		for _, p := range []string{theirs, a + ".bak"} {
			if err := os.Remove(p); err != nil {
				t.Fatal(err)
			}
		}
	})
}

// TestResizeKeeps resizes a file, with aggregation, to the spec that it already has. Every value
// must stay.
func TestResizeKeeps(t *testing.T) {
	pairs(t, func(h history, a, _ string, now int64) {
		before := everything(t, a, now)
		for _, o := range []Options{{}, {Sparse: true}, {Fallocate: true}} {
			if err := Resize(vfs.OS{}, a, h.spec, now, ResizeOptions{Aggregate: true, Options: o}); err != nil {
				t.Fatal(err)
			}
			for i, s := range everything(t, a, now) {
				for k, v := range s.Values {
					if was := before[i].Values[k]; v != was && was == was {
						t.Errorf("%+v: archive %d was %v and is %v", h.spec, i, before[i], s)
					}
				}
			}
		}
	})
}

// everything returns the answers of all archives of a file at the time now.
func everything(t *testing.T, path string, now int64) (all []Series) {
	t.Helper()
	f, err := OpenRead(vfs.OS{}, path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if f.Size() != f.Spec().FileSize() {
		t.Errorf("%d bytes", f.Size())
	}
	for i, a := range f.Spec().Archives {
		s, err := f.fetch(i, a.window(now-a.Retention(), now))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	return all
}

func TestResizeAggregate(t *testing.T) {
	const now = 1_700_000_040 // a multiple of 120
	m := vfs.NewMem()
	fetch := func(name string, from int64) []float64 {
		t.Helper()
		return values(t, m, name, now-from, now, now)
	}
	var pts []Point
	for i := range int64(60) {
		if i != 3 {
			pts = append(pts, Point{now - i*60, float64(i)})
		}
	}
	mustCreate(t, m, "d/m.wsp", "60:10,300:12", Average, now, pts[:4]...)
	mustUpdate(t, m, "d/m.wsp", now, pts...)
	to := mustCreate(t, m, "d/other.wsp", "120:5,600:20", Sum, now)
	if err := Resize(m, "d/m.wsp", to, now, ResizeOptions{Aggregate: true, NewFile: "d/n.wsp"}); err != nil {
		t.Fatal(err)
	}
	// The newest interval begins at now, so it contains one point. The third one from the end lacks
	// minute 3.
	if got := fetch("d/n.wsp", 599); !equal(got, []float64{7 + 8, 5 + 6, 4, 1 + 2, 0}) {
		t.Error(got)
	}
	if err := Resize(m, "d/m.wsp", to, now, ResizeOptions{Aggregate: true, NewFile: "d/n.wsp"}); !errors.Is(err, fs.ErrExist) {
		t.Error(err)
	}
	// To finer archives and back: old coarse points remain where no finer archive reaches.
	fine := mustCreate(t, m, "d/fine.wsp", "30:200", Average, now)
	before := fetch("d/m.wsp", 3500)
	if err := Resize(m, "d/m.wsp", fine, now, ResizeOptions{Aggregate: true, Backup: true}); err != nil {
		t.Fatal(err)
	}
	recent := fetch("d/m.wsp", 540)
	if !equal(recent[1:6], []float64{8, null, 7, null, 6}) {
		t.Error(recent)
	}
	old := slices.DeleteFunc(fetch("d/m.wsp", 3500), func(v float64) bool { return v != v })
	if len(old) < 17 || old[0] != before[0] {
		t.Errorf("%v of %v", old, before)
	}
	if names := m.Names(); !slices.Contains(names, "d/m.wsp.bak") || len(names) != 8 {
		t.Error(names)
	}
	if got := fetch("d/m.wsp.bak", 3500); !equal(got, before) {
		t.Error(got)
	}
	if err := Resize(m, "d/m.wsp", Spec{}, now, ResizeOptions{}); err == nil || !strings.Contains(err.Error(), "d/m.wsp") {
		t.Error(err)
	}
	if err := Resize(m, "d/none.wsp", to, now, ResizeOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

// TestSwapFaults makes each operation that replaces a file fail, and cuts the power after each. The
// name must always have the old file or the new one.
func TestSwapFaults(t *testing.T) {
	to := Spec{[]Archive{{30, 10}, {300, 8}}, Sum, 0}
	for _, o := range []ResizeOptions{{}, {Aggregate: true, Backup: true}, {Options: Options{Sparse: true, Lock: true}}} {
		whole := func(m *vfs.Mem, when string) {
			t.Helper()
			f, err := Open(m, "m.wsp", Options{})
			if err != nil {
				t.Fatalf("%s: %v", when, err)
			}
			defer f.Close()
			if s := f.Spec(); s.Method != Max && s.Method != Sum {
				t.Fatalf("%s: %v", when, s)
			}
			s, err := f.Fetch(sampleNow-200, sampleNow, sampleNow)
			if err != nil || !slices.Contains(s.Values, 3.25) {
				t.Fatalf("%s: %v, %v", when, s, err)
			}
		}
		for n := int64(1); ; n++ {
			m := vfs.NewMem()
			newSample(t, m)
			if err := m.SyncDir("."); err != nil {
				t.Fatal(err)
			}
			if b, err := m.Open("m.wsp", os.O_RDWR, 0); err != nil || b.Sync() != nil {
				t.Fatal(err)
			}
			r := rand.New(rand.NewPCG(uint64(n), 9))
			fsys := vfs.FailNth(m, n, false, errInjected)
			fail := fsys.Hook
			fsys.Hook = func(op vfs.Op) error {
				whole(m.Crash(r), fmt.Sprint("crash at ", op))
				return fail(op)
			}
			err := Resize(fsys, "m.wsp", to, sampleNow, o)
			whole(m, fmt.Sprint("operation ", n))
			if err == nil && fsys.Ops() < n {
				break
			}
			if err != nil && (!errors.Is(err, errInjected) || !strings.Contains(err.Error(), "m.wsp")) {
				t.Fatalf("operation %d: %v", n, err)
			}
			for _, name := range m.Names() {
				if vfs.IsTemp(name) {
					t.Fatalf("operation %d leaves %q", n, name)
				}
			}
		}
	}
}

// TestSwapRace updates the file while it is being resized.
func TestSwapRace(t *testing.T) {
	m := vfs.NewMem()
	newSample(t, m)
	raced := 0
	fsys := &vfs.Fail{FS: m, Hook: func(op vfs.Op) error {
		if op.Kind == "Sync" && raced < 2 {
			raced++
			mustUpdate(t, m, "m.wsp", sampleNow, Point{sampleNow - 10 - int64(raced)*60, float64(raced)})
		}
		return nil
	}}
	if err := Resize(fsys, "m.wsp", Spec{[]Archive{{60, 50}}, Max, 0}, sampleNow, ResizeOptions{}); err != nil {
		t.Fatal(err)
	}
	if got := values(t, m, "m.wsp", sampleNow-200, sampleNow, sampleNow); raced != 2 || !slices.Contains(got, 1) || !slices.Contains(got, 2) {
		t.Error(raced, got)
	}
	fsys.Hook = func(op vfs.Op) error {
		if op.Kind == "Sync" {
			mustUpdate(t, m, "m.wsp", sampleNow, Point{sampleNow, 1})
		}
		return nil
	}
	if err := Resize(fsys, "m.wsp", sampleSpec, sampleNow, ResizeOptions{}); !errors.Is(err, errChanging) {
		t.Error(err)
	}
}

func TestFill(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	var all, some []Point
	for i := range int64(60) {
		p := Point{now - i*60, float64(i)}
		all = append(all, p)
		switch {
		case i == 5 || i >= 20 && i < 30: // gaps, one of a single step
		case i == 7:
			some = append(some, Point{p.Time, 0}) // not a gap
		default:
			some = append(some, Point{p.Time, 100})
		}
	}
	mustCreate(t, m, "src.wsp", "60:40,300:100", Average, now, all...)
	mustUpdate(t, m, "src.wsp", now, Point{now - 7000, 77})
	mustCreate(t, m, "dst.wsp", "60:100,600:100", Average, now, some...)
	n, err := Fill(m, "src.wsp", "dst.wsp", now, Options{})
	if err != nil || n != 11+1 {
		t.Fatal(n, err)
	}
	got := values(t, m, "dst.wsp", now-3600, now, now)
	for i, v := range got {
		want := 100.0
		switch k := 59 - i; {
		case k == 5 || k >= 20 && k < 30:
			want = float64(k)
		case k == 7:
			want = 0
		}
		if v != want {
			t.Errorf("%d minutes ago: got %v, want %v", 59-i, v, want)
		}
	}
	if n, err := Fill(m, "src.wsp", "dst.wsp", now, Options{}); err != nil || n != 0 {
		t.Error(n, err)
	}
}

func TestUnalike(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	mustCreate(t, m, "a.wsp", "60:40", Average, now)
	mustCreate(t, m, "b.wsp", "60:50", Average, now)
	if err := Merge(m, "a.wsp", "b.wsp", now, MergeOptions{}); !errors.Is(err, ErrUnalike) || !strings.Contains(err.Error(), "b.wsp") {
		t.Error(err)
	}
	if _, err := Diff(m, "a.wsp", "b.wsp", now, DiffOptions{}); !errors.Is(err, ErrUnalike) {
		t.Error(err)
	}
	if err := Merge(m, "a.wsp", "a.wsp", now, MergeOptions{From: now, Until: now - 1}); !errors.Is(err, ErrInterval) {
		t.Error(err)
	}
	if err := Merge(m, "a.wsp", "none.wsp", now, MergeOptions{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestSetAggregation(t *testing.T) {
	m := vfs.NewMem()
	newSample(t, m)
	f := func(method Method, xff float32, want Spec) {
		t.Helper()
		if _, err := SetAggregation(m, "m.wsp", method, xff, Options{Autoflush: true}); err != nil {
			t.Error(err)
		}
		f, err := OpenRead(m, "m.wsp")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if got := f.Spec(); got.Method != want.Method || got.XFilesFactor != want.XFilesFactor || !slices.Equal(got.Archives, want.Archives) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	f(AbsMin, -1, Spec{sampleSpec.Archives, AbsMin, 0.5})
	f(0, 0, Spec{sampleSpec.Archives, AbsMin, 0})
	f(Sum, 1, Spec{sampleSpec.Archives, Sum, 1})
	for _, err := range []error{
		errorOf(SetAggregation(m, "m.wsp", 9, -1, Options{})), errorOf(SetAggregation(m, "m.wsp", 0, 2, Options{})),
		errorOf(SetAggregation(m, "m.wsp", 0, float32(math.NaN()), Options{})),
	} {
		if err == nil || !strings.Contains(err.Error(), "m.wsp") {
			t.Error(err)
		}
	}
	f(0, -1, Spec{sampleSpec.Archives, Sum, 1})
}

func errorOf[T any](_ T, err error) error { return err }

// TestRebuild changes the method of a full file and rebuilds it. The file must then equal one
// created with that method.
func TestRebuild(t *testing.T) {
	const now = 1_700_000_040
	m := vfs.NewMem()
	var pts []Point
	for i := range int64(100) {
		pts = append(pts, Point{now - i*10, float64(i * i % 17)})
	}
	slices.Reverse(pts)
	mustCreate(t, m, "a.wsp", "10:200,60:100,300:30", Average, now, pts...)
	mustCreate(t, m, "b.wsp", "10:200,60:100,300:30", Max, now, pts...)
	if _, err := SetAggregation(m, "a.wsp", Max, -1, Options{}); err != nil {
		t.Fatal(err)
	}
	before, err := Diff(m, "a.wsp", "b.wsp", now, DiffOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := Rebuild(m, "a.wsp", now, Options{Autoflush: true}); err != nil {
		t.Fatal(err)
	}
	a, _ := vfs.ReadFile(m, "a.wsp")
	b, _ := vfs.ReadFile(m, "b.wsp")
	if !bytes.Equal(a, b) || len(before) != 3 {
		t.Error("the rebuilt file differs")
	}
	if err := Rebuild(m, "none.wsp", now, Options{}); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func TestVerify(t *testing.T) {
	m := vfs.NewMem()
	good := newSample(t, m)
	f := func(b []byte, want Health) {
		t.Helper()
		writeFile(t, m, "v.wsp", b)
		if got, err := Verify(m, "v.wsp"); err != nil || got != want {
			t.Errorf("got %+v, %v, want %+v", got, err, want)
		}
	}
	f(good, Health{Points: 4})
	f(append(slices.Clone(good), 0, 0), Health{Points: 4, Extra: 2})
	moved := slices.Clone(good)
	copy(moved[40+4*12:], moved[40:52])
	f(moved, Health{Points: 4, Misplaced: 1})
	copy(moved[40+4*12:], appendPoint(nil, 61, 1))
	f(moved, Health{Points: 4, Misplaced: 1})
	nan := slices.Clone(good)
	copy(nan[40:], appendPoint(nil, 1700000040, math.NaN()))
	f(nan, Health{Points: 4, NaN: 1})
	f(good[:len(good)-15], Health{Points: 4, Missing: 15})
	f(good[:50], Health{Missing: 98})
	writeFile(t, m, "v.wsp", good[:39])
	var corrupt *CorruptError
	if _, err := Verify(m, "v.wsp"); !errors.As(err, &corrupt) {
		t.Error(err)
	}
}

func TestRepair(t *testing.T) {
	m := vfs.NewMem()
	good := newSample(t, m)
	f := func(b []byte, spec *Spec, want string, fixed []byte) {
		t.Helper()
		writeFile(t, m, "r.wsp", b)
		got, err := Repair(m, "r.wsp", spec)
		if got != want || (err == nil) != (fixed != nil) {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
		if fixed == nil {
			fixed = b
		}
		if after, err := vfs.ReadFile(m, "r.wsp"); err != nil || !bytes.Equal(after, fixed) {
			t.Errorf("got  %x\nwant %x", after, fixed)
		}
	}
	f(good, nil, "", good)
	cut := append(slices.Clone(good[:40+12*6]), make([]byte, 36)...)
	f(good[:40+12*6], nil, "the last 36 of 148 bytes were missing", cut)
	f(good[:40+12*6+5], nil, "the last 31 of 148 bytes were missing", cut)
	f(good[:40], nil, "the last 108 of 148 bytes were missing", append(slices.Clone(good[:40]), make([]byte, 108)...))
	f(good[:39], nil, "", nil)
	damaged := slices.Clone(good)
	copy(damaged, "damaged")
	f(damaged, nil, "", nil)
	f(damaged, &sampleSpec, "the header was written again", good)
	f(damaged[:140], &sampleSpec, "", nil)
	f(nil, &sampleSpec, "", nil)
	if _, err := Repair(m, "none.wsp", nil); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
}

func BenchmarkResize(b *testing.B) {
	path := benchFile(b, "10s:6h,1m:7d")
	from, err := ParseRetentions("10s:6h,1m:7d")
	if err != nil {
		b.Fatal(err)
	}
	to, err := ParseRetentions("10s:12h,1m:7d,10m:90d")
	if err != nil {
		b.Fatal(err)
	}
	for _, aggregate := range []bool{false, true} {
		b.Run(fmt.Sprint("aggregate=", aggregate), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				from, to = to, from
				if err := Resize(vfs.OS{}, path, Spec{from, Average, 0.5}, benchNow, ResizeOptions{Aggregate: aggregate}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
