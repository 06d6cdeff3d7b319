package web_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"
)

// interval is the time in seconds between two redraws in the measurement of memory, as a parameter
// in the address.
const interval = 0.02

// busy returns for how many seconds the page's thread has computed since the first call of busy.
// Unlike elapsed time it is meaningful on a busy machine.
func (p *tab) busy() float64 {
	p.t.Helper()
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, performance.Enable, performance.EnableParams{TimeDomain: performance.EnableTimeDomainThreadTicks})
		return err
	}))
	return p.counters()["TaskDuration"]
}

// counters returns the browser's counters of a page.
func (p *tab) counters() map[string]float64 {
	p.t.Helper()
	got, err := chromedp.Run(p.ctx, func(ctx context.Context, t *chromedp.Target) (map[string]float64, error) {
		got, err := cdp.Call(ctx, t, performance.GetMetrics, cdp.Empty{})
		all := map[string]float64{}
		for _, m := range got.Metrics {
			all[m.Name] = m.Value
		}
		return all, err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return got
}

// bare serves the least that a browser needs for a picture of /render: a page with one script,
// which requests the picture and shows it. Other requests go to the program.
func bare(t *testing.T, s *server) http.Handler {
	to, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	program := httputil.NewSingleHostReverseProxy(to)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/bare" {
			program.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprint(w, `<!doctype html><title>bare</title><div class="plot"></div><script type="module">
			const answer = await fetch("render?target=web.*&from=-1h&format=svg&width=907&height=396&metadata=full&hideLegend=true&template=modern");
			document.querySelector(".plot").append(document.importNode(new DOMParser().parseFromString(await answer.text(), "image/svg+xml").documentElement, true));
		</script>`)
	})
}

// drawn records when the first picture is in the page, and when it has been painted, which is the
// task after the next frame.
const drawn = `new MutationObserver((list, o) => {
	if (!document.querySelector(".plot .grid path")) return;
	o.disconnect();
	requestAnimationFrame(() => { const c = new MessageChannel(); c.port1.onmessage = () => { globalThis.drawnAt = performance.now(); }; c.port2.postMessage(0); });
}).observe(document, { childList: true, subtree: true })`

// first opens a page and returns the costs of its first graph.
func (p *tab) first(address string) string {
	p.t.Helper()
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: drawn})
		return err
	}))
	before := p.busy()
	p.run(chromedp.Navigate(address))
	p.wait("globalThis.drawnAt")
	took := p.busy()
	if took > before { // otherwise the counter was reset by the navigation
		took -= before
	}
	return fmt.Sprintf("%3.0f ms of the page's thread; ", 1000*took) + eval[string](p, `(() => {
		const all = performance.getEntriesByType("resource"), pictures = all.filter((e) => e.name.includes("/render")), first = pictures[0], page = performance.getEntriesByType("navigation")[0];
		const sum = (what) => [page, ...all].reduce((n, e) => n + e[what], 0), ms = (t) => t.toFixed(0).padStart(4);
		return "asked at" + ms(first.startTime) + ", answered at" + ms(first.responseEnd) + ", drawn at" + ms(drawnAt) + " ms; " + pictures.length + " pictures, " +
			(1 + all.filter((e) => e.startTime < drawnAt).length) + " requests, " + sum("transferSize") + " bytes over the network, " + sum("decodedBodySize") + " unpacked";
	})()`)
}

// TestMeasure measures what a page costs, for people to read. It runs only if GRAPHITED_MEASURE is
// set to the number of redraws over which memory is compared.
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
	floor := httptest.NewServer(bare(t, s))
	defer floor.Close()
	for range 3 {
		t.Log("a page of nothing but the picture: " + s.open("version", 1280, 900).first(floor.URL+"/bare"))
		p := s.open("version", 1280, 900)
		t.Log("Explore, a first visit:            " + p.first(s.url+"?target=web.*&from=-1h&events=none"))
		t.Log("Explore, a second visit:           " + p.first(s.url+"?target=web.*&from=-2h&events=none"))
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
	p = s.open(fmt.Sprintf("?target=web.*&from=-1h&events=none&refresh=%v", interval), 1280, 900)
	p.graphBox()
	p.busy() // from now on it counts
	p.eval(`globalThis.drawings = 0; new MutationObserver((list) => { for (const m of list) for (const n of m.addedNodes) if (n.localName === "svg") drawings++; }).observe(document.querySelector(".plot"), { childList: true }); 0`)
	begun := time.Now()
	for n := 0; n <= redraws; n += max(redraws/4, 1) {
		for eval[int](p, "drawings") < n {
			time.Sleep(100 * time.Millisecond)
		}
		p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, heapprofiler.CollectGarbage, cdp.Empty{})
			return err
		}))
		m := p.counters()
		t.Logf("after %d redraws by auto-refresh, in %v: %.2f MiB of the heap in use, %.0f nodes, %.0f listeners", n, time.Since(begun).Round(time.Second), m["JSHeapUsedSize"]/(1<<20), m["Nodes"], m["JSEventListeners"])
	}
}
