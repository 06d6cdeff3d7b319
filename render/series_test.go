package render

import (
	"math"
	"reflect"
	"testing"

	"graphited/whisper"
)

func TestTagsOf(t *testing.T) {
	f := func(name string, want ...string) {
		t.Helper()
		var got []string
		for _, tag := range tagsOf(name) {
			got = append(got, tag.Key+"="+tag.Value)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	f("a.b", "name=a.b")
	f("a;x=1;b=2", "x=1", "b=2", "name=a")
	f("a;x=1;x=2", "x=2", "name=a")
	f("a;name=b;x=1", "name=a", "x=1")
	f("~a", "name=a")
	f("~~", "name=~~")
	f("", "name=")
	f("a;x", "name=a;x")
	f("a;x=", "name=a;x=")
	f("a;=1", "name=a;=1")
	f("a;x=~1", "name=a;x=~1")
	f("a;x!=1", "name=a;x!=1")
	f("sum(a;x=1)", "name=sum(a;x=1)")
	f("Sum(a;x=1,b)", "name=Sum(a;x=1,b)")
	f("sum2(a;x=1)", "x=1)", "name=sum2(a")
	f(`m{a="1",b="x\"y"}`, "a=1", `b=x"y`, "name=m")
	f(`m{a="1"b="2"}`, `name=m{a="1"b="2"}`)
	f(`{a="1"}`, `name={a="1"}`)
	f(`m{a=1"}`, `name=m{a=1"}`)
}

func TestMerged(t *testing.T) {
	n := math.NaN()
	f := func(how string, xff float64, by int64, in, want []float64) {
		t.Helper()
		s := &Series{Series: whisper.Series{Step: 10, Values: in}, Consolidate: how, XFilesFactor: xff}
		got, err := s.Merged(by)
		if err != nil || !equalFloats(got, want) {
			t.Errorf("%s of %v by %d: got %v, %v, want %v", how, in, by, got, err, want)
		}
	}
	v := []float64{1, 2, n, n, n, 6, 7}
	f("", 0, 1, v, v)
	f("", 0, 2, v, []float64{1.5, n, 6, 7})
	f("average", 0.6, 2, v, []float64{1.5, n, n, n})
	f("sum", 0, 3, v, []float64{3, 6, 7})
	f("max", 0, 3, v, []float64{2, 6, 7})
	f("min", 0, 3, v, []float64{1, 6, 7})
	f("first", 0, 4, v, []float64{1, 6})
	f("last", 0, 4, v, []float64{2, 7})
	f("avg_zero", 0, 4, v, []float64{0.75, 13.0 / 3})
	f("avg", 0, 1<<40, v, []float64{4})
	f("sum", 0.5, 4, v, []float64{3, 13})
	f("sum", 0, 2, nil, nil)
	bad := &Series{Series: whisper.Series{Step: 10, Values: v}, Consolidate: "bogus"}
	if _, err := bad.Merged(2); err == nil {
		t.Error("an unknown function is no error")
	}
}

func TestTagEditing(t *testing.T) {
	tags := []Tag{{"a", "1"}, {"b", "2"}}
	if got := WithTag(tags, "a", "3"); !reflect.DeepEqual(got, []Tag{{"a", "3"}, {"b", "2"}}) || tags[0].Value != "1" {
		t.Errorf("got %v, left %v", got, tags)
	}
	if got := WithoutTag(tags, "a"); !reflect.DeepEqual(got, []Tag{{"b", "2"}}) {
		t.Errorf("got %v", got)
	}
	s := &Series{Tags: tags}
	if v, ok := s.Tag("b"); v != "2" || !ok {
		t.Errorf("got %q, %v", v, ok)
	}
	if _, ok := s.Tag("c"); ok {
		t.Error("found a tag that is not there")
	}
}

func equalFloats(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] && (a[i] == a[i] || b[i] == b[i]) {
			return false
		}
	}
	return true
}
