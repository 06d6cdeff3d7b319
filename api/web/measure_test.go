package web_test

import (
	"context"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// busy is for how long, in seconds, the page's thread has computed since busy was first asked. Unlike time on the clock it says something on a busy machine too.
func (p *tab) busy() float64 {
	p.t.Helper()
	v, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (float64, error) {
		if _, err := cdp.Call(ctx, t, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks}); err != nil {
			return 0, err
		}
		got, err := cdp.Call(ctx, t, performance.GetMetrics, cdp.Empty{})
		for _, m := range got.Metrics {
			if m.Name == "TaskDuration" {
				return m.Value, err
			}
		}
		return 0, err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return v
}

// TestMeasure measures what a page costs; the numbers are for people. It runs only when GRAPHITED_MEASURE says how many redraws the memory is held against.
func TestMeasure(t *testing.T) {
	var redraws int
	if _, err := fmt.Sscan(os.Getenv("GRAPHITED_MEASURE"), &redraws); err != nil {
		t.Skip("GRAPHITED_MEASURE=300 measures")
	}
	s := serve(t, "")
	var names []string
	for i := range 10 {
		names = append(names, fmt.Sprintf("web.m%d", i))
	}
	s.sine(60, names...)
	for range 3 {
		p := s.open("version", 1280, 900)
		before := p.busy()
		p.run(chromedp.Navigate(s.url + "?target=web.*&from=-1h&events=none"))
		p.wait(`$(".plot svg .grid path")`)
		t.Logf("the page's thread computed for %.0f ms until the first graph was seen", 1000*(p.busy()-before))
		t.Log(eval[string](p, `(() => { const r = performance.getEntriesByType("resource"), first = r.find((e) => e.name.includes("/render"));
			return first.name.slice(-60) + ": first graph's answer at " + first.responseEnd.toFixed(0) + " ms after the address was opened, " + (1 + r.filter((e) => e.startTime <= first.startTime).length) + " requests until it, " +
				r.reduce((n, e) => n + (e.encodedBodySize || 0), 0) + " bytes over the network, " + r.reduce((n, e) => n + (e.decodedBodySize || 0), 0) + " unpacked"; })()`))
	}
	p := s.open("?target=web.*&from=-1h&events=none", 1280, 900)
	p.graphBox()
	p.eval(`globalThis.redraw = async () => { const plot = document.querySelector(".plot"), before = plot.querySelector("svg"), t = performance.now();
		document.querySelector('button[aria-label="Draw again"]').click();
		while (plot.querySelector("svg") === before) await new Promise((f) => setTimeout(f, 1));
		return performance.now() - t; }; 0`)
	sum, busy := 0.0, p.busy()
	for range 20 {
		sum += eval[float64](p, "redraw()")
	}
	t.Logf("a redraw with 10 series: %.1f ms, of which the page's thread computed for %.1f ms", sum/20, 1000*(p.busy()-busy)/20)
	heap := func() float64 {
		p.eval(`globalThis.gc?.(); 0`)
		return eval[float64](p, `performance.memory.usedJSHeapSize / 1048576`)
	}
	before := heap()
	begun := time.Now()
	for i := 0; i < redraws; i += 50 {
		p.eval(`(async () => { for (let i = 0; i < 50; i++) await redraw(); })()`)
	}
	t.Logf("heap %.1f MiB before and %.1f MiB after %d redraws in %v; %d elements", before, heap(), redraws, time.Since(begun).Round(time.Millisecond), eval[int](p, `document.querySelectorAll("*").length`))
}
