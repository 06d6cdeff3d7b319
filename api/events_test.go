package api

import (
	"context"
	"errors"
	"slices"
	"testing"

	"graphited/api/store"
)

// eventList is the simplest Events there is.
type eventList struct{ list []store.Event }

func (l *eventList) Add(_ context.Context, e store.Event) error {
	if e.What == "broken" {
		return errors.New("disk is full")
	}
	e.ID = int64(len(l.list) + 1)
	l.list = append(l.list, e)
	return nil
}

func (l *eventList) Find(_ context.Context, from, until int64, tags []string, union bool) ([]store.Event, error) {
	return slices.DeleteFunc(slices.Clone(l.list), func(e store.Event) bool {
		n := 0
		for _, t := range tags {
			if slices.Contains(e.Tags, t) {
				n++
			}
		}
		enough := n == len(tags) || union && n > 0
		return e.When < from || e.When > until || !enough
	}), nil
}

func (l *eventList) Get(_ context.Context, id int64) (store.Event, bool, error) {
	if id < 1 || id > int64(len(l.list)) {
		return store.Event{}, false, nil
	}
	return l.list[id-1], true, nil
}

func TestEvents(t *testing.T) {
	s := serve(t, func(o *setup) { o.Events = &eventList{} })
	f := func(method, path, body string, status int, want string) {
		t.Helper()
		if a := ask(t, s, method, path, body); a.status != status || a.body != want {
			t.Errorf("%s %s %s: got %d %s, want %d %s", method, path, body, a.status, a.body, status, want)
		}
	}
	f("POST", "/events", `{"what": "deploy", "tags": "a b", "when": 1600000000.9, "data": "v1"}`, 200, "")
	f("POST", "/events/", `{"what": "reboot", "tags": ["b", "c"]}`, 200, "")
	f("POST", "/events", `{"what": "x", "tags": 5}`, 400, `{"error": "\"tags\" must be an array or space-separated string"}`)
	f("POST", "/events", `[1]`, 400, `{"error": "the body must be a JSON object with what, tags, when and data"}`)
	f("POST", "/events", `{"what": "x", "when": 1e300}`, 400, `{"error": "\"when\" must be seconds since 1970"}`)
	const deploy = `{"when": 1600000000, "what": "deploy", "data": "v1", "tags": ["a", "b"], "id": 1}`
	const reboot = `{"when": 1700000000, "what": "reboot", "data": "", "tags": ["b", "c"], "id": 2}`
	f("GET", "/events/get_data", "", 200, "["+deploy+", "+reboot+"]")
	f("GET", "/events/get_data?tags=a", "", 200, "["+deploy+"]")
	f("GET", "/events/get_data?tags=a%20c", "", 200, "[]")
	f("GET", "/events/get_data?tags=a%20c&set=union", "", 200, "["+deploy+", "+reboot+"]")
	f("GET", "/events/get_data?from=1600000001", "", 200, "["+reboot+"]")
	f("GET", "/events/get_data/?until=1600000000", "", 200, "["+deploy+"]")
	f("GET", "/events/get_data?jsonp=cb&tags=none", "", 200, "cb([])")
	f("GET", "/events/1", "", 200, `{"id": 1, "when": "2020-09-13T12:26:40Z", "what": "deploy", "data": "v1", "tags": ["a", "b"]}`)
	f("GET", "/events/3/", "", 404, `{"error": "Event matching query does not exist"}`)
	f("GET", "/events?tags=a", "", 200, "<!doctype html>\n<title>Events</title>\n<table>\n<tr><th>when<th>what<th>tags<th>data\n<tr><td>2020-09-13T12:26:40Z<td><a href=\"/events/1\">deploy</a><td>a b<td>v1\n</table>\n")
	if a := ask(t, s, "GET", "/events/get_data?from=bogus", ""); a.status != 400 {
		t.Errorf("bad from: %d %s", a.status, a.body)
	}
	if a := ask(t, s, "POST", "/events", `{"what": "broken"}`); a.status != 500 {
		t.Errorf("a failing store: %d %s", a.status, a.body)
	}
}

// TestEvents_AnyType: what and data may be of any JSON type. The texts are those that graphite-web
// gives back.
func TestEvents_AnyType(t *testing.T) {
	s := serve(t, func(o *setup) { o.Events = &eventList{} })
	n := 0
	f := func(body, what, data string, tags ...string) {
		t.Helper()
		if a := ask(t, s, "POST", "/events/", body); a.status != 200 || a.body != "" {
			t.Errorf("%s: %d %s", body, a.status, a.body)
			return
		}
		n++
		e := s.d.Events.(*eventList).list[n-1]
		if e.What != what || e.Data != data || !slices.Equal(e.Tags, tags) {
			t.Errorf("%s: %q, %q, %q, want %q, %q, %q", body, e.What, e.Data, e.Tags, what, data, tags)
		}
	}
	f(`{"what": "deploy", "tags": "deploy web", "data": {"version": "1.2.3", "by": "ci"}}`, "deploy", "{'version': '1.2.3', 'by': 'ci'}", "deploy", "web")
	f(`{"what": 5, "tags": "deploy", "data": 7}`, "5", "7", "deploy")
	f(`{"what": 1.0, "data": 1.5e300}`, "1.0", "1.5e+300")
	f(`{"what": true, "data": false}`, "True", "False")
	f(`{"what": ["a", 1], "data": []}`, "['a', 1]", "[]")
	f(`{"what": {"a": {}}, "data": null}`, "{'a': {}}", "")
	f(`{"data": [null, 2.5, 1e22, 1e16, 1e-7, -0.0, -0, 123456789012345678901234567890, 1e999]}`,
		"", "[None, 2.5, 1e+22, 1e+16, 1e-07, -0.0, 0, 123456789012345678901234567890, inf]")
	f(`{"data": ["x'y", "a\"b", "a\"b'c", "a\\b", "\u00e9\n\t\u0001\u200b\ud83d\ude00"]}`, "", `["x'y", 'a"b', 'a"b\'c', 'a\\b', 'é\n\t\x01\u200b😀']`)
	f(`{"what": "x", "what": "y", "What": "z", "tags": null}`, "y", "")
	f(`{"what": "", "tags": []}`, "", "")
	f(`{"what": "x", "tags": ["a b", "c"]}`, "x", "", "a", "b", "c")
	for _, body := range []string{`{"tags": ["a", 1]}`, `{"tags": {}}`, `{"tags": true}`, `{"when": "5"}`, `{"when": []}`, `"x"`, `{"what": 1`, ``} {
		if a := ask(t, s, "POST", "/events", body); a.status != 400 {
			t.Errorf("%s: %d %s", body, a.status, a.body)
		}
	}
}

func TestNoEvents(t *testing.T) {
	s := serve(t, nil)
	f := func(method, path string, status int, want string) {
		t.Helper()
		if a := ask(t, s, method, path, "{}"); a.status != status || a.body != want {
			t.Errorf("%s %s: got %d %s", method, path, a.status, a.body)
		}
	}
	f("POST", "/events", 404, `{"error": "events are not kept here"}`)
	f("GET", "/events/get_data", 200, "[]")
	f("GET", "/events/1", 404, `{"error": "Event matching query does not exist"}`)
	f("GET", "/events", 200, "<!doctype html>\n<title>Events</title>\n<table>\n<tr><th>when<th>what<th>tags<th>data\n</table>\n")
}
