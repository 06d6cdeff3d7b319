package render

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"graphited/carbon/pyvalue"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var (
	update  = flag.Bool("update", false, "rewrite the expectations in testdata that differ")
	scripts = flag.String("scripts", "../testdata/render", "where the scripts are")
)

// TestScripts runs testdata/render/*.test: lines that load series and lines
// "eval TARGET" with the expected answer indented below. All expectations but
// those in own.test and beyond.test were recorded from graphite-web's own
// functions (testdata/render/record.py); numbers may differ by 1e-9 of the
// largest in their series.
func TestScripts(t *testing.T) {
	files, err := filepath.Glob(*scripts + "/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	used := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test"), func(t *testing.T) { runScript(t, file, used) })
	}
	if t.Failed() || *update || *scripts != "../testdata/render" {
		return
	}
	e := newScript(t)
	for _, name := range e.engine(t).Registry().Names(true) {
		if !used[name] {
			t.Errorf("no script uses %s", name)
		}
	}
}

// script is the state of a script file while it runs.
type script struct {
	store *memStore
	q     Query
	eng   *Engine
}

func newScript(t *testing.T) *script {
	return &script{store: newMemStore(t)}
}

func (s *script) engine(t *testing.T) *Engine {
	if s.eng == nil {
		e, err := NewEngine(EngineOptions{Store: s.store, Events: s.store})
		if err != nil {
			t.Fatal(err)
		}
		s.eng = e
	}
	return s.eng
}

func runScript(t *testing.T, file string, used map[string]bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	s := newScript(t)
	var out []string
	lines := strings.Split(string(b), "\n")
	for i := 0; i < len(lines); i++ {
		out = append(out, lines[i])
		target, ok := strings.CutPrefix(lines[i], "eval ")
		if !ok {
			if err := s.command(lines[i]); err != nil {
				t.Fatalf("%s:%d: %v", file, i+1, err)
			}
			continue
		}
		at := i + 1
		var want []string
		for i+1 < len(lines) && strings.HasPrefix(lines[i+1], "  ") {
			i++
			want = append(want, lines[i])
		}
		noteNames(target, used)
		got := s.eval(t, strings.Split(target, " ;; "))
		diff := diffAnswers(want, got)
		if diff != "" && !*update {
			t.Errorf("%s:%d: %s\n%s\ngot\n%s", file, at, lines[at-1], diff, strings.Join(got, "\n"))
		}
		if diff != "" {
			if *update {
				t.Logf("%s:%d: %s\n%s", file, at, lines[at-1], diff)
			}
			want = got
		}
		out = append(out, want...)
	}
	if *update {
		if err := os.WriteFile(file, []byte(strings.Join(out, "\n")), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// command runs a line that is no eval.
func (s *script) command(line string) error {
	w := strings.Fields(line)
	if len(w) == 0 || w[0][0] == '#' {
		return nil
	}
	num := func(i int) int64 {
		n, err := strconv.ParseInt(w[i], 10, 64)
		if err != nil {
			panic(err)
		}
		return n
	}
	switch w[0] {
	case "range":
		s.q.From, s.q.Until, s.q.Now = num(1), num(2), num(2)
		if len(w) > 3 {
			s.q.Now = num(3)
		}
	case "zone":
		loc, err := time.LoadLocation(w[1])
		s.q.Location = loc
		return err
	case "xff":
		f, err := strconv.ParseFloat(w[1], 64)
		s.q.XFilesFactor = f
		return err
	case "clear":
		s.store.clear()
		s.q.XFilesFactor = 0
	case "event":
		s.store.addEvent(num(1), w[2:])
	case "series":
		values, err := parseScriptValues(w[4:])
		s.store.add(w[1], num(2), num(3), values)
		return err
	default:
		return fmt.Errorf("unknown command %q", line)
	}
	return nil
}

// parseScriptValues reads 1.5 _ 7x3 (three times 7) _x2 0+2x3 (0 2 4 6) wave:N.
func parseScriptValues(words []string) ([]float64, error) {
	var out []float64
	for _, w := range words {
		if n, ok := strings.CutPrefix(w, "wave:"); ok {
			size, err := strconv.Atoi(n)
			if err != nil {
				return nil, err
			}
			for i := range size {
				out = append(out, math.Round((50+10*math.Sin(float64(i)*math.Pi/12)+float64(i*7919%13))*1000)/1000)
			}
			continue
		}
		text, times, repeated := strings.Cut(w, "x")
		n := 1
		if repeated {
			var err error
			if n, err = strconv.Atoi(times); err != nil {
				return nil, err
			}
		}
		delta := 0.0
		if i := strings.LastIndexAny(text, "+-"); repeated && i > 0 && text[i-1] != 'e' {
			d, err := strconv.ParseFloat(text[i:], 64)
			if err != nil {
				return nil, err
			}
			text, delta, n = text[:i], d, n+1
		}
		v := math.NaN()
		if text != "_" {
			var err error
			if v, err = strconv.ParseFloat(text, 64); err != nil {
				return nil, err
			}
		}
		for i := range n {
			out = append(out, v+float64(i)*delta)
		}
	}
	return out, nil
}

// eval writes the answer as scripts do.
func (s *script) eval(t *testing.T, targets []string) []string {
	q := s.q
	q.Targets = targets
	r, err := s.engine(t).Eval(context.Background(), q)
	if err != nil {
		var e *Error
		if !errors.As(err, &e) {
			t.Errorf("%q: %v is no *Error", targets, err)
		}
		c := *e
		c.Target = ""
		return []string{"  error " + c.Error()}
	}
	var out []string
	for _, p := range r.Problems {
		c, of := *p.Err, "target"
		if c.Target = ""; p.Part {
			of = "part of target"
		}
		out = append(out, fmt.Sprintf("  missing %s %d: %s", of, p.Target, c.Error()))
	}
	if len(r.Series) == 0 {
		return append(out, "  nothing")
	}
	for _, x := range r.Series {
		out = append(out, showSeries(x)...)
	}
	return out
}

func showSeries(s *Series) []string {
	out := []string{"  " + s.Name}
	if s.Name == "" {
		out[0] = `  ""`
	}
	if s.Path != s.Name {
		out = append(out, "    path "+s.Path)
	}
	var tags []string
	for _, t := range s.Tags {
		tags = append(tags, t.Key+"="+t.Value)
	}
	if len(tags) != 1 || tags[0] != "name="+s.Name {
		out = append(out, "    tags "+strings.Join(tags, " | "))
	}
	if s.Graph != nil {
		out = append(out, "    graph "+showGraph(s.Graph))
	}
	extra := ""
	if s.Consolidate != "" && s.Consolidate != "average" {
		extra += " " + s.Consolidate
	}
	if s.XFilesFactor != 0 {
		extra += " xff=" + pyvalue.Repr(s.XFilesFactor)
	}
	values := make([]string, len(s.Values))
	for i, v := range s.Values {
		if values[i] = formatValue(v, s.Int); v != v {
			values[i] = "_"
		}
	}
	out = append(out, fmt.Sprintf("    %d..%d/%d%s: %s", s.From, s.Until, s.Step, extra, strings.Join(values, " ")))
	for i := range out {
		out[i] = strings.TrimRight(out[i], " ")
	}
	return out
}

func showGraph(g *GraphOptions) string {
	var out []string
	add := func(ok bool, text string) {
		if ok {
			out = append(out, text)
		}
	}
	add(g.Color != "", "color="+g.Color)
	if g.Alpha != nil {
		add(true, "alpha="+pyvalue.Repr(*g.Alpha))
	}
	if g.LineWidth != nil {
		add(true, "lineWidth="+pyvalue.Repr(*g.LineWidth))
	}
	add(g.Dashed != 0, "dashed="+pyvalue.Repr(g.Dashed))
	add(g.Stacked, "stacked=true")
	add(g.Invisible, "invisible=true")
	add(g.SecondYAxis, "secondYAxis=true")
	add(g.DrawAsInfinite, "drawAsInfinite=true")
	return strings.Join(out, " ")
}

// diffAnswers compares line by line; "" is equal. What graphite-web fails at, with whatever
// message, must be an error here.
func diffAnswers(want, got []string) string {
	if len(want) == 1 && want[0] == "  error" && strings.HasPrefix(got[0], want[0]) {
		return ""
	}
	if len(want) != len(got) {
		return fmt.Sprintf("want %d lines, got %d; want\n%s", len(want), len(got), strings.Join(want, "\n"))
	}
	for i := range want {
		a, av, aok := strings.Cut(want[i], ": ")
		b, bv, bok := strings.Cut(got[i], ": ")
		isValues := aok && bok && strings.Contains(a, "..") && a == b
		if want[i] != got[i] && !(isValues && sameValues(av, bv)) {
			return fmt.Sprintf("want %s\ngot  %s", want[i], got[i])
		}
	}
	return ""
}

func sameValues(a, b string) bool {
	av, bv := strings.Fields(a), strings.Fields(b)
	if len(av) != len(bv) {
		return false
	}
	scale := 0.0
	for _, w := range av {
		if x, err := strconv.ParseFloat(w, 64); err == nil && !math.IsInf(x, 0) {
			scale = max(scale, math.Abs(x))
		}
	}
	if isIntText(a) != isIntText(b) && isIntText(a) == !strings.Contains(a, ".") && !mixed(av) {
		return false
	}
	for i := range av {
		x, errA := strconv.ParseFloat(av[i], 64)
		y, errB := strconv.ParseFloat(bv[i], 64)
		if (errA == nil) != (errB == nil) || errA == nil && x != y && !(math.Abs(x-y) <= max(1e-9*math.Abs(x), 1e-12*scale)) {
			return false
		}
	}
	return true
}

// isIntText tells a list of integers; mixed one of integers and floats, which
// a Python list can be and a Series cannot.
func isIntText(s string) bool { return !strings.ContainsAny(s, ".einf") }

func mixed(words []string) bool {
	ints, floats := 0, 0
	for _, w := range words {
		switch {
		case w == "_":
		case isIntText(w):
			ints++
		default:
			floats++
		}
	}
	return ints > 0 && floats > 0
}

// noteNames remembers which functions a target calls.
func noteNames(target string, used map[string]bool) {
	sc := bufio.NewScanner(strings.NewReader(target))
	for sc.Scan() {
		for i, c := range sc.Text() {
			if c != '(' {
				continue
			}
			j := i
			for j > 0 && isNameByte(target[j-1]) {
				j--
			}
			used[target[j:i]] = true
		}
	}
}

func isNameByte(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}
