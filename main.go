// Command graphited is Graphite in one process: carbon's receivers and cache, whisper's files, graphite-web's HTTP API.
//
// This file reads the flags, joins the packages, and begins and ends the whole. See README.md, "How it is built".
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"graphited/api"
	"graphited/carbon"
	"graphited/config"
	"graphited/render"
	"graphited/whisper/vfs"
)

func main() { os.Exit(run(os.Args, os.Stdout, os.Stderr)) }

// usageError is a mistake on the command line.
type usageError struct{ error }

// run is the whole program, apart from the end of the process. It returns 0 when a signal has ended it or a command is done, 1 when it failed, 2 for wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	err := newApp(stdout, stderr).Run(args)
	var usage usageError
	var exit cli.ExitCoder
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		if exit.Error() != "" {
			fmt.Fprintln(stderr, "graphited:", exit)
		}
		return exit.ExitCode()
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "graphited: %v\nSee graphited --help.\n", err)
		return 2
	}
	fmt.Fprintln(stderr, "graphited:", err)
	return 1
}

func newApp(stdout, stderr io.Writer) *cli.App {
	wrongUsage := func(_ *cli.Context, err error, _ bool) error { return usageError{err} }
	return &cli.App{
		Name: "graphited", Usage: "Graphite in one process", Version: version(),
		Description: "Without a command it serves: receives points, keeps them in whisper files, answers over HTTP.",
		Writer:      stdout, ErrWriter: stderr,
		HideHelpCommand: true,
		OnUsageError:    wrongUsage,
		ExitErrHandler:  func(*cli.Context, error) {},
		Flags:           flags(),
		Action: func(c *cli.Context) error {
			if c.NArg() > 0 {
				return usageError{fmt.Errorf("there is no command %q", c.Args().First())}
			}
			return serve(c, stderr)
		},
		Commands: []*cli.Command{{
			Name: "check", Usage: "read the whole configuration, say what is wrong with it and what it means",
			OnUsageError: wrongUsage, Flags: flags(), Action: func(c *cli.Context) error { return check(c, stdout) },
		}, {
			Name: "explain", Usage: "say what becomes of a metric: rules, schema, file, and why a roll-up is empty", ArgsUsage: "METRIC...",
			OnUsageError: wrongUsage, Flags: flags(), Action: func(c *cli.Context) error { return explain(c, stdout) },
		}},
	}
}

func flags() []cli.Flag {
	text := func(name, env, def, usage string) cli.Flag {
		return &cli.StringFlag{Name: name, EnvVars: []string{"GRAPHITED_" + env}, Value: def, Usage: usage}
	}
	return []cli.Flag{
		text("config", "CONFIG", "", "carbon.conf `FILE`, whose folder also holds the other .conf files; without it conf/carbon.conf in the storage folder, if there is one"),
		text("instance", "INSTANCE", "", "read the section [cache:`NAME`] as well, and put the name into the metrics of our own (default: a)"),
		text("storage-dir", "STORAGE_DIR", "", "folder of the data (default: GRAPHITE_STORAGE_DIR, else graphited-data in the current folder)"),
		text("http", "HTTP", "", "serve HTTP on `ADDR`; here and below :0 picks a port, and an empty value turns it off (default: 0.0.0.0:8080)"),
		text("line", "LINE", "", "receive lines on `ADDR` (default: 0.0.0.0:2003)"),
		text("pickle", "PICKLE", "", "receive pickles on `ADDR` (default: 0.0.0.0:2004)"),
		text("cache-query", "CACHE_QUERY", "", "answer graphite-web's cache queries on `ADDR` (default: 0.0.0.0:7002)"),
		text("log-level", "LOG_LEVEL", "info", "trace, debug, info, warn or error"),
		text("log-format", "LOG_FORMAT", "", "console or json (default: console on a terminal, else json)"),
		text("ready-file", "READY_FILE", "", "once everything listens, write the addresses to this `FILE` as JSON"),
	}
}

// version is the module's version as Go has noted it in the binary: of a release, or of the commit it was built from.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// load reads the configuration and lays the flags over it.
func load(c *cli.Context) (*config.Config, config.Report, error) {
	storage := c.String("storage-dir")
	cfg, report := config.Load(config.Source{File: c.String("config"), Instance: c.String("instance"), StorageDir: storage, Env: config.Home(os.Getenv, storage)})
	if cfg.File == "" {
		cfg.Carbon.MaxUpdates = math.Inf(1) // nobody has asked for carbon's 500 a second
	}
	for _, what := range []string{"http", "line", "pickle", "cache-query"} {
		if c.IsSet(what) {
			if err := cfg.SetAddr(what, c.String(what)); err != nil {
				return nil, nil, usageError{err}
			}
		}
	}
	return cfg, report, nil
}

// check prints what is wrong with the configuration, and what it means.
func check(c *cli.Context, stdout io.Writer) error {
	cfg, report, err := load(c)
	if err != nil {
		return err
	}
	for _, p := range report {
		if p.Severity > config.Debug || c.String("log-level") == "debug" {
			fmt.Fprintf(stdout, "%s: %s\n", p.Severity, p)
		}
	}
	if report.Err() != nil {
		return errors.New("the configuration has errors")
	}
	return cfg.Describe(stdout)
}

// explain says what becomes of the metrics that are named.
func explain(c *cli.Context, stdout io.Writer) error {
	cfg, report, err := load(c)
	switch {
	case err != nil:
		return err
	case report.Err() != nil:
		return errors.New("the configuration has errors: see graphited check")
	case c.NArg() == 0:
		return usageError{errors.New("explain which metric?")}
	}
	return cfg.Explain(stdout, c.Args().Slice()...)
}

// serve runs the server until a signal ends it.
func serve(c *cli.Context, stderr io.Writer) error {
	log, err := config.NewLogger(stderr, c.String("log-level"), c.String("log-format"))
	if err != nil {
		return usageError{err}
	}
	cfg, report, err := load(c)
	if err != nil {
		return err
	}
	report.Log(log)
	if report.Err() != nil {
		return errors.New("the configuration has errors")
	}
	p, err := newProgram(cfg, log)
	if err != nil {
		return err
	}
	if err := p.announce(c.String("ready-file")); err != nil {
		return errors.Join(err, p.close())
	}
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	go p.handle(signals, cancel)
	return p.run(ctx)
}

// program is what runs: carbon, and the HTTP server that reads from it.
type program struct {
	cfg    *config.Config
	log    zerolog.Logger
	live   *config.Live
	carbon *carbon.Daemon
	web    *api.Server // nil: turned off
}

// newProgram opens everything. When it fails nothing stays open.
func newProgram(cfg *config.Config, log zerolog.Logger) (*program, error) {
	p := &program{cfg: cfg, log: log, live: config.NewLive(cfg, log)}
	d, err := carbon.New(cfg.Carbon, carbon.Deps{
		FS: vfs.OS{}, Clock: time.Now, Log: log,
		Spec: p.live.Spec, Names: p.live.Names,
	})
	if err != nil {
		return nil, err
	}
	p.carbon = d
	if cfg.NoWeb {
		return p, nil
	}
	engine, err := render.NewEngine(render.EngineOptions{Store: d.Store()})
	if err == nil {
		o := cfg.Web
		o.Engine, o.Finder, o.Tags, o.Log = engine, d.Store(), d.Tags(), log
		p.web, err = api.New(o)
	}
	if err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// close gives back what a program that is not run has opened.
func (p *program) close() error {
	p.carbon.Close()
	if p.web != nil {
		return p.web.Close()
	}
	return nil
}

// announce tells where the program listens and where its data is: in the log, and for scripts in a file.
func (p *program) announce(readyFile string) error {
	data, err := filepath.Abs(p.cfg.Carbon.LocalDataDir)
	if err != nil {
		return err
	}
	ready := map[string]any{"version": version(), "pid": os.Getpid(), "whisper": data}
	for what, a := range p.carbon.Addrs() {
		ready[what] = a.String()
	}
	if p.web != nil {
		ready["http"] = p.web.Addr().String()
	}
	p.log.Info().Fields(ready).Msg("ready")
	if readyFile == "" {
		return nil
	}
	b, err := json.Marshal(ready)
	if err != nil {
		return err
	}
	if err := vfs.WriteFile(vfs.OS{}, readyFile, append(b, '\n'), 0o644); err != nil {
		return fmt.Errorf("cannot write the ready file: %w", err)
	}
	return nil
}

// run works until ctx ends or a part fails. HTTP ends last, so that reads are answered while the rest is being written.
func (p *program) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	serving, stopServing := context.WithCancel(context.Background())
	defer stopServing()
	var web sync.WaitGroup
	var webErr error
	if p.web != nil {
		web.Go(func() {
			defer cancel()
			webErr = p.web.Run(serving)
		})
	}
	web.Go(func() { p.live.Watch(ctx) })
	err := p.carbon.Run(ctx)
	cancel()
	stopServing()
	web.Wait()
	p.log.Info().Msg("ended")
	return errors.Join(err, webErr)
}

// handle ends the program at the first SIGINT or SIGTERM in order, at the second one at once, and reads the rules anew at SIGHUP.
func (p *program) handle(signals <-chan os.Signal, end func()) {
	for ending := false; ; {
		switch s := <-signals; {
		case s == syscall.SIGHUP:
			p.live.Reload()
		case ending:
			p.log.Warn().Stringer("signal", s).Msg("ended at once; what was not written is lost")
			os.Exit(1)
		default:
			ending = true
			p.log.Info().Stringer("signal", s).Int64("points", p.carbon.Cache().Size()).Msg("ending: writing what is left")
			end()
		}
	}
}
