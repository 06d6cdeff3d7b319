package client

import (
	"bytes"
	"context"
	"errors"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"graphited/api"
	"graphited/render"
	"graphited/whisper"
)

// lines is a place with one series and no server.
type lines struct{ dir string }

func (l *lines) URL() (string, error) { return "", errors.New("no server") }

func (l *lines) Files(dir string) (api.Options, error) {
	l.dir = dir
	o := api.DefaultOptions()
	e, err := render.NewEngine(render.EngineOptions{Store: l})
	o.Engine, o.Finder = e, l
	return o, err
}

func (l *lines) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		if pattern == "a.b" {
			yield(pattern, true)
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

func TestRender(t *testing.T) {
	dir := t.TempDir()
	out := func(name string) string { return filepath.Join(dir, name) }
	for _, c := range []struct {
		args string // with blanks between
		file string // "" for standard output
		want string // contained in what is written, or in the error
		code int
	}{
		{args: "a.b --dir x --from 60 --until 240", want: `"datapoints": [[1.0, 60], [null, 120], [3.0, 180]]`},
		{args: "--dir x a.b --from=60 --noNullPoints true --until 240", want: `"datapoints": [[1.0, 60], [3.0, 180]]`},
		{args: "a.b --dir x --from 60 --noNullPoints false --until 240", want: `[null, 120]`},
		{args: "--dir x -- a.b", want: `"target": "a.b"`},
		{args: "a.b --dir x -o " + out("x.RAW"), file: "x.RAW", want: "|1.0,None,3.0\n"},
		{args: "a.b --dir x --output " + out("y") + " --format csv", file: "y", want: "a.b,"},
		{args: "a.b --dir x --from 60 --until 240 --title a+b -o " + out("x.svg"), file: "x.svg", want: ">a+b</text>"},
		{args: "template($x.b) --dir x --var x=a", want: `"target": "a.b"`},
		{args: "a.b --dir x --var x", want: "expected NAME=VALUE", code: 2},
		{args: "a.b --dir x --server http://y", want: "which of both", code: 2},
		{args: "a.b", want: "no server", code: 1},
		{args: "a.b --dir x -o " + out("x.jpg"), want: `"jpg" is none of`, code: 2},
		{args: "a.b --dir x --width wide -o " + out("x.png"), want: `invalid width "wide"`, code: 1},
		{args: "a.b --dir x -o " + out("no/x.json"), want: "cannot write the answer", code: 1},
		{args: "--dir", want: "needs an argument", code: 2},
		{args: "--dir x", want: "which target", code: 2},
	} {
		var stdout, stderr bytes.Buffer
		l := &lines{}
		app := &cli.App{Name: "g", Writer: &stdout, ErrWriter: &stderr, ExitErrHandler: func(*cli.Context, error) {},
			Commands: []*cli.Command{Render(nil, func(*cli.Context) (Place, error) { return l, nil }, &stdout, &stderr)}}
		err := app.Run(append([]string{"g", "render"}, strings.Fields(c.args)...))
		got, code := stdout.String(), 0
		if err != nil {
			var exit cli.ExitCoder
			if got, code = err.Error(), 1; errors.As(err, &exit) {
				code = exit.ExitCode()
			}
		} else if c.file != "" {
			b, err := os.ReadFile(out(c.file))
			if err != nil {
				t.Error(err)
			}
			got = string(b)
		}
		if code != c.code || !strings.Contains(got, c.want) {
			t.Errorf("%s: exit code %d, %s; want %d, %s", c.args, code, got, c.code, c.want)
		}
		if code == 0 && l.dir != "x" {
			t.Errorf("%s: read the folder %q", c.args, l.dir)
		}
	}
}
