package carbon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"graphited/carbon/conf"
	"graphited/whisper"
)

// explainer returns an Explainer for files in a folder of its own, all of them laid out as testSpec
// says, at testNow.
func explainer(t *testing.T) Explainer {
	return Explainer{FS: osFS(), DataDir: t.TempDir(), HashTagged: true, Spec: testSpec, Now: testNow}
}

func TestExplainRules(t *testing.T) {
	var asked atomic.Int64
	e := explainer(t)
	e.Names = &NameRules{Blacklist: filters(&asked, `\.tmp$`), Whitelist: filters(&asked, `^a`, `^x`), Pre: rewrites("^a = b", "never = x"), Post: rewrites(`\.$ = `, `^b(.) = c$1`)}
	f := func(name, metric, refused, rules string) {
		t.Helper()
		x := e.Explain(name)
		var got []string
		for _, r := range x.Rules {
			got = append(got, r.Rule+" > "+r.Name)
		}
		if x.Metric != metric || x.Refused != refused || strings.Join(got, "; ") != rules {
			t.Errorf("%s: %q, %q, %q; want %q, %q, %q", name, x.Metric, x.Refused, strings.Join(got, "; "), metric, refused, rules)
		}
		text := string(x.AppendText(nil))
		if !strings.Contains(text, metric) || !strings.Contains(text, refused) || refused == "" && !strings.Contains(text, x.Path) {
			t.Errorf("%s is explained as\n%s", name, text)
		}
	}
	f("a.d", "c.d", "", "^a > a.d; ^a = b > b.d; ^b(.) = c$1 > c.d")
	f("a.tmp", "", "blacklisted", `\.tmp$ > a.tmp`)
	f("m.x", "", "not_whitelisted", "")
	f("x..y", "", "bad_name", "^x > x..y")
	f("x;b=1;a=2", "x;a=2;b=1", "", "^x > x;b=1;a=2")
}

func TestExplainFile(t *testing.T) {
	e := explainer(t)
	x := e.Explain("a.b")
	if !errors.Is(x.FileError, fs.ErrNotExist) || !strings.Contains(string(x.AppendText(nil)), "no file yet") || x.Path != filepath.ToSlash(e.DataDir)+"/a/b.wsp" {
		t.Errorf("without a file: %v, %s", x.FileError, x.AppendText(nil))
	}
	path := filepath.Join(e.DataDir, "a", "b.wsp")
	spec := whisper.Spec{Archives: []whisper.Archive{{Step: 10, Points: 360}, {Step: 60, Points: 1440}}, Method: whisper.Sum, XFilesFactor: 0.5}
	var points []whisper.Point
	for i := int64(1); i <= 30; i++ { // one point of six, and in the last five minutes all
		points = append(points, whisper.Point{Time: testNow - 60*i, Value: 1})
		for k := int64(1); k < 6 && i <= 5; k++ {
			points = append(points, whisper.Point{Time: testNow - 60*i + 10*k, Value: 1})
		}
	}
	if err := whisper.Create(e.FS, path, spec, testNow, points, whisper.Options{}); err != nil {
		t.Fatal(err)
	}
	x = e.Explain("a.b")
	if x.File == nil || len(x.Archives) != 2 || x.Archives[0].Known != 55 || x.Archives[0].Newest != testNow-10 || len(x.RollUps) != 1 {
		t.Fatalf("got %+v", x)
	}
	// testNow is 20 s into a minute: minutes 0 to 4 are full but for what lies across the present
	// one
	r := x.RollUps[0]
	if r.Slots != 6 || r.Need != 3 || r.Median != 1 || r.Seconds != 3600 || r.Intervals != r.Empty+r.Short+5 || r.Short < 24 {
		t.Errorf("roll-up %+v", r)
	}
	text := string(x.AppendText(nil))
	for _, want := range []string{"10s for 1h, 1m for 1d; sum; xFilesFactor 0.5", "would be    10s for 1h, 1m for 1d; average; xFilesFactor 0", "55 of 360", "it takes 3 known ones", "set xFilesFactor to 0.166 or less", "2023-11-14T22:13:10Z"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if err := os.WriteFile(path, []byte("no whisper file"), 0o644); err != nil {
		t.Fatal(err)
	}
	if x = e.Explain("a.b"); x.File != nil || x.FileError == nil || !strings.Contains(string(x.AppendText(nil)), "cannot be used") {
		t.Errorf("a damaged file: %v", x.FileError)
	}
}

// TestExplainNeed holds how many points a roll-up takes against what whisper does with just so
// many, and with one less.
func TestExplainNeed(t *testing.T) {
	for _, xff := range []float32{0, 0.1, 0.16, 0.17, 0.3, 0.33, 0.34, 0.5, 0.6, 0.7, 0.83, 0.84, 1} {
		e := explainer(t)
		spec := whisper.Spec{Archives: []whisper.Archive{{Step: 10, Points: 360}, {Step: 60, Points: 1440}}, Method: whisper.Average, XFilesFactor: xff}
		for n := int64(1); n <= 6; n++ {
			name := string(rune('a' + n))
			var points []whisper.Point
			start := int64(testNow - testNow%60 - 600)
			for i := range n {
				points = append(points, whisper.Point{Time: start + 10*i, Value: 1})
			}
			if err := whisper.Create(e.FS, filepath.Join(e.DataDir, name+".wsp"), spec, testNow, points, whisper.Options{}); err != nil {
				t.Fatal(err)
			}
			x := e.Explain(name)
			filled := x.Archives[1].Known == 1
			if need := x.RollUps[0].Need; filled != (n >= need) || filled != (x.RollUps[0].Short == 0) {
				t.Errorf("xFilesFactor %v, %d points: filled %v, %d needed, %d short", xff, n, filled, need, x.RollUps[0].Short)
			}
		}
	}
}

func TestDaemonExplain(t *testing.T) {
	rules := &NameRules{Pre: rewrites("^old = new")}
	f := startDaemon(t, Deps{Names: func() *NameRules { return rules }}, func(o *conf.Options) { o.MaxUpdates = 0.001 })
	f.send("line", "old.a 1 1000\nold.a 1 900\nold.b 1 1\n")
	f.received(3)
	x, y := f.Explain("old.a"), f.Explain("new.b")
	if x.Metric != "new.a" || x.Pending+y.Pending < 2 || x.Pending > 0 && x.Oldest != 900 {
		t.Errorf("got %+v and %+v", x, y)
	}
	if x = f.Explain("none"); x.Pending != 0 || !strings.Contains(string(x.AppendText(nil)), "every point is in the file") {
		t.Errorf("got %+v", x)
	}
}
