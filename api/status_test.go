package api

import (
	"encoding/json"
	"math"
	"strings"
	"testing"

	"graphited/api/store"
	"graphited/carbon/facts"
)

func TestStatusTellsOfEveryPart(t *testing.T) {
	healthy := true
	saved, err := store.Open(t.TempDir()+"/web.db", store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = saved.Close() })
	parts := map[string]any{"carbon": map[string]int{"received": 7}, "version": "v1 <b>"}
	s := serve(t, func(o *setup) {
		o.Saved = saved
		o.Status = func() map[string]any { return parts }
		o.Health = func() []facts.Condition { return []facts.Condition{{Name: "disk", OK: healthy, Detail: "90 % free"}} }
	})
	f := func(path string, status int, want ...string) {
		t.Helper()
		a := ask(t, s, "GET", path, "")
		if a.status != status || status == 200 && (!json.Valid([]byte(a.body)) || a.header.Get("Cache-Control") != "no-cache") {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
		for _, w := range want {
			if !strings.Contains(a.body, w) {
				t.Errorf("%s: no %s in %s", path, w, a.body)
			}
		}
	}
	f("/status", 200, `"ok": true`, `"name": "disk"`, `"detail": "90 % free"`, `"writable": true`, `"carbon": {"received":7}`, `"version": "v1 \u003cb\u003e"`, `"graphite": "1.1.10"`)
	healthy = false
	f("/status", 200, `"ok": false`)
	f("/health", 503, `"ok": false`)
	parts["bad"] = math.Inf(1)
	f("/status", 500, "internal error")
	f("/metrics/explain?metric=a", 404)
	if a := ask(t, s, "POST", "/status", ""); a.status != 405 {
		t.Errorf("a POST gets %d", a.status)
	}
}

func TestStatusWithoutParts(t *testing.T) {
	s := serve(t, func(o *setup) { o.Explain = func(metric string) any { return map[string]string{"metric": metric} } })
	f := func(path string, status int, want string) {
		t.Helper()
		if a := ask(t, s, "GET", path, ""); a.status != status || !strings.Contains(a.body, want) {
			t.Errorf("%s: %d %s", path, a.status, a.body)
		}
	}
	f("/status", 200, `"writable": false`)
	f("/metrics/explain", 400, "metric")
	f("/metrics/explain?metric=a%3Cb", 200, `{"metric":"a\u003cb"}`)
}
