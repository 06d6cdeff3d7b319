package render

import (
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"graphited/render/expr"
)

// TestConvert has what graphite-web's params.py makes of values; where that
// refuses and the function fails later, we refuse at once.
func TestConvert(t *testing.T) {
	ev := &evaluator{q: Query{Now: 1_000_000, Location: time.UTC}}
	f := func(p Param, in, want any) {
		t.Helper()
		got, ok := ev.convert(p, in)
		if ok != (want != nil) || ok && !reflect.DeepEqual(got, want) {
			t.Errorf("%s from %T %v: got %T %v, %v, want %v", p.Type, in, in, got, got, ok, want)
		}
	}
	of := func(typ Type) Param { return Param{Name: "p", Type: typ} }
	inf := math.Inf(1)

	f(of(Boolean), true, true)
	f(of(Boolean), "True", true)
	f(of(Boolean), "FALSE", false)
	f(of(Boolean), "yes", nil)
	f(of(Boolean), int64(1), true)
	f(of(Boolean), int64(0), false)
	f(of(Boolean), int64(2), nil)
	f(of(Boolean), 0.0, false)
	f(of(Boolean), 1.5, nil)
	f(of(Boolean), nil, nil)

	f(of(Float), int64(2), 2.0)
	f(of(Float), 2.5, 2.5)
	f(of(Float), "1e3", 1000.0)
	f(of(Float), true, 1.0)
	f(of(Float), false, 0.0)
	f(of(Float), inf, inf)
	f(of(Float), "x", nil)
	f(of(Float), nil, nil)

	f(of(Integer), int64(-3), int64(-3))
	f(of(Integer), "7", int64(7))
	f(of(Integer), true, int64(1))
	f(of(Integer), false, int64(0))
	f(of(Integer), 2.0, nil)
	f(of(Integer), "2.0", nil)
	f(of(Integer).Lenient(), 2.5, 2.5)
	f(of(Integer).Lenient(), math.NaN(), nil)
	f(of(Node), int64(1), int64(1))
	f(of(Node), 1.0, nil)

	f(of(IntOrInf), int64(3), 3.0)
	f(of(IntOrInf), inf, inf)
	f(of(IntOrInf), "inf", inf)
	f(of(IntOrInf), "x", nil)

	f(of(NodeOrTag), int64(-1), int64(-1))
	f(of(NodeOrTag), "host", "host")
	f(of(NodeOrTag), 1.5, "1.5")
	f(of(NodeOrTag), 2.0, nil)
	f(of(NodeOrTag), true, int64(1))
	f(of(NodeOrTag), nil, nil)

	f(of(Interval), "-1d", "-1d")
	f(of(Interval), "5m", nil)
	f(of(Interval), int64(5), nil)
	f(of(IntOrInterval), int64(5), Span{N: 5, Points: true, Text: "5"})
	f(of(IntOrInterval), 5.9, Span{N: 5, Points: true, Text: "5.9"})
	f(of(IntOrInterval), "5min", Span{N: 300, Text: "5min"})
	f(of(IntOrInterval), "-1h", Span{N: 3600, Text: "-1h"})
	f(of(IntOrInterval), int64(-1), nil)
	f(of(IntOrInterval), inf, nil)
	f(of(IntOrInterval), int64(1<<40), nil)
	f(of(IntOrInterval), true, nil)

	f(of(AggFunc), "sum", "sum")
	f(of(AggFunc), "sumSeries", nil)
	f(of(AggFunc).Lenient(), "sumSeries", "sum")
	f(of(AggFunc), int64(1), nil)
	f(of(AggOrSeriesFunc), "sumSeries", "sumSeries")

	f(of(Date), "1234", int64(1234))
	f(of(Date), int64(1234), int64(1234))
	f(of(Date), "now", int64(1_000_000))
	f(of(Date), "bogus", nil)
	f(of(Date), 1.5, nil)

	f(of(String), "x", "x")
	f(of(String), int64(5), "5")
	f(of(String), 5.0, "5.0")
	f(of(String), true, "True")
	f(of(String), nil, nil)
	f(of(Any), "5", nil)
	f(of(Any), int64(5), int64(5))
}

func TestMatch(t *testing.T) {
	declared := &Func{Name: "f", Params: []Param{
		{Name: "seriesList", Type: SeriesList, Required: true}, {Name: "a", Type: Integer, Required: true},
		{Name: "alignDst", Type: Boolean}, {Name: "rest", Type: String, Multiple: true},
	}}
	f := func(target string, want ...int) {
		t.Helper()
		n, _, err := expr.Parse(target)
		if err != nil {
			t.Fatal(err)
		}
		b, err := match(declared, n)
		if (err == nil) != (want != nil) {
			t.Errorf("%s: %v", target, err)
		}
		for i := range want {
			if len(b[i]) != want[i] {
				t.Errorf("%s: parameter %d has %d arguments, want %d", target, i, len(b[i]), want[i])
			}
		}
	}
	f("f()", 0, 0, 0, 0)
	f("f(x,1)", 1, 1, 0, 0)
	f("f(x,1,true,'r','s')", 1, 1, 1, 2)
	f("f(x,a=1)", 1, 1, 0, 0)
	f("f(x,1,alignDST=true)", 1, 1, 1, 0)
	f("f(x,rest='r')", 1, 0, 0, 1)
	f("f(x,1,a=2)")
	f("f(x,b=2)")
	none := &Func{Name: "none"}
	if n, _, _ := expr.Parse("none(x)"); true {
		if _, err := match(none, n); err == nil {
			t.Error("a function without parameters takes one")
		}
	}
}

func TestUndeclaredParameterIsABug(t *testing.T) {
	defer func() {
		if p := recover(); p == nil || !strings.HasPrefix(p.(string), "BUG: ") {
			t.Errorf("got %v", p)
		}
	}()
	(&Call{Func: &Func{Name: "f"}}).Text("nope")
}

func TestKindString(t *testing.T) {
	f := func(k Kind, want string) {
		t.Helper()
		if k.String() != want {
			t.Errorf("got %q, want %q", k, want)
		}
	}
	f(BadRequest, "bad request")
	f(TooLarge, "too large")
	f(Unavailable, "unavailable")
	f(99, "kind 99")
}
