package fn

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"graphited/render"
	"graphited/render/agg"
	"graphited/render/rendertest"
)

func newTestEngine(t testing.TB, m *rendertest.Store, change func(*render.EngineOptions)) *render.Engine {
	t.Helper()
	o := render.EngineOptions{Store: m, Events: m, Functions: All()}
	if change != nil {
		change(&o)
	}
	e, err := render.NewEngine(o)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// manyStore has n series "s.0000"... of an hour of minutes.
func manyStore(t testing.TB, n int) *rendertest.Store {
	m := rendertest.New(t)
	for i := range n {
		v := make([]float64, 60)
		for j := range v {
			v[j] = float64(i + j)
		}
		m.Add(fmt.Sprintf("s.%04d", i), 60, 0, v)
	}
	return m
}

func query(targets ...string) render.Query {
	return render.Query{Targets: targets, From: 0, Until: 3000, Now: 3600}
}

func TestNewEngineNeedsStore(t *testing.T) {
	if _, err := render.NewEngine(render.EngineOptions{}); err == nil {
		t.Error("no error without a Store")
	}
}

func TestEvalReadsOnce(t *testing.T) {
	m := manyStore(t, 100)
	e := newTestEngine(t, m, nil)
	f := func(finds, fetches int64, targets ...string) {
		t.Helper()
		m.Finds.Store(0)
		m.Fetches.Store(0)
		if _, err := e.Eval(context.Background(), query(targets...)); err != nil {
			t.Fatal(err)
		}
		if m.Finds.Load() != finds || m.Fetches.Load() != fetches {
			t.Errorf("%q: %d finds and %d fetches, want %d and %d", targets, m.Finds.Load(), m.Fetches.Load(), finds, fetches)
		}
	}
	f(1, 100, "s.*")
	f(1, 100, "s.*", "sumSeries(s.*)", "scale(s.*,2)")
	f(1, 100, "movingAverage(s.*,'5min')") // the window before is read, not the plain one too
	f(1, 200, "movingAverage(s.*,5)")      // the step has to be known first
	f(1, 200, "movingAverage(scale(s.*,2),'5min')")
	f(1, 200, "timeShift(s.*,'5min')", "s.*")
	f(1, 400, "timeStack(s.*,'5min',0,4)") // shift 0 is the plain window
	f(2, 110, "s.*", "s.000?")
	f(0, 0, "constantLine(5)", "", "  ")
}

// TestEvalPlansAhead has every read wait until all have begun: it would never
// end if a read were only begun after another one.
func TestEvalPlansAhead(t *testing.T) {
	m := manyStore(t, 1)
	const reads = 5
	var begun sync.WaitGroup
	begun.Add(reads)
	m.Hook = func(ctx context.Context, _ string) error {
		begun.Done()
		done := make(chan struct{})
		go func() { begun.Wait(); close(done) }()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	e := newTestEngine(t, m, func(o *render.EngineOptions) { o.Workers = reads })
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := e.Eval(ctx, query("s.0000", "timeStack(s.0000,'1min',1,3)", "scale(movingAverage(s.0000,'5min'),2)",
		"timeShift(scale(movingAverage(s.0000,'5min'),2),'2h')"))
	if err != nil {
		t.Error(err)
	}
}

func TestEvalBoundsReads(t *testing.T) {
	m := manyStore(t, 500)
	var now, most atomic.Int64
	m.Hook = func(context.Context, string) error {
		n := now.Add(1)
		defer now.Add(-1)
		for old := most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		time.Sleep(10 * time.Microsecond)
		return nil
	}
	e := newTestEngine(t, m, func(o *render.EngineOptions) { o.Workers = 3 })
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			r, err := e.Eval(context.Background(), query("s.*"))
			if err != nil || len(r.Series) != 500 {
				t.Errorf("%d series, %v", len(r.Series), err)
			}
		})
	}
	wg.Wait()
	if most.Load() > 3 {
		t.Errorf("%d reads at once, want at most 3", most.Load())
	}
}

func TestEvalOrder(t *testing.T) {
	m := manyStore(t, 40)
	r, err := newTestEngine(t, m, nil).Eval(context.Background(), query("s.001*", "s.0003", "s.000*"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range r.Series {
		names = append(names, s.Name)
	}
	want := []string{}
	for i := 10; i < 20; i++ {
		want = append(want, fmt.Sprintf("s.%04d", i))
	}
	want = append(want, "s.0003")
	for i := range 10 {
		want = append(want, fmt.Sprintf("s.%04d", i))
	}
	if !reflect.DeepEqual(names, want) {
		t.Errorf("got %v", names)
	}
}

func TestEvalErrors(t *testing.T) {
	m := manyStore(t, 3)
	e := newTestEngine(t, m, nil)
	f := func(q render.Query, kind render.Kind, want render.Error) {
		t.Helper()
		_, err := e.Eval(context.Background(), q)
		var got *render.Error
		if !errors.As(err, &got) {
			t.Errorf("%v: got %v", q, err)
			return
		}
		if got.Kind != kind || !strings.Contains(got.Msg, want.Msg) || got.Func != want.Func || got.Target != want.Target || got.Pos != want.Pos {
			t.Errorf("%v: got %+v", q.Targets, *got)
		}
	}
	f(render.Query{Targets: []string{"s.*"}, From: 5, Until: 5}, render.BadRequest, render.Error{Msg: "empty time range"})
	f(query("bogus(s.*)", ""), render.BadRequest, render.Error{Msg: "unknown function bogus", Func: "", Target: "bogus(s.*)"})
	f(query("sumSeries(scale(s.*,'x'))"), render.BadRequest,
		render.Error{Msg: `parameter "factor" is 'x', expected a number`, Func: "scale", Target: "sumSeries(scale(s.*,'x'))", Pos: 10})
	f(query("scale(s.*"), render.BadRequest, render.Error{Msg: `expected`, Target: "scale(s.*", Pos: 9})
	f(query(strings.Repeat("a(", 600)+"b"+strings.Repeat(")", 600)), render.TooLarge, render.Error{
		Msg: "deep", Target: strings.Repeat("a(", 600) + "b" + strings.Repeat(")", 600), Pos: 1000})
}

func TestEvalLimits(t *testing.T) {
	m := manyStore(t, 100)
	f := func(target string, o render.EngineOptions) {
		t.Helper()
		o.Store, o.Functions = m, All()
		e, err := render.NewEngine(o)
		if err != nil {
			t.Fatal(err)
		}
		q := query(target)
		_, err = e.Eval(context.Background(), q)
		var got *render.Error
		if !errors.As(err, &got) || got.Kind != render.TooLarge {
			t.Errorf("%.200s: got %.200v, want an error of kind TooLarge", target, err)
		}
	}
	f("s.*", render.EngineOptions{Limits: render.Limits{MaxSeries: 99}})
	f("{s.0,s.1}"+strings.Repeat("{a.b,c.d}", 12), render.EngineOptions{Limits: render.Limits{MaxPoints: 50_000}})
	f("group(s.00[0-4]*,s.00[5-9]*)", render.EngineOptions{Limits: render.Limits{MaxSeries: 99}})
	f("applyByNode(s.*,1,'%')", render.EngineOptions{Limits: render.Limits{MaxSeries: 150}})
	f("seriesByTag('name=~s')", render.EngineOptions{Limits: render.Limits{MaxSeries: 99}})
	f("s.*", render.EngineOptions{Limits: render.Limits{MaxPoints: 4999}})
	f("timeStack(s.*,'1h',0,40)", render.EngineOptions{Limits: render.Limits{MaxPoints: 50_000}})
	f("movingAverage(s.0000,'1y')", render.EngineOptions{Limits: render.Limits{MaxPoints: 100_000}})
	f("movingAverage(s.0000,200000)", render.EngineOptions{Limits: render.Limits{MaxPoints: 100_000}})
	f("summarize(s.*,'1s')", render.EngineOptions{Limits: render.Limits{MaxPoints: 50_000}})
	f("hitcount(s.*,'1s')", render.EngineOptions{Limits: render.Limits{MaxPoints: 50_000}})
	f("smartSummarize(s.*,'1s')", render.EngineOptions{Limits: render.Limits{MaxPoints: 50_000}})
	f("sin('x',1,1)", render.EngineOptions{Limits: render.Limits{MaxPoints: 2999}})
	f("time('x',1)", render.EngineOptions{Limits: render.Limits{MaxPoints: 2999}})
	f("randomWalk('x',1)", render.EngineOptions{Limits: render.Limits{MaxPoints: 2999}})
	f("identity('x')", render.EngineOptions{Limits: render.Limits{MaxPoints: 49}})
	f("events('x')", render.EngineOptions{Limits: render.Limits{MaxPoints: 2999}})
	f("group("+strings.TrimSuffix(strings.Repeat("scale(s.*,2),", 20), ",")+")", render.EngineOptions{Limits: render.Limits{MaxPoints: 20_000}})
	f("group("+strings.TrimSuffix(strings.Repeat("s.*,", 100), ",")+")", render.EngineOptions{Limits: render.Limits{MaxPoints: 20_000}})
	f("group("+strings.Repeat("a,", 100)+"a)", render.EngineOptions{Limits: render.Limits{MaxNodes: 100}})
	f("group("+strings.Repeat("a,", 300)+"a)", render.EngineOptions{Limits: render.Limits{MaxNodes: 100}})
	f("applyByNode(s.*,1,'scale(%,2)')", render.EngineOptions{Limits: render.Limits{MaxNodes: 250}})
	f("template(s.$x,x='abcdef')", render.EngineOptions{Limits: render.Limits{MaxExpanded: 5}})
	// Long names are memory as well as points are, whoever makes them.
	long, room := strings.Repeat("x", 8_000), render.EngineOptions{Limits: render.Limits{MaxPoints: 20_000}}
	f("alias(s.*,'"+long+"')", room)
	f("aliasSub(s.*,'.*','"+long+"')", room)
	f("aliasQuery(s.*,'.*','"+long+"','x')", room)
	f("useSeriesAbove(s.*,-1,'.*','"+long+"')", room)
	f("applyByNode(s.*,1,'alias(%,\""+long+"\")')", room)
	f("applyByNode(s.*,1,'%','"+long+"')", room)
	f("scale(scale(alias(s.*,'"+long[:4000]+"'),2),2)", room)
	f("mapSeries(s.*,0)|reduceSeries('"+long+"',1,'a','b')", render.EngineOptions{Limits: render.Limits{MaxPoints: 50}})
	f("divideSeries(s.*,alias(s.0000,'"+long+"'))", room)
}

// TestEvalLimitsOfAll: a limit of all targets together is no fault of the one that meets it: it
// ends the query.
func TestEvalLimitsOfAll(t *testing.T) {
	e := newTestEngine(t, manyStore(t, 3), func(o *render.EngineOptions) { o.MaxNodes, o.MaxExpanded = 4, 20 })
	for _, second := range []string{"group(s.0001,s.0002)", "template(s.$x,x='abcdefghijklmnop')"} {
		_, err := e.Eval(context.Background(), query("scale(s.0000,2)", second))
		var got *render.Error
		if !errors.As(err, &got) || got.Kind != render.TooLarge || got.Target != second {
			t.Errorf("%s: %v", second, err)
		}
	}
}

// TestEvalLimitsOfOne: a limit that one call exceeds costs the other targets nothing.
func TestEvalLimitsOfOne(t *testing.T) {
	e := newTestEngine(t, manyStore(t, 3), func(o *render.EngineOptions) { o.MaxWindows, o.MaxRegex = 11, 6 })
	for _, second := range []string{"timeStack(s.*,'1h',0,11)", "timeStack(s.*,'1h',-9223372036854775807,9223372036854775807)", "aliasSub(s.*,'(abc)|d','x')", "grep(s.*,'(abc)|d')"} {
		_, err := e.Eval(context.Background(), query(second))
		var got *render.Error
		if !errors.As(err, &got) || got.Kind != render.BadRequest || !strings.Contains(got.Msg, "(MAX_") {
			t.Errorf("%s alone: %v", second, err)
		}
		r, err := e.Eval(context.Background(), query("s.0000", second))
		if err != nil || len(r.Series) != 1 || len(r.Problems) != 1 || r.Problems[0].Err.Msg != got.Msg {
			t.Errorf("%s beside another: %+v, %v", second, r, err)
		}
	}
}

// TestEvalManyTargets: a query has as many targets, and as long ones, as it likes.
func TestEvalManyTargets(t *testing.T) {
	e := newTestEngine(t, manyStore(t, 3), nil)
	names := make([]string, 3_000)
	for i := range names {
		names[i] = fmt.Sprintf("web-%05d.example", i)
	}
	names[len(names)-1] = "0002"
	long := "{" + strings.Join(names, ",") + "}"
	f := func(want int, targets ...string) {
		t.Helper()
		r, err := e.Eval(context.Background(), query(targets...))
		if err != nil || len(r.Series) != want {
			t.Errorf("%d series, error %.200v, want %d", len(r.Series), err, want)
		}
	}
	f(5000, slices.Repeat([]string{"s.0001"}, 5000)...)
	f(1, "sumSeries(s."+long+")")
	f(1, "grep(s.*,'^s.("+strings.Join(names[500:], "|")+")$')")
	f(1, "group(s."+strings.Join(names, ",s.")+")")
	f(1, "a.b"+strings.Repeat("|scale(1)", 300), "s.0000"+strings.Repeat("|scale(1)", 300))
}

// TestEvalPlanning: calls that each look at several windows of their input multiply them at each
// level. Planning must not be what a deadline cannot end.
func TestEvalPlanning(t *testing.T) {
	e := newTestEngine(t, manyStore(t, 3), nil)
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	for _, call := range []string{"timeStack(%s,'1d',0,7)", "movingAverage(%s,'1min')"} {
		target := "s.0000"
		for range 40 {
			target = strings.ReplaceAll(call, "%s", target)
		}
		if _, err := e.Eval(ctx, query(target)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", call, err)
		}
	}
}

func TestEvalHonoursContext(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	m := manyStore(t, 200)
	started := make(chan struct{}, 200)
	m.Hook = func(ctx context.Context, _ string) error {
		started <- struct{}{}
		<-ctx.Done()
		return ctx.Err()
	}
	e := newTestEngine(t, m, nil)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		<-started
		cancel()
	}()
	if _, err := e.Eval(ctx, query("s.*")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	m.Hook = nil
	if _, err := e.Eval(ctx, query("constantLine(5)")); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	late := newTestEngine(t, m, func(o *render.EngineOptions) { o.Timeout = time.Nanosecond })
	if _, err := late.Eval(context.Background(), query("s.*")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

// TestSlidersGiveUp would take minutes if they went on after the end.
func TestSlidersGiveUp(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	in := make([]float64, 400_000)
	for i := range in {
		in[i] = float64(i * 7919 % 100_003)
	}
	start := time.Now()
	slideMedian(ctx, in, 200_000, make([]float64, 200_000))
	slideOver(agg.Stddev)(ctx, in, 200_000, make([]float64, 200_000))
	if d := time.Since(start); d > time.Minute {
		t.Errorf("went on for %v", d)
	}
}

func TestEvalWarnsOfFailedReads(t *testing.T) {
	m := manyStore(t, 30)
	m.Hook = func(_ context.Context, name string) error {
		if name >= "s.0010" {
			return errors.New("broken disk")
		}
		return nil
	}
	r, err := newTestEngine(t, m, nil).Eval(context.Background(), query("s.*"))
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Series) != 10 || len(r.Warnings) != 11 || !strings.Contains(r.Warnings[0], "broken disk") ||
		!strings.Contains(r.Warnings[10], "10 further") {
		t.Errorf("%d series, warnings %q", len(r.Series), r.Warnings)
	}
}

func TestEvalPassesNow(t *testing.T) {
	m := manyStore(t, 1)
	e := newTestEngine(t, m, nil)
	q := query("s.0000")
	q.Now = -1 // before From: nothing to read
	if r, err := e.Eval(context.Background(), q); err != nil || len(r.Series) != 0 {
		t.Errorf("%d series, %v", len(r.Series), err)
	}
	q.Now = 0 // the clock
	if r, err := e.Eval(context.Background(), q); err != nil || len(r.Series) != 1 {
		t.Errorf("%d series, %v", len(r.Series), err)
	}
}

func TestEvalTemplates(t *testing.T) {
	m := manyStore(t, 3)
	q := query(`template(scale($x.0001,$y), x="s", y=2)`, `template(s.$n, n="0000")`)
	q.Templates = map[string]string{"n": "0002"}
	r, err := newTestEngine(t, m, nil).Eval(context.Background(), q)
	if err != nil || len(r.Series) != 2 || r.Series[0].Values[0] != 4 || r.Series[1].Name != "s.0002" {
		t.Errorf("got %v, %v", r.Series, err)
	}
}

func TestEventsUnavailable(t *testing.T) {
	m := manyStore(t, 1)
	none := newTestEngine(t, m, func(o *render.EngineOptions) { o.Events = nil })
	r, err := none.Eval(context.Background(), query("events('x')"))
	if err != nil || len(r.Series) != 1 || agg.Present(r.Series[0].Values) != 0 {
		t.Errorf("got %v, %v", r.Series, err)
	}
	broken := newTestEngine(t, m, func(o *render.EngineOptions) { o.Events = brokenEvents{} })
	_, err = broken.Eval(context.Background(), query("events('x')"))
	var e *render.Error
	if !errors.As(err, &e) || e.Kind != render.Unavailable || !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenEvents struct{}

func (brokenEvents) EventTimes(context.Context, []string, int64, int64) ([]int64, error) {
	return nil, errBroken
}

func TestRandomWalk(t *testing.T) {
	r, err := newTestEngine(t, rendertest.New(t), nil).Eval(context.Background(), query("randomWalk('x',60)"))
	if err != nil || len(r.Series) != 1 || len(r.Series[0].Values) != 50 || r.Series[0].Values[0] != 0 {
		t.Fatalf("got %v, %v", r.Series, err)
	}
	v := r.Series[0].Values
	for i := 1; i < len(v); i++ {
		if d := math.Abs(v[i] - v[i-1]); d > 0.5 || d == 0 {
			t.Errorf("step %d is %g", i, d)
		}
	}
}
