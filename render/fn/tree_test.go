package fn

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"graphited/render"
	"graphited/render/agg"
	"graphited/render/rendertest"
)

// trees draws a target of calls within calls, with arguments of the right type.
func trees(r *render.Registry, depth int) *rapid.Generator[string] {
	names := r.Names(true)
	return rapid.Custom(func(t *rapid.T) string {
		paths := rapid.SampledFrom([]string{"a.*", "a.b1", "{a}.b[02]", "slow", "nothing", "empty", "t;x=1", "seriesByTag('name=t')"})
		if depth == 0 {
			return paths.Draw(t, "path")
		}
		f, _ := r.Lookup(rapid.SampledFrom(names).Draw(t, "name"))
		if f.Name == render.SeriesByTag {
			return "seriesByTag('name=~a')"
		}
		var args []string
		for _, p := range f.Params {
			if !p.Required && rapid.Bool().Draw(t, "stop") {
				break
			}
			switch p.Type {
			case render.SeriesList:
				args = append(args, trees(r, rapid.IntRange(0, depth-1).Draw(t, "depth")).Draw(t, "tree"))
			case render.SeriesLists:
				args = append(args, "mapSeries(a.*,1)")
			default:
				args = append(args, drawScalar(t, r, p))
			}
		}
		return f.Name + "(" + strings.Join(args, ",") + ")"
	})
}

// drawScalar draws a value that suits a parameter, now and then one that does not.
// optionsOf returns the values that parameters of a type can have.
func optionsOf(r *render.Registry, typ render.Type) []any {
	for _, name := range r.Names(true) {
		info, _ := r.Info(name)
		for _, p := range info.Params {
			if p.Type == typ {
				return p.Options
			}
		}
	}
	return nil
}

func drawScalar(t *rapid.T, r *render.Registry, p render.Param) string {
	ints := []string{"0", "1", "2", "-1", "7", "100"}
	choices := map[render.Type][]string{
		render.Boolean: {"true", "false"}, render.Float: {"0", "1", "0.5", "-2.5", "1e9", "inf"}, render.Integer: ints, render.Node: ints, render.NodeOrTag: append(ints, "'x'"),
		render.Date: {"'500'", "'now'", "'-5min'"}, render.Interval: {"'30s'", "'2min'", "'-1h'", "'7s'", "'1d'"}, render.IntOrInf: {"1", "inf"},
		render.IntOrInterval: {"1", "3", "0", "'2min'", "'45s'", "1000"}, render.TagArg: {"'name'", "'x'"}, render.Any: {"None", "50", "a.*"},
		render.String: {"'x'", "'%'", "'(.)'", `'\1'`, "'%d'", "'a.b1'", "'1min'"},
	}[p.Type]
	if p.Type == render.AggFunc || p.Type == render.AggOrSeriesFunc {
		for _, name := range optionsOf(r, p.Type) {
			choices = append(choices, strconv.Quote(name.(string)))
		}
	}
	for _, o := range p.Options {
		if s, ok := o.(string); ok {
			choices = append(choices, strconv.Quote(s))
		}
	}
	if rapid.IntRange(0, 50).Draw(t, "bad") == 0 {
		choices = []string{"''", "-1", "none", "a.b1", "1e300", "'\\'"}
	}
	return rapid.SampledFrom(choices).Draw(t, "value")
}

// randomTrees checks that any tree is answered or refused, the same each time,
// without changing what was read; the store looks after the latter.
func randomTrees(t testing.TB) func(*rapid.T) {
	m := rendertest.New(t)
	for i, name := range []string{"a.b0", "a.b1", "a.b2", "slow", "t;x=1;y=2", "t;x=1"} {
		v := []float64{1, 2, agg.Null, 4, 5, -6, 7, agg.Null, agg.Null, 10, 1e18, 12, 0, 0, 0.5}
		m.Add(name, int64([]int{60, 60, 60, 300, 7, 10}[i]), 600, v[i:])
	}
	m.Add("empty", 60, 0, nil)
	e := newTestEngine(t, m, func(o *render.EngineOptions) { o.MaxPoints, o.MaxWindows = 100_000, 50 })
	return func(t *rapid.T) {
		target := trees(e.Registry(), rapid.IntRange(1, 4).Draw(t, "depth")).Draw(t, "target")
		q := render.Query{Targets: []string{target, "a.b1"}, From: 600, Until: 1500, Now: 2000, XFilesFactor: rapid.SampledFrom([]float64{0, 0.5}).Draw(t, "xff")}
		var answers [2]string
		for i := range answers {
			r, err := e.Eval(context.Background(), q)
			if err != nil {
				if e := (*render.Error)(nil); !errors.As(err, &e) || e.Msg == "" {
					t.Fatalf("%s: %v is no *Error", target, err)
				}
				answers[i] = err.Error()
			}
			for _, s := range r.Series {
				answers[i] += strings.Join(showSeries(s), "\n")
			}
		}
		if name := m.Changed(); name != "" {
			t.Fatalf("%s changes %s", target, name)
		}
		if answers[0] != answers[1] && !strings.Contains(target, "randomWalk") {
			t.Fatalf("%s: two answers:\n%s\n\n%s", target, answers[0], answers[1])
		}
	}
}

func TestRandomTrees(t *testing.T) { rapid.Check(t, randomTrees(t)) }

func FuzzTrees(f *testing.F) { f.Fuzz(rapid.MakeFuzz(randomTrees(f))) }
