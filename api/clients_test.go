package api

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"graphited/api/store"
	"graphited/render"
	"graphited/render/fn"
)

// The requests in this file have the shapes that clients send, and the checks read of the answers
// what those clients read: Grafana's Graphite data source, of 2025 and, where it differs, of 2018
// (public/app/plugins/datasource/graphite/datasource.ts at the commits 46831bf7 and 01a1737d,
// gfunc.ts at b58a8965, and pkg/tsdb/graphite at 35e7aa2a, 9a227de2 and af54a70b), moira
// (metric_source/remote at 16b9de92), cabot (cabotapp/graphite.py at 0682ee76) and Icinga Web's
// module graphite (library/Graphite/Graphing at 428ec4aa and 96ab6a7e).

// clientServer has some of everything that a client may ask for.
func clientServer(t *testing.T) *Server {
	h := holding(10, map[string][]float64{
		"servers.web1.cpu": {1, nan, 3}, "servers.web2.cpu": {4, 5, 6}, "servers.web2.mem.free": {7}, "app.errors": {nan, 1, nan},
		"icinga2.box.services.load.load.perfdata.load1.value": {1, 2, 3},
		"disk;dc=eu;host=a": {1}, "disk;dc=us;host=b": {2},
	})
	h.from = 1_700_000_010
	engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: h})
	if err != nil {
		t.Fatal(err)
	}
	events := &eventList{list: []store.Event{
		{ID: 1, When: 1_700_000_020, What: "deploy", Tags: []string{"web", "v2"}, Data: "by hand"},
		{ID: 2, When: 1_700_000_021, What: "reboot", Tags: []string{"web"}},
	}}
	return serve(t, func(o *setup) {
		o.Engine, o.Finder, o.Tags, o.Events, o.Draw = engine, h, h.tags, events, nil
		o.Now = func() time.Time { return time.Unix(1_700_000_100, 0) }
	})
}

// checkSeries reads an answer as time series: names are those of the series, in order.
func checkSeries(names ...string) func(*testing.T, answer) {
	return func(t *testing.T, a answer) {
		t.Helper()
		var list []struct {
			Target     string
			Datapoints [][2]*float64
			Tags       map[string]any
		}
		if err := json.Unmarshal([]byte(a.body), &list); err != nil {
			t.Fatalf("%v: %s", err, a.body)
		}
		var got []string
		for _, s := range list {
			got = append(got, s.Target)
			if len(s.Datapoints) == 0 || s.Tags == nil {
				t.Errorf("%s: %d points, tags %v", s.Target, len(s.Datapoints), s.Tags)
			}
			for _, p := range s.Datapoints {
				if p[1] == nil || *p[1] < 1_690_000_000 {
					t.Errorf("%s: a point without a time", s.Target)
				}
			}
			for k, v := range s.Tags {
				if _, ok := v.(string); !ok {
					t.Errorf("%s: tag %s is %v", s.Target, k, v)
				}
			}
		}
		if !slices.Equal(got, names) {
			t.Errorf("series %q, want %q", got, names)
		}
	}
}

// checkNodes reads the text and the expandable of a tree, "+" behind what can be expanded.
func checkNodes(want ...string) func(*testing.T, answer) {
	return func(t *testing.T, a answer) {
		t.Helper()
		var list []struct {
			Text                            string
			Expandable, AllowChildren, Leaf int
			ID                              string
		}
		if err := json.Unmarshal([]byte(a.body), &list); err != nil {
			t.Fatalf("%v: %s", err, a.body)
		}
		var got []string
		for _, n := range list {
			if n.Expandable != 0 {
				n.Text += "+"
			}
			got = append(got, n.Text)
			if n.Expandable == n.Leaf || n.AllowChildren != n.Expandable {
				t.Errorf("%+v", n)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("nodes %q, want %q", got, want)
		}
	}
}

// checkJSON compares an answer as JSON, whatever its spaces.
func checkJSON(want string) func(*testing.T, answer) {
	return func(t *testing.T, a answer) {
		t.Helper()
		var got, wanted any
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatalf("%v: %s", err, a.body)
		}
		if err := json.Unmarshal([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		g, _ := json.Marshal(got)
		w, _ := json.Marshal(wanted)
		if string(g) != string(w) {
			t.Errorf("got %s, want %s", g, w)
		}
	}
}

// checkEvents reads the fields of events that become annotations.
func checkEvents(want ...string) func(*testing.T, answer) {
	return func(t *testing.T, a answer) {
		t.Helper()
		var list []struct {
			When float64
			What string
			Tags []string
			Data string
			ID   int64
		}
		if err := json.Unmarshal([]byte(a.body), &list); err != nil {
			t.Fatalf("%v: %s", err, a.body)
		}
		var got []string
		for _, e := range list {
			got = append(got, e.What+" "+strings.Join(e.Tags, ","))
			if e.When < 1_700_000_000 || e.ID == 0 {
				t.Errorf("%+v", e)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("events %q, want %q", got, want)
		}
	}
}

func checkVersion(t *testing.T, a answer) {
	t.Helper()
	if !regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+$`).MatchString(strings.TrimSpace(a.body)) || !strings.HasPrefix(a.body, "1.1.") {
		t.Errorf("%q is no version that has tags and functions", a.body)
	}
}

// checkFunctions reads what the query editor makes its menu of.
func checkFunctions(t *testing.T, a answer) {
	t.Helper()
	var defs map[string]struct {
		Name, Group, Description, Function, Module string
		Params                                     []struct {
			Name, Type         string
			Required, Multiple bool
			Default            any
			Options            []any
			Suggestions        []any
		}
	}
	if err := json.Unmarshal([]byte(strings.ReplaceAll(a.body, "1e9999", "1e308")), &defs); err != nil {
		t.Fatal(err)
	}
	if len(defs) < 150 {
		t.Errorf("only %d functions", len(defs))
	}
	types := strings.Fields("aggFunc aggOrSeriesFunc any boolean date float integer interval intOrInf intOrInterval node nodeOrTag series seriesList seriesLists string tag")
	for name, d := range defs {
		if d.Name != name || d.Group == "" || d.Function == "" || !strings.HasPrefix(d.Function, name+"(") {
			t.Errorf("%s: name %q, group %q, function %q", name, d.Name, d.Group, d.Function)
		}
		for _, p := range d.Params {
			if p.Name == "" || !slices.Contains(types, p.Type) {
				t.Errorf("%s: parameter %q of type %q", name, p.Name, p.Type)
			}
		}
	}
}

func checkPNG(t *testing.T, a answer) {
	t.Helper()
	if a.header.Get("Content-Type") != "image/png" || !strings.HasPrefix(a.body, "\x89PNG") {
		t.Errorf("%s: %.60q", a.header.Get("Content-Type"), a.body)
	}
}

func TestClients(t *testing.T) {
	s := clientServer(t)
	const epoch = "from=1699999980&until=1700000100"
	f := func(what, method, url, body string, check func(*testing.T, answer), header ...string) {
		t.Run(what, func(t *testing.T) {
			a := ask(t, s, method, url, body, header...)
			if a.status != http.StatusOK {
				t.Fatalf("%s %s %s: %d %s", method, url, body, a.status, a.body)
			}
			check(t, a)
		})
	}
	panel := []string{"X-Dashboard-Id", "7", "X-Panel-Id", "2", "X-Panel-Plugin-Id", "timeseries"}
	f("grafana/query", "POST", "/render", `target=aliasSub(servers.web*.cpu%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20A%22)&from=-6h&until=now&format=json&maxDataPoints=1092`,
		checkSeries("servers.web1.cpu A", "servers.web2.cpu A"), panel...)
	f("grafana/query of several with references", "POST", "/render", `target=aliasSub(servers.web1.cpu%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20A%22)&`+
		`target=aliasSub(asPercent(servers.web1.cpu%2C%20sumSeries(servers.*.cpu))%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20C%22)&`+epoch+`&format=json&maxDataPoints=500&cacheTimeout=60`,
		checkSeries("servers.web1.cpu A", "asPercent(servers.web1.cpu,sumSeries(servers.*.cpu)) C"), panel...)
	f("grafana/query of nothing", "POST", "/render", `target=aliasSub(no.such%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20A%22)&`+epoch+`&format=json&maxDataPoints=500`, checkSeries())
	f("grafana/query by tags", "POST", "/render", `target=aliasByTags(seriesByTag('name%3Ddisk'%2C%20'dc%3D~e.%2B')%2C%20'host')&`+epoch+`&format=json&maxDataPoints=500`, checkSeries("a"))
	f("grafana/alert rule", "POST", "/render", `format=json&from=1700000000&maxDataPoints=43200&target=summarize%28servers.web2.cpu%2C+%271min%27%29&until=1700000100`,
		checkSeries(`summarize(servers.web2.cpu, "1min", "sum")`))
	f("grafana/health check", "POST", "/render", "format=json&from=1699996500&maxDataPoints=100&target=constantLine%28100%29&until=1700000100", checkSeries("100.0"))
	f("grafana/health check of the browser", "POST", "/render", "target=aliasSub(constantLine(100)%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20A%22)&from=-1h&until=now&format=json&maxDataPoints=300", checkSeries("100.0 A"))
	f("grafana/health check of 2018", "GET", "/metrics/find?query=*", "", checkNodes("app+", "icinga2+", "servers+"))

	f("grafana/segment", "POST", "/metrics/find", "query=servers.*", checkNodes("web1+", "web2+"))
	f("grafana/segment of leaves", "POST", "/metrics/find?"+epoch, "query=servers.web2.*", checkNodes("mem+", "cpu"))
	f("grafana/variable", "POST", "/metrics/find?from=-1h&until=now", "query=servers.{web1,web2}.c*", checkNodes("cpu"))
	f("grafana/variable, encoded", "POST", "/metrics/find?"+epoch, "query=servers.%7Bweb1%2Cweb2%7D.*", checkNodes("mem+", "cpu"))
	f("grafana/variable of nothing", "POST", "/metrics/find", "query=no.such.*", checkNodes())
	f("grafana/variable of 2018", "GET", "/metrics/find?"+epoch+"&query=servers.*", "", checkNodes("web1+", "web2+"))
	f("grafana/expand(...)", "GET", "/metrics/expand?query=servers.*.*&"+epoch, "", checkJSON(`{"results": ["servers.web1.cpu", "servers.web2.cpu", "servers.web2.mem"]}`),
		"Content-Type", "application/x-www-form-urlencoded")
	f("grafana/variable of values", "POST", "/render", `target=aliasSub(groupByNode(servers.*.cpu%2C%202%2C%20'sum')%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20A%22)&from=-6h&until=now&format=json`, checkSeries("cpu A"))

	f("grafana/tags()", "GET", "/tags/autoComplete/tags?limit=10000&"+epoch, "", checkJSON(`["dc", "host", "name"]`))
	f("grafana/tags(name=disk)", "GET", "/tags/autoComplete/tags?expr=name%3Ddisk&expr=dc%3D~e&limit=10000", "", checkJSON(`["host"]`))
	f("grafana/tag_values(host)", "GET", "/tags/autoComplete/values?tag=host&limit=10000", "", checkJSON(`["a", "b"]`))
	f("grafana/tag_values(host,dc=eu)", "GET", "/tags/autoComplete/values?expr=dc%3Deu&tag=host&limit=10000&"+epoch, "", checkJSON(`["a"]`))
	f("grafana/tag completion", "GET", "/tags/autoComplete/tags?expr=name%3Ddisk&tagPrefix=d", "", checkJSON(`["dc"]`))
	f("grafana/value completion", "GET", "/tags/autoComplete/values?expr=name%3Ddisk&tag=dc&valuePrefix=u", "", checkJSON(`["us"]`))
	f("grafana/tag completion with brackets", "GET", "/tags/autoComplete/tags?expr[]=name%3Ddisk&expr[]=dc%3Deu", "", checkJSON(`["host"]`))

	f("grafana/events", "GET", "/events/get_data?"+epoch+"&tags=web%20v2", "", checkEvents("deploy web,v2"))
	f("grafana/events of a relative time", "GET", "/events/get_data?from=-1h&until=now", "", checkEvents("deploy web,v2", "reboot web"))
	f("grafana/events of the backend", "GET", "/events/get_data?from=1699999980&tags=web&until=1700000100", "", checkEvents("deploy web,v2", "reboot web"))
	f("grafana/annotations of a target", "POST", "/render", `target=aliasSub(app.errors%2C%20%22(%5E.*%24)%22%2C%20%22%5C1%20Anno%22)&`+epoch+`&format=json&maxDataPoints=100`, checkSeries("app.errors Anno"))
	f("grafana/version", "GET", "/version", "", checkVersion)
	f("grafana/functions", "GET", "/functions", "", checkFunctions)

	f("moira/target", "GET", "/render?format=json&from=1700000000&target=movingAverage%28servers.web2.cpu%2C+2%29&until=1700000100", "", checkSeries("movingAverage(servers.web2.cpu,2)"), "Authorization", "Basic bTptbQ==")
	f("moira/is it there", "GET", "/render?format=json&from=1699999500&target=NonExistingTarget&until=1700000100", "", checkSeries())
	f("cabot/check", "GET", "/render?target=servers.*.cpu&format=json&from=-5minute", "", checkSeries("servers.web1.cpu", "servers.web2.cpu"), "Accept", "*/*")
	f("cabot/find", "GET", "/metrics/find/?query=servers.web2.&format=completer", "", checkJSON(`{"metrics": [{"path": "servers.web2.cpu", "name": "cpu", "is_leaf": "1"}, {"path": "servers.web2.mem.", "name": "mem", "is_leaf": "0"}]}`),
		"Accept", "application/json")
	f("icinga/metrics", "GET", "/metrics/expand?query=icinga2.box.services.load.load.perfdata.*.value", "", checkJSON(`{"results": ["icinga2.box.services.load.load.perfdata.load1.value"]}`))
	f("icinga/metrics of a host without any", "GET", "/metrics/expand?query=icinga2.none.host.*.perfdata.*.value", "", checkJSON(`{"results": []}`))
	f("icinga/graph", "POST", "/render?from=-4hours&width=300&height=200&hideLegend=&tz=Europe%2FBerlin&_salt=1700000100.000&vTitle=Percent&lineMode=connected&xFormat=%25a%20%25H%3A%25M&"+
		"drawNullAsZero=false&graphType=line&majorGridLineColor=%230000003F&minorGridLineColor=%2300000000&_ext=whatever.svg&areaMode=all&areaAlpha=0.5&lineWidth=2&min=0&yUnitSystem=none&"+
		"target=alias%28color%28scale%28icinga2.box.services.load.load.perfdata.load1.value%2C1%29%2C%27%231a7dd7%27%29%2C%27Load%20%281%29%27%29", "", checkPNG, "Accept-Language", "en")
}
