package client

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/urfave/cli/v2"

	"graphited/api"
	"graphited/render"
	"graphited/render/fn"
)

// lines is a place whose files have one series.
type lines struct {
	dir      string // that Files was asked for
	folder   string
	url      string // of the configuration; "": it has none
	mark, id string // what a server has left; "": nothing
	other    bool
}

func (l *lines) URL() (string, error) {
	if l.url == "" {
		return "", errors.New("no server")
	}
	return l.url, nil
}

func (l *lines) Folder() string { return l.folder }

func (l *lines) Running() (url, id string, err error) {
	if l.mark == "" {
		return "", "", fmt.Errorf("no mark: %w", fs.ErrNotExist)
	}
	return l.mark, l.id, nil
}

func (l *lines) OtherRules() bool { return l.other }

func (l *lines) Files(dir string) (api.Options, api.Deps, error) {
	l.dir = cmp.Or(dir, l.folder)
	e, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: l})
	return api.DefaultOptions(), api.Deps{Engine: e, Finder: l}, err
}

func (l *lines) Explain(w io.Writer, metrics ...string) (bool, error) {
	_, err := fmt.Fprintln(w, "from files:", metrics)
	return metrics[0] == "a.b", err
}

// result is what a command has done.
type result struct {
	stdout, stderr string
	err            string
	code           int
}

// runWith runs a command of this package, without what the program does to its arguments.
func runWith(l *lines, command string, args ...string) result {
	var stdout, stderr bytes.Buffer
	place := func(*cli.Context) (Place, error) { return l, nil }
	flag := func(name string) cli.Flag { return &cli.StringFlag{Name: name} }
	flags := []cli.Flag{flag("http"), flag("storage-dir"), flag("config")}
	app := &cli.App{
		Name: "g", Writer: &stdout, ErrWriter: &stderr, ExitErrHandler: func(*cli.Context, error) {}, DisableSliceFlagSeparator: true,
		Commands: []*cli.Command{Render(flags, place, &stdout, &stderr), Top(flags, place, &stdout), Backup(flags, place, &stderr), Explain(flags, place, &stdout, &stderr)},
	}
	err := app.Run(append([]string{"g", command}, args...))
	r := result{stdout: stdout.String(), stderr: stderr.String()}
	var exit cli.ExitCoder
	if err != nil {
		r.err, r.code = err.Error(), 1
	}
	if errors.As(err, &exit) {
		r.code = exit.ExitCode()
	}
	return r
}
