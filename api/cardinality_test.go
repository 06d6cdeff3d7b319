package api

import (
	"net/http"
	"strings"
	"testing"

	"graphited/carbon/facts"
)

func TestCardinality(t *testing.T) {
	var asked facts.CardinalityQuery
	s := serve(t, func(o *setup) {
		o.Cardinality = func(q facts.CardinalityQuery) any {
			asked = q
			return map[string]int{"series": 3}
		}
	})
	for _, c := range []struct {
		url    string
		status int
		body   string
		asked  facts.CardinalityQuery
	}{
		{"", 200, `{"series":3}`, facts.CardinalityQuery{Depth: 1, Limit: 50}},
		{"?query=a.b&depth=2&tag=host&limit=5&sort=growth", 200, `{"series":3}`, facts.CardinalityQuery{Branch: "a.b", Depth: 2, Tag: "host", Limit: 5, Growing: true}},
		{"?depth=-1&limit=99999&jsonp=f", 200, `f({"series":3})`, facts.CardinalityQuery{Depth: 1, Limit: 1000}},
		{"?limit=x", 400, "int()", facts.CardinalityQuery{}},
		{"?sort=name", 400, "sort is series or growth", facts.CardinalityQuery{}},
	} {
		asked = facts.CardinalityQuery{}
		a := ask(t, s, http.MethodGet, "/metrics/cardinality"+c.url, "")
		if a.status != c.status || !strings.Contains(a.body, c.body) || asked != c.asked {
			t.Errorf("%s: %d %s, asked for %+v", c.url, a.status, a.body, asked)
		}
	}
	if a := ask(t, serve(t, nil), http.MethodGet, "/metrics/cardinality", ""); a.status != 404 {
		t.Errorf("without it: %d", a.status)
	}
}
