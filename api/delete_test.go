package api

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"graphited/carbon/index"
)

func TestDelete(t *testing.T) {
	var asked atomic.Value
	tags := index.NewTags(nil)
	tags.Add("m;a=1")
	tags.Add("m;a=2")
	s := serve(t, func(o *setup) {
		o.WritableAPI, o.Tags = true, tags
		o.Remove = func(_ context.Context, names []string) ([]string, error) {
			asked.Store(slices.Clone(names))
			if slices.Contains(names, "top") {
				return nil, errors.New("the disk is read-only")
			}
			return names, nil
		}
	})
	f := expect(t, s)
	removed := func(want ...string) {
		t.Helper()
		if got, _ := asked.Swap([]string(nil)).([]string); !slices.Equal(got, want) {
			t.Errorf("removed %q, want %q", got, want)
		}
	}
	f("POST", "/metrics/delete", "query=collectd.test.cpu.*&dryRun=1", 200, "")
	removed()
	f("POST", "/metrics/delete", "expr=a=1", 200, `{"dryRun": false, "matched": 1, "deleted": 1, "metrics": ["m;a=1"]}`)
	removed("m;a=1")
	f("POST", "/metrics/delete", "expr=name=m&expr=a!=1", 200, `{"dryRun": false, "matched": 1, "deleted": 1, "metrics": ["m;a=2"]}`)
	removed("m;a=2")
	f("POST", "/metrics/delete", "query=top&dryRun", 200, `{"dryRun": true, "matched": 1, "deleted": 0, "metrics": ["top"]}`)
	removed()
	f("POST", "/metrics/delete", "query=top", 500, `{"dryRun": false, "matched": 1, "deleted": 0, "metrics": [], "error": "the disk is read-only"}`)
	removed("top")
	f("POST", "/metrics/delete", "query=no.such", 200, `{"dryRun": false, "matched": 0, "deleted": 0, "metrics": []}`)
	for _, body := range []string{"", "query=a&expr=a=1", "expr=nonsense", "expr=a!=1"} {
		if a := ask(t, s, "POST", "/metrics/delete", body); a.status != 400 || !strings.Contains(a.body, "error") {
			t.Errorf("%q: %d %s", body, a.status, a.body)
		}
	}
	f("GET", "/metrics/delete?query=top", "", 405, "")
	if a := ask(t, s, "POST", "/metrics/delete", "query=top", "Origin", "http://evil.example"); a.status != 403 {
		t.Errorf("from another site: %d %s", a.status, a.body)
	}
	off := expect(t, serve(t, func(o *setup) {
		o.Remove = func(context.Context, []string) ([]string, error) { panic("called") }
	}))
	off("POST", "/metrics/delete", "query=top", 403, `{"error": "nothing can be deleted: WRITABLE_API is not set"}`)
}
