package web_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// patience is how long a condition may take on the slowest machine. It is usually true much
// earlier.
const patience = 60 * time.Second

// shared is what the tests of this package share. It is created when first needed.
var shared struct {
	once    sync.Once
	dir     string
	program string // the binary
	browser context.Context
	stop    []func()
	err     error
	missing string // why there is no browser
}

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(shared.stop) - 1; i >= 0; i-- {
		shared.stop[i]()
	}
	os.Exit(code)
}

// begin builds the program and starts the browser, or skips the test if there is none.
func begin(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("drives a browser: not with -short")
	}
	if os.Getenv("GRAPHITED_BROWSER") == "off" {
		t.Skip("GRAPHITED_BROWSER=off: no browser wanted")
	}
	shared.once.Do(func() { shared.err = prepare() })
	if shared.missing != "" {
		t.Skip(shared.missing)
	}
	if shared.err != nil {
		t.Fatal(shared.err)
	}
}

func prepare() error {
	var chromium string
	for _, name := range [...]string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		shared.missing = "no chromium here; on Debian: apt-get install --no-install-recommends chromium"
		return nil
	}
	dir, err := os.MkdirTemp("", "graphited-web")
	if err != nil {
		return err
	}
	shared.dir, shared.program = dir, filepath.Join(dir, "graphited")
	shared.stop = append(shared.stop, func() { os.RemoveAll(dir) })
	if out, err := exec.Command("go", "build", "-o", shared.program, "graphited").CombinedOutput(); err != nil {
		return fmt.Errorf("cannot build the program: %w\n%s", err, out)
	}
	flags := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.UserDataDir(filepath.Join(dir, "profile")), chromedp.WSURLReadTimeout(patience), chromedp.WindowSize(1280, 800),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	alloc, stop := chromedp.NewExecAllocator(context.Background(), flags...)
	shared.stop = append(shared.stop, stop)
	browser, stop := chromedp.NewContext(alloc)
	shared.stop = append(shared.stop, stop)
	shared.browser = browser
	return chromedp.Do(browser)
}

// server is a running graphited.
type server struct {
	t          *testing.T
	dir        string // its storage
	http, line string
	url        string // of the page, with a trailing slash
	prefix     string // of the page's path, "" or "/graphite"
	flags      []string
	cmd        *exec.Cmd
}

// serve runs the program on free ports until the test ends. conf is its carbon.conf, or "".
func serve(t *testing.T, conf string, flags ...string) *server {
	t.Helper()
	begin(t)
	s := &server{t: t, dir: t.TempDir(), http: "127.0.0.1:0", line: "127.0.0.1:0", flags: flags}
	if conf != "" {
		file := filepath.Join(s.dir, "carbon.conf")
		if err := os.WriteFile(file, []byte(conf), 0o600); err != nil {
			t.Fatal(err)
		}
		schemas := filepath.Join(s.dir, "storage-schemas.conf")
		if err := os.WriteFile(schemas, []byte("[all]\npattern = .*\nretentions = 10s:6h\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		s.flags = append(s.flags, "--config", file)
	}
	s.start()
	t.Cleanup(s.stop)
	return s
}

// start starts the program. After a stop it uses the same ports.
func (s *server) start() {
	s.t.Helper()
	ready := filepath.Join(s.dir, "ready.json")
	_ = os.Remove(ready)
	s.cmd = exec.Command(shared.program, append([]string{"--storage-dir", s.dir, "--http", s.http, "--line", s.line, "--pickle", "", "--cache-query", "",
		"--ready-file", ready, "--log-level", "warn"}, s.flags...)...)
	s.cmd.Stderr = os.Stderr
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	var addrs struct{ HTTP, Line string }
	eventually(s.t, "the program is ready", func() bool {
		b, err := os.ReadFile(ready)
		return err == nil && json.Unmarshal(b, &addrs) == nil && addrs.HTTP != ""
	})
	s.http, s.line = addrs.HTTP, addrs.Line
	s.url = "http://" + s.http + s.prefix + "/"
}

// stop shuts the program down.
func (s *server) stop() {
	if s.cmd == nil {
		return
	}
	_ = s.cmd.Process.Signal(syscall.SIGTERM)
	_ = s.cmd.Wait()
	s.cmd = nil
}

// send sends lines. "NOW-60" in a line stands for the time a minute ago.
func (s *server) send(lines ...string) {
	s.t.Helper()
	c, err := net.Dial("tcp", s.line)
	if err != nil {
		s.t.Fatal(err)
	}
	w := bufio.NewWriter(c)
	now := time.Now().Unix()
	for _, l := range lines {
		if before, ago, ok := strings.Cut(l, "NOW"); ok {
			var n int64
			_, _ = fmt.Sscanf(ago, "%d", &n)
			l = fmt.Sprintf("%s%d", before, now+n)
		}
		w.WriteString(l + "\n")
	}
	if err := w.Flush(); err != nil {
		s.t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		s.t.Fatal(err)
	}
}

// get sends a GET for a path below the page's root.
func (s *server) get(path string) string {
	s.t.Helper()
	resp, err := http.Get(s.url + path)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return string(b)
}

// sine sends points every ten seconds for the given number of minutes up to now for each name, and
// waits until they can be found.
func (s *server) sine(minutes int, names ...string) {
	s.t.Helper()
	var lines []string
	for i, name := range names {
		for k := range minutes * 6 {
			lines = append(lines, fmt.Sprintf("%s %d NOW-%d", name, 10*(i+1)+k%7, 10*k))
		}
	}
	s.send(lines...)
	eventually(s.t, names[len(names)-1]+" is found", func() bool {
		return strings.Contains(s.get("metrics/expand?query="+names[len(names)-1]), names[len(names)-1])
	})
}

// eventually waits until f returns true.
func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if f() {
			return
		}
	}
	t.Fatalf("waited in vain until %s", what)
}

// tab is a tab of the browser. Its test fails if there is an exception or if the
// Content-Security-Policy blocks something.
type tab struct {
	t   *testing.T
	ctx context.Context
	mu  sync.Mutex
	bad []string
}

// open opens a path below the page's root in a new tab of the given size.
func (s *server) open(path string, width, height int64) *tab {
	s.t.Helper()
	ctx, cancel := chromedp.NewContext(shared.browser, chromedp.WithNewBrowserContext())
	p := &tab{t: s.t, ctx: ctx}
	if err := chromedp.Do(ctx); err != nil {
		s.t.Fatal(err)
	}
	go p.listen(chromedp.Events(ctx, runtime.ExceptionThrown), chromedp.Events(ctx, cdplog.EntryAdded))
	s.t.Cleanup(func() {
		if s.t.Failed() {
			p.shot(filepath.Join(os.TempDir(), "graphited-"+strings.ReplaceAll(s.t.Name(), "/", "-")+".png"))
		}
		cancel()
		p.mu.Lock()
		defer p.mu.Unlock()
		for _, b := range p.bad {
			s.t.Errorf("the browser says: %s", b)
		}
	})
	p.run(chromedp.EmulateViewport(width, height), chromedp.Navigate(s.url+path))
	return p
}

// listen records exceptions and violations of the security policy that the browser reports.
func (p *tab) listen(exceptions iter.Seq2[runtime.EventExceptionThrown, error], entries iter.Seq2[cdplog.EventEntryAdded, error]) {
	note := func(text string) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.bad = append(p.bad, text)
	}
	go func() {
		for e, err := range exceptions {
			if err != nil {
				return
			}
			text := e.ExceptionDetails.Text
			if x := e.ExceptionDetails.Exception; x != nil {
				text += ": " + x.Description
			}
			note(text)
		}
	}()
	for e, err := range entries {
		if err != nil {
			return
		}
		if e.Entry.Source == cdplog.EntrySourceSecurity || strings.Contains(e.Entry.Text, "Content Security Policy") {
			note(e.Entry.Text)
		}
	}
}

// helpers defines $(selector, text), which returns the first visible element whose text or label
// has the text.
const helpers = `globalThis.$ = (selector, text) => [...document.querySelectorAll(selector)].find((e) => e.getClientRects().length > 0 &&
	(text === undefined || (e.getAttribute("aria-label") ?? "").includes(text) || e.textContent.includes(text) || (e.value ?? "").toString().includes(text)));
`

func (p *tab) run(steps ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		p.t.Fatal(err)
	}
}

// eval evaluates JavaScript and returns the result. It waits for a promise.
func eval[T any](p *tab, js string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](helpers+js, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("cannot evaluate %s: %v", js, err)
	}
	return v
}

// wait waits until an expression is true. The expression can use $.
func (p *tab) wait(js string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	var last error
	for ; ctx.Err() == nil; time.Sleep(20 * time.Millisecond) {
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool](helpers+"!!("+js+")"))
		if last = err; ok {
			return
		}
	}
	ctx, cancel = context.WithTimeout(p.ctx, patience)
	defer cancel()
	text, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	p.t.Fatalf("waited in vain until %s (%v); the page says:\n%s", js, last, text)
}

// see waits until an element with the text is visible.
func (p *tab) see(selector, text string) {
	p.t.Helper()
	p.wait(fmt.Sprintf("$(%q, %q)", selector, text))
}

// place waits until an element stands still and returns the position of its middle.
func (p *tab) place(selector, text string) (x, y float64) {
	p.t.Helper()
	var before [2]float64
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(40 * time.Millisecond) {
		p.see(selector, text)
		at := eval[[2]float64](p, fmt.Sprintf(`(() => { const e = $(%q, %q); if (!e) return [-1, -1]; e.scrollIntoView({block: "nearest", inline: "nearest"}); const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()`,
			selector, text))
		if at == before && at[0] >= 0 {
			return at[0], at[1]
		}
		before = at
	}
	p.t.Fatalf("%s %q does not stand still", selector, text)
	return 0, 0
}

// click clicks on an element with the mouse. text may be "".
func (p *tab) click(selector, text string) {
	p.t.Helper()
	x, y := p.place(selector, text)
	p.run(chromedp.MouseClickXY(x, y))
}

// mouse sends one event of the mouse. held says that its left button is down.
func (p *tab) mouse(kind input.DispatchMouseEventType, x, y float64, held bool, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.run(chromedp.MouseEvent(kind, x, y, chromedp.ButtonModifiers(modifiers...), func(e *input.DispatchMouseEventParams) {
		if kind != input.DispatchMouseEventTypeMouseMoved {
			e.Button, e.ClickCount = input.MouseButtonLeft, 1
		}
		if held { // a move without its button ends a pointer capture
			e.Button, e.Buttons = input.MouseButtonLeft, 1
		}
	}))
}

// hover moves the pointer.
func (p *tab) hover(x, y float64) {
	p.t.Helper()
	p.mouse(input.DispatchMouseEventTypeMouseMoved, x, y, false)
}

// drag moves the mouse from one point to another with the left button down.
func (p *tab) drag(x0, y0, x1, y1 float64, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.hover(x0, y0)
	p.mouse(input.DispatchMouseEventTypeMousePressed, x0, y0, true, modifiers...)
	for i := range 5 {
		k := float64(i+1) / 5
		p.mouse(input.DispatchMouseEventTypeMouseMoved, x0+(x1-x0)*k, y0+(y1-y0)*k, true, modifiers...)
	}
	p.mouse(input.DispatchMouseEventTypeMouseReleased, x1, y1, false, modifiers...)
}

// key presses keys, such as kb.Enter or "a".
func (p *tab) key(keys string, modifiers ...chromedp.Modifier) {
	p.t.Helper()
	p.run(chromedp.KeyEvent(keys, chromedp.KeyModifiers(modifiers...)))
}

// write types a text into the element that has the focus.
func (p *tab) write(text string) {
	p.t.Helper()
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, input.InsertText, input.InsertTextParams{Text: text})
		return err
	}))
}

// fill replaces the text of a field as a user would who first selects its content.
func (p *tab) fill(selector, text string) {
	p.t.Helper()
	p.click(selector, "")
	p.key("a", chromedp.ModifierCtrl)
	if text == "" {
		p.key(kb.Delete)
		return
	}
	p.write(text)
}

// shot takes a screenshot.
func (p *tab) shot(file string) {
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot()); err == nil {
		_ = os.WriteFile(file, png, 0o600)
	}
}

// address returns the address in the address bar.
func (p *tab) address() string {
	p.t.Helper()
	return eval[string](p, "location.href")
}

// eval evaluates JavaScript and ignores the result.
func (p *tab) eval(js string) {
	p.t.Helper()
	eval[chromedp.Void](p, js)
}
