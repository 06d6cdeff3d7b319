package api

import (
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestBombs: what asks for far more than there is to give is refused before the
// work is done, or answered within bounds, and the next query is answered.
func TestBombs(t *testing.T) {
	s := serve(t, func(o *setup) { o.Draw = nil; o.MaxBody = 1 << 20 })
	const room = 192 << 20 // bytes that may be allocated, over all of one request
	f := func(name string, want int, path, form string) {
		t.Helper()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		method := http.MethodGet
		if form != "" {
			method = http.MethodPost
		}
		a := ask(t, s, method, path, form)
		runtime.ReadMemStats(&after)
		if a.status != want {
			t.Errorf("%s: %d %.200s, want %d", name, a.status, a.body, want)
		}
		if used := after.TotalAlloc - before.TotalAlloc; used > room {
			t.Errorf("%s: %d MB were allocated", name, used>>20)
		}
		if len(a.body) > 1<<20 {
			t.Errorf("%s: answered with %d bytes", name, len(a.body))
		}
		if next := ask(t, s, "GET", "/render?target=top&format=json", ""); next.status != 200 {
			t.Errorf("after %s: %d %s", name, next.status, next.body)
		}
	}
	r := func(target string, more ...string) string {
		return "/render?format=json&target=" + url.QueryEscape(target) + strings.Join(more, "")
	}
	nest := func(n int, target string) string {
		return strings.Repeat("absolute(", n) + target + strings.Repeat(")", n)
	}
	many := ""
	for i := range 1000 {
		many += "&template[v" + strconv.Itoa(i) + "]="
	}
	f("499 deep", 200, r(nest(499, "top")), "")
	f("500 deep", 400, r(nest(500, "top")), "")
	f("4000 deep", 400, r(nest(4000, "top")), "")
	f("a target of 900 kB", 200, "/render", "format=json&target="+strings.Repeat("a.", 450_000)+"a")
	f("450,000 nodes with wildcards", 200, "/render", "format=json&target="+strings.Repeat("*.", 450_000)+"a")
	f("150,000 nodes of any depth", 200, "/render", "format=json&target="+strings.Repeat("**.a.", 150_000)+"a")
	f("450,000 brackets", 400, "/render", "format=json&target="+strings.Repeat("a(", 450_000))
	f("2^20 by braces", 200, r("top."+strings.Repeat("{a,b}", 20)), "")
	f("2^20 by braces, found", 200, "/metrics/find?query="+strings.Repeat("{a,b}", 20)+"*", "")
	f("braces in braces", 200, "/metrics/find?query="+strings.Repeat("{", 2000)+"a"+strings.Repeat("}", 2000), "")
	f("100,001 parameters", 400, "/render", "format=json&"+strings.Repeat("a=&", 100_000))
	f("a long alias of many series", 400, "/render", "format=json&target=alias(group("+strings.Repeat("top,", 1000)+"top),'"+strings.Repeat("x", 500_000)+"')")
	f("long names", 400, "/render", "format=json&target=alias(group("+strings.Repeat("top,", 200)+"top),'"+strings.Repeat("x", 500_000)+"')")
	f("100 variables in many templates", 400, "/render", "format=json&target=group("+strings.Repeat("template(a.$x,a0=1),", 40_000)+"a)"+many)
	for _, made := range []string{"randomWalk('x',1)", "time('x',1)", "sin('x',1,1)"} {
		f("30 years of "+made, 400, r(made, "&from=-30y"), "")
		f("1e9 seconds of "+made, 400, r(made, "&from=-1000000000s"), "")
	}
	f("too much to write", 400, r("randomWalk('x',1)", "&from=-6000000s"), "")
	f("30 years of a constant", 200, r("constantLine(1)", "&from=-30y"), "")
	f("shifts", 400, r("timeStack(top,'1s',0,1000000000)"), "")
	f("shifts backwards", 400, r("timeStack(top,'1s',-1000000000,0)"), "")
	f("summaries", 400, r("summarize(randomWalk('x',600),'1s')", "&from=-30y"), "")
	f("hits", 400, r("hitcount(randomWalk('x',600),'1s')", "&from=-30y"), "")
	f("a long window", 400, r("movingAverage(top,'1000y')"), "")
	f("a long pattern", 400, "/render", "format=json&target=grep(top,'"+strings.Repeat("(a|b|c)?", 9000)+"')")
	f("a steep pattern", 200, r("exclude(top,'(a+)+$')"), "")
	f("a high degree", 400, r("polyfit(top,10000)"), "")
	f("maxDataPoints=0", 400, r("top", "&maxDataPoints=0"), "")
	f("maxDataPoints=-1", 200, r("top", "&maxDataPoints=-1"), "")
	for _, p := range []string{"width=100000", "height=100000", "width=-1", "width=16384&height=16384", "margin=100000000", "fontSize=1e9", "pixelRatio=1e9"} {
		for _, format := range []string{"png", "svg", "pdf"} {
			if format != "png" && strings.Contains(p, "16384") || format != "png" && strings.Contains(p, "pixelRatio") {
				continue // no pixels are kept for these
			}
			f(format+" "+p, 400, "/render?target=top&format="+format+"&"+p, "")
		}
	}
	f("a long zone", 200, r("top", "&tz="+strings.Repeat("A", 50_000)), "")
	f("many tags", 200, "/events/get_data?tags="+strings.Repeat("a,", 20_000), "")
}

// TestDeadline: whatever a query is about when its time is up, it ends, and says so.
func TestDeadline(t *testing.T) {
	s := serve(t, func(o *setup) { o.QueryTimeout, o.Draw = time.Nanosecond, nil })
	for _, path := range []string{
		"/render?format=json&target=top", "/render?format=csv&target=randomWalk('x',1)&from=-6d", "/render?format=png&target=top", "/render?format=svg&target=randomWalk('x',1)",
		"/render?format=json&target=movingMedian(randomWalk('x',1),5000)", "/metrics/find?query=*", "/metrics/expand?query=*", "/metrics/index.json",
	} {
		if a := ask(t, s, "GET", path, ""); a.status != 503 || !strings.Contains(a.body, "the query took longer than") || a.header.Get("Retry-After") == "" {
			t.Errorf("%s: %d %.100s", path, a.status, a.body)
		}
	}
}
