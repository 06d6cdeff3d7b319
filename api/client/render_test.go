package client

import (
	"context"
	"fmt"
	"iter"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"graphited/carbon/index"
	"graphited/whisper"
)

func (l *lines) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		if pattern == "a.b" || pattern == "{a,b}.b" {
			yield("a.b", true)
		}
	}
}

func (l *lines) FindTagged(context.Context, []string) (iter.Seq[string], error) {
	return slices.Values([]string{}), nil
}

func (l *lines) Fetch(_ context.Context, _ string, from, until, _ int64) (whisper.Series, error) {
	return whisper.Series{From: from, Until: from + 180, Step: 60, Values: []float64{1, math.NaN(), 3}}, nil
}

func (l *lines) Names() iter.Seq[string]                     { return slices.Values([]string{"a.b"}) }
func (l *lines) Interval(string) (start, end int64, ok bool) { return 0, 0, false }
func (l *lines) Search(string, int) ([]index.Found, error)   { return nil, nil }

func TestRender(t *testing.T) {
	dir := t.TempDir()
	out := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		args string // separated by blanks; flags first, as the program arranges them
		file string // "" for standard output
		want string // contained in the output or in the error
		code int
	}{
		{args: "--dir x --from 60 --until 240 a.b", want: `"datapoints": [[1.0, 60], [null, 120], [3.0, 180]]`},
		{args: "--dir x --from=60 --noNullPoints true --until 240 a.b", want: `"datapoints": [[1.0, 60], [3.0, 180]]`},
		{args: "--dir x --from 60 --noNullPoints false --until 240 a.b", want: `[null, 120]`},
		{args: "--dir x -- a.b", want: `"target": "a.b"`},
		{args: "--dir x -o " + out("x.RAW") + " a.b", file: "x.RAW", want: "|1.0,None,3.0\n"},
		{args: "--dir x --output " + out("y") + " --format csv a.b", file: "y", want: "a.b,"},
		{args: "--dir x --from 60 --until 240 --title a+b -o " + out("x.svg") + " a.b", file: "x.svg", want: ">a+b</text>"},
		{args: "--dir x --var x=a template($x.b)", want: `"target": "a.b"`},
		{args: "--dir x --var x={a,b} template($x.b)", want: `"target": "a.b"`},
		{args: "--dir x --var x a.b", want: "expected NAME=VALUE", code: 2},
		{args: "--dir x --server http://y a.b", want: "exclude each other", code: 2},
		{args: "a.b", want: `no server runs on the folder "/data"; --config FILE or --storage-dir DIR names another folder, --server URL another server; --dir draws`, code: 1},
		{args: "--dir x -o " + out("x.jpg") + " a.b", want: `"jpg" is not one of`, code: 2},
		{args: "--dir x --width wide -o " + out("x.png") + " a.b", want: `invalid width "wide"`, code: 1},
		{args: "--dir x -o " + out("no/x.json") + " a.b", want: "cannot write the answer", code: 1},
		{args: "--dir x no.such also.none", want: "no series was found for no.such also.none", code: 1},
		{args: "--dir x -o " + out("none.png") + " no.such", want: "no series was found for no.such", code: 1},
		{args: "--dir x a.b scale(a.b) nonsense(a.b)", want: `cannot render all: "scale(a.b)": `, code: 1},
		{args: "--dir x no.such a.b", want: `"target": "a.b"`},
		{args: "--dir x --from 60 --until 240 --graphType pie a.b", want: "PNG"},
		{args: "--dir x --format rickshaw a.b", want: `"x": `},
		{args: "--dir x --format msgpack a.b", want: "pathExpression"},
		{args: "--dir x --format pickle a.b", want: "pathExpression"},
		{args: "--dir x --format pdf a.b", want: "%PDF"},
	} {
		l := &lines{folder: "/data"}
		r := runWith(l, "render", strings.Fields(c.args)...)
		got := r.stdout
		if r.code != 0 {
			got = r.err
		} else if c.file != "" {
			b, err := os.ReadFile(out(c.file))
			if err != nil {
				t.Error(err)
			}
			got = string(b)
		}
		if r.code != c.code || !strings.Contains(got, c.want) {
			t.Errorf("%s: exit code %d, %s; want %d, %s", c.args, r.code, got, c.code, c.want)
		}
		if r.code == 0 && l.dir != "x" {
			t.Errorf("%s: read the folder %q", c.args, l.dir)
		}
	}
}

// TestRenderOfNoGraphite checks that the page of another program is not taken for an answer, and
// that no file is written.
func TestRenderOfNoGraphite(t *testing.T) {
	t.Setenv("GRAPHITED_TOKEN", "hush")
	url := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		fmt.Fprintf(w, "log in, %s", r.Header.Get("Authorization"))
	}))
	file := filepath.Join(t.TempDir(), "x.csv")
	for _, args := range [][]string{{}, {"-o", file}, {"--format", "raw"}, {"--graphType", "pie"}} {
		r := runWith(&lines{}, "render", append(args, "--server", url, "a.b")...)
		if r.code != 1 || !strings.Contains(r.err, `the answer is not one of Graphite: it has the type "text/html"`) || !strings.Contains(r.err, `"log in, Bearer ***"`) || r.stdout != "" {
			t.Errorf("%v: exit code %d, %s, %s", args, r.code, r.err, r.stdout)
		}
	}
	if _, err := os.Stat(file); err == nil {
		t.Error("the page was written to the file")
	}
}
