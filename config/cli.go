package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/urfave/cli/v2"
)

// UsageError is a mistake on the command line.
type UsageError struct{ Err error }

// Error says what is wrong.
func (e UsageError) Error() string { return e.Err.Error() }

// Flags returns the flags that say where the configuration is and what is laid over it. Each has an environment variable GRAPHITED_...
func Flags() []cli.Flag {
	text := func(name, env, def, usage string) cli.Flag {
		return &cli.StringFlag{Name: name, EnvVars: []string{"GRAPHITED_" + env}, Value: def, Usage: usage}
	}
	return []cli.Flag{
		text("config", "CONFIG", "", "carbon.conf `FILE`, whose folder also holds the other .conf files; without it conf/carbon.conf in the storage folder, if there is one"),
		text("instance", "INSTANCE", "", "read the section [cache:`NAME`] as well, and put the name into the metrics of our own (default: a)"),
		text("storage-dir", "STORAGE_DIR", "", "`FOLDER` of the data, whatever the file says; the whisper files are in whisper below it (default: GRAPHITE_STORAGE_DIR, else graphited-data in the current folder)"),
		text("http", "HTTP", "", "serve HTTP on `ADDR`; here and below :0 picks a port, and an empty value turns it off (default: 0.0.0.0:8080)"),
		text("line", "LINE", "", "receive lines on `ADDR` (default: 0.0.0.0:2003)"),
		text("pickle", "PICKLE", "", "receive pickles on `ADDR` (default: 0.0.0.0:2004)"),
		text("cache-query", "CACHE_QUERY", "", "answer graphite-web's cache queries on `ADDR` (default: 0.0.0.0:7002)"),
		text("log-level", "LOG_LEVEL", "info", "trace, debug, info, warn or error"),
		text("log-format", "LOG_FORMAT", "", "console or json (default: console on a terminal, else json)"),
		&cli.BoolFlag{Name: "drain", EnvVars: []string{"GRAPHITED_DRAIN"}, Usage: "at the end write all points to their files, however long it takes, instead of leaving some in the log"},
		text("ready-file", "READY_FILE", "", "once everything listens, write the addresses to this `FILE` as JSON"),
	}
}

// FromFlags reads the configuration and lays the flags over it. The error is a UsageError; what is wrong with the files is in the report.
func FromFlags(c *cli.Context) (*Config, Report, error) {
	storage := c.String("storage-dir")
	cfg, report := Load(Source{File: c.String("config"), Instance: c.String("instance"), StorageDir: storage, Env: Home(os.Getenv, storage)})
	if c.Bool("drain") {
		cfg.Carbon.DrainOnStop = true
		cfg.origins[origin{"cache", "DRAIN_ON_STOP"}] = "--drain"
	}
	for _, what := range []string{"http", "line", "pickle", "cache-query"} {
		if c.IsSet(what) {
			if err := cfg.SetAddr(what, c.String(what)); err != nil {
				return nil, nil, UsageError{Err: err}
			}
		}
	}
	return cfg, slices.Concat(report, cfg.check(c.String("log-level")), checkReadyFile(c.String("ready-file"))), nil
}

// Commands returns what can be asked of a configuration and its files without a server: check, explain, stale, credential and restore. They write to out.
func Commands(out io.Writer) []*cli.Command {
	usage := func(_ *cli.Context, err error, _ bool) error { return UsageError{Err: err} }
	return []*cli.Command{{
		Name: "check", Usage: "read the whole configuration, say what is wrong with it and what it means", ArgsUsage: "[FILE]",
		OnUsageError: usage, Action: func(c *cli.Context) error { return check(c, out) },
		Flags: append(Flags(), &cli.BoolFlag{Name: "all", Usage: "also print each option with its value and where that was set"}),
	}, {
		Name: "explain", Usage: "say what becomes of a metric: rules, schema, file, and why a roll-up is empty", ArgsUsage: "METRIC...",
		OnUsageError: usage, Action: func(c *cli.Context) error { return explain(c, out) },
		Flags: append(Flags(), &cli.StringFlag{Name: "server", Usage: "ask the server at `URL`, which knows what is in its cache, and the last write and error as well"}),
	}, staleCommand(out), credentialCommand(out), restoreCommand(out)}
}

// check prints what is wrong with the configuration, and what it means. Its argument is what --config is elsewhere.
func check(c *cli.Context, out io.Writer) error {
	named := c.IsSet("config") && c.String("config") != os.Getenv("GRAPHITED_CONFIG")
	switch {
	case c.NArg() > 1, c.NArg() == 1 && named:
		return UsageError{Err: fmt.Errorf("check one file, not also %q", c.Args().Slice()[c.NArg()-1])}
	case c.NArg() == 1:
		if err := c.Set("config", c.Args().First()); err != nil {
			return err
		}
	}
	if _, err := NewLogger(io.Discard, c.String("log-level"), c.String("log-format")); err != nil {
		return UsageError{Err: err}
	}
	cfg, report, err := FromFlags(c)
	if err != nil {
		return err
	}
	for _, p := range report {
		if p.Severity > Debug || c.String("log-level") == "debug" {
			fmt.Fprintf(out, "%s: %s\n", p.Severity, p)
		}
	}
	if report.Err() != nil {
		return errors.New("the configuration has errors")
	}
	if err := cfg.Describe(out); err != nil || !c.Bool("all") {
		return err
	}
	return cfg.describeOptions(out)
}

// explain says what becomes of the metrics that are named.
func explain(c *cli.Context, out io.Writer) error {
	cfg, report, err := FromFlags(c)
	switch {
	case err != nil:
		return err
	case report.Err() != nil:
		return errors.New("the configuration has errors: see graphited check")
	case c.NArg() == 0:
		return UsageError{Err: errors.New("explain which metric?")}
	case c.IsSet("server"):
		return askExplain(out, c.String("server"), c.Args().Slice())
	}
	return cfg.Explain(out, c.Args().Slice()...)
}
