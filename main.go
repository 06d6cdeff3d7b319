// Command graphited is Graphite in one process: carbon's receivers and cache, whisper's files,
// graphite-web's HTTP API.
//
// This file joins the packages, and begins and ends the whole. See docs/architecture.md.
package main

import (
	"context"
	"errors"
	"io"
	"net"
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
	"graphited/api/client"
	"graphited/api/cluster"
	"graphited/api/store"
	"graphited/carbon"
	"graphited/carbon/facts"
	"graphited/carbon/receive"
	"graphited/config"
	"graphited/config/command"
	"graphited/render"
	"graphited/render/fn"
	"graphited/whisper/tool"
	"graphited/whisper/vfs"
)

func main() {
	if t, ok := tool.ByName(os.Args[0], storage); ok {
		os.Exit(t(os.Args[1:]))
	}
	os.Exit(run(os.Args, os.Stdout, os.Stderr))
}

// storage is how the whisper tools come to schemas and aggregation rules.
func storage(schemas, aggregation, tree string) (tool.Match, string, error) {
	return config.Storage(schemas, aggregation, tree)
}

// place is how the commands that ask come to where the data is.
func place(c *cli.Context) (client.Place, error) { return command.Usable(c) }

// run is the whole program, apart from the end of the process. It returns 0 when a signal has ended
// it or a command is done, 1 when it failed, 2 for wrong usage.
func run(args []string, stdout, stderr io.Writer) int {
	app := newApp(stdout, stderr)
	args, err := command.Arrange(app, args)
	if err == nil {
		err = app.Run(args)
	}
	return command.ExitCode(err, stderr)
}

func newApp(stdout, stderr io.Writer) *cli.App {
	asks := command.PlaceFlags("http")
	return &cli.App{
		Name: "graphited", Usage: "Graphite in one process", Version: command.FullVersion(),
		Description: "Without a command it serves: receives points, keeps them in whisper files, answers over HTTP.\nOptions may stand before the command and after it. graphited help COMMAND tells about one command.",
		Writer:      stdout, ErrWriter: stderr,
		HideHelpCommand: true, DisableSliceFlagSeparator: true,
		ExitErrHandler: func(*cli.Context, error) {},
		Flags:          command.Flags(),
		Commands: append(command.Commands(stdout),
			client.Explain(asks, place, stdout, stderr),
			client.Render(asks, place, stdout, stderr),
			client.Top(asks, place, stdout),
			client.Backup(asks, place, stderr),
			tool.Command(storage),
		),
		Action: func(c *cli.Context) error { return serve(c, stderr) },
	}
}

// serve runs the server until a signal ends it.
func serve(c *cli.Context, stderr io.Writer) (err error) {
	ready, err := command.NewReadyFile(c.String("ready-file"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, ready.Remove()) }()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(50) // the cache is most of the memory and holds few pointers: collecting twice as often costs next to nothing
	}
	log, err := command.NewLogger(stderr, c.String("log-level"), c.String("log-format"))
	if err != nil {
		return command.UsageError{Err: err}
	}
	cfg, err := command.Serving(c, log)
	if err != nil {
		return err
	}
	held, err := cfg.Drop()
	if err != nil {
		return cfg.Advise(err)
	}
	p, err := newProgram(cfg, held, log)
	if err != nil {
		return cfg.Advise(err)
	}
	ctx, cancel := context.WithCancel(c.Context)
	defer cancel()
	p.ready = ready
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer signal.Stop(signals)
	go p.handle(signals, cancel)
	return cfg.Advise(p.run(ctx))
}

// program is what runs: carbon, and the HTTP server that reads from it.
type program struct {
	cfg    *config.Config
	log    zerolog.Logger
	live   *config.Live
	carbon *carbon.Daemon
	saved  *store.Store // events, dashboards, graphs
	web    *api.Server  // nil, as saved: turned off
	ready  *command.ReadyFile
}

// newProgram takes what must not be shared: the folder, the HTTP port. When it fails nothing stays
// open.
func newProgram(cfg *config.Config, held *receive.Held, log zerolog.Logger) (*program, error) {
	p := &program{cfg: cfg, log: log, live: config.NewLive(cfg, log)}
	d, err := carbon.New(cfg.Carbon, carbon.Deps{
		FS:     vfs.OS{},
		Clock:  time.Now,
		Log:    log,
		Spec:   p.live.Spec,
		Names:  p.live.Names,
		Quotas: p.live.Quotas,
		Allow:  cfg.Access.Allowed,
		TLS:    cfg.Access.TLS,
		Held:   held,
	})
	if err != nil {
		return nil, err
	}
	p.carbon = d
	if !cfg.Web.Addr.On() {
		return p, nil
	}
	if err := p.openWeb(); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return p, nil
}

// openWeb joins the HTTP side.
func (p *program) openWeb() (err error) {
	d, o := p.carbon, p.cfg.Web
	if p.saved, err = store.Open(filepath.Join(p.cfg.Carbon.LocalDataDir, ".graphited.web.db"), o.StoreOptions); err != nil {
		return err
	}
	if aside := p.saved.SetAside(); aside != "" {
		p.log.Error().Str("kept_as", aside).Msg("the file of events and dashboards is damaged; a new one was begun")
	}
	members, err := cluster.New(o.Settings, p.log)
	if err != nil {
		return err
	}
	engine, err := render.NewEngine(render.EngineOptions{
		Functions: fn.All(),
		Store:     d.Store(),
		Events:    p.saved,
		Remote:    members.Remote(),
		Limits:    o.Limits,
	})
	if err != nil {
		return err
	}
	p.web, err = api.New(o, api.Deps{
		Listener:    p.cfg.HTTP,
		TLS:         p.cfg.Access.TLS("http"),
		Allow:       p.cfg.Access.AllowedHTTP,
		Credentials: p.live.Credentials,

		Engine:    engine,
		Finder:    d.Store(),
		Tags:      d.Tags(),
		Cluster:   members,
		Events:    p.saved,
		Saved:     p.saved,
		Templates: p.live.Templates,

		State:       d,
		Series:      d,
		Files:       d,
		Spec:        d.Store().Spec,
		Ingest:      p.ingest,
		Backup:      d.Backup,
		Status:      p.status,
		Explain:     p.explain,
		Cardinality: p.cardinality,

		Log: p.log,
	})
	if err != nil {
		return err
	}
	if err := p.cfg.Mark(d, p.web.Addr()); err != nil {
		p.log.Warn().Err(err).Msg("commands do not find this server by its folder")
	}
	return nil
}

// status returns what /status has beside health.
func (p *program) status() map[string]any {
	return map[string]any{
		"version": command.Version(),
		"carbon":  p.carbon.Status(),
		"config":  p.live.Status(),
		"server":  map[string]string{"id": p.carbon.ID(), "folder": p.cfg.Folder()},
	}
}

// explain says what becomes of a metric.
func (p *program) explain(metric string) any { return p.live.Explain(p.carbon, metric) }

// cardinality says where the series come from.
func (p *program) cardinality(q facts.CardinalityQuery) any { return p.carbon.Cardinality(q) }

// ingest takes points that come over HTTP.
func (p *program) ingest(ctx context.Context, contentType string, body []byte) (int, error) {
	n, err := p.carbon.Ingest(ctx, contentType, body)
	return n, config.Ingested(err)
}

// close gives back what a program that is not run has opened.
func (p *program) close() error {
	p.carbon.Close()
	var errs []error
	if p.web != nil {
		errs = append(errs, p.web.Close())
	}
	if p.saved != nil {
		errs = append(errs, p.saved.Close())
	}
	return errors.Join(errs...)
}

// announce tells where the program listens and where its data is: for scripts in a file, then in
// the log.
func (p *program) announce() error {
	data, err := filepath.Abs(p.cfg.Carbon.LocalDataDir)
	if err != nil {
		return err
	}
	ready := map[string]any{"version": command.Version(), "pid": os.Getpid(), "whisper": data}
	for what, a := range p.carbon.Addrs() {
		ready[what] = a.String()
	}
	var web net.Addr
	if p.web != nil {
		web = p.web.Addr()
		ready["http"] = web.String()
	}
	if err := p.ready.Write(ready); err != nil {
		return err
	}
	p.log.Info().Fields(ready).Msg("ready")
	for _, line := range p.cfg.Welcome(web) {
		p.log.Info().Msg(line)
	}
	return nil
}

// run works until ctx ends or a part fails. HTTP begins first, so that reads are answered while the
// log of an earlier process is read, and ends last, so that they are while the rest is being
// written. The ready file is written in between, when everything is there.
func (p *program) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	serving, stopServing := context.WithCancel(context.Background())
	defer stopServing()
	var others sync.WaitGroup
	var webErr error
	if p.web != nil {
		others.Go(func() {
			defer cancel()
			webErr = errors.Join(p.web.Run(serving), p.saved.Close())
		})
	}
	others.Go(func() { p.live.Watch(ctx) })
	var readyErr error
	others.Go(func() {
		select {
		case <-p.carbon.Ready():
			if readyErr = p.announce(); readyErr != nil {
				cancel()
			}
		case <-ctx.Done():
		}
	})
	err := p.carbon.Run(ctx)
	cancel()
	stopServing()
	others.Wait()
	p.log.Info().Msg("ended")
	return errors.Join(err, webErr, readyErr)
}

// handle ends the program at the first SIGINT or SIGTERM in order, at one that comes more than a
// second later at once, and reads the rules again at SIGHUP.
func (p *program) handle(signals <-chan os.Signal, end func()) {
	s := command.Signals(signals, time.Now, p.live.Reload, func(s os.Signal) {
		p.log.Info().Stringer("signal", s).Int64("points", p.carbon.Cache().Size()).Msg("ending: writing what is left")
		end()
	})
	p.log.Warn().AnErr("ready_file", p.ready.Remove()).Stringer("signal", s).Msg("ended at once; what is not in files is in the log, if that is on, else lost")
	os.Exit(1)
}
