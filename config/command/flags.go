package command

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"

	"graphited/config"
	"graphited/config/problem"
)

// Flags returns the flags of the program without a command. Some say where the configuration is,
// the others are laid over it. Each has an environment variable GRAPHITED_...
func Flags() []cli.Flag {
	text := func(name, env, def, usage string) cli.Flag {
		return &cli.StringFlag{Name: name, EnvVars: []string{"GRAPHITED_" + env}, Value: def, Usage: usage}
	}
	return []cli.Flag{
		text("config", "CONFIG", "", "carbon.conf `FILE`, whose folder also holds the other .conf files; without it conf/carbon.conf in the storage folder, if there is one"),
		text("instance", "INSTANCE", "", "read the section [cache:`NAME`] as well, and put the name into the metrics of our own (default: a)"),
		text("storage-dir", "STORAGE_DIR", "", "`FOLDER` of the data, whatever the file says; the whisper files are in whisper below it (default: GRAPHITE_STORAGE_DIR, else graphited-data in the current folder)"),
		text("http", "HTTP", "", "serve HTTP on `ADDR`, HOST:PORT or a port; here and below :0 picks a free port, and an empty value turns it off (default: 0.0.0.0:8080)"),
		text("line", "LINE", "", "receive lines on `ADDR` (default: 0.0.0.0:2003)"),
		text("pickle", "PICKLE", "", "receive pickles on `ADDR` (default: 0.0.0.0:2004)"),
		text("cache-query", "CACHE_QUERY", "", "answer graphite-web's cache queries on `ADDR` (default: 0.0.0.0:7002)"),
		text("log-level", "LOG_LEVEL", "info", "trace, debug, info, warn or error"),
		text("log-format", "LOG_FORMAT", "", "console or json (default: console on a terminal, else json)"),
		&cli.BoolFlag{Name: "drain", EnvVars: []string{"GRAPHITED_DRAIN"}, Usage: "at the end write all points to their files, however long it takes, instead of leaving some in the log"},
		text("ready-file", "READY_FILE", "", "once everything listens, write the addresses to this `FILE` as JSON"),
	}
}

// PlaceFlags returns those of Flags that say where the configuration and the data are, and those
// that are named besides.
func PlaceFlags(more ...string) (flags []cli.Flag) {
	for _, f := range Flags() {
		if slices.Contains(append(more, "config", "instance", "storage-dir"), f.Names()[0]) {
			flags = append(flags, f)
		}
	}
	return flags
}

// FromFlags reads the configuration and lays the flags over it. The error is a UsageError; what is
// wrong with the files is in the report.
func FromFlags(c *cli.Context) (*config.Config, problem.Report, error) {
	storage := c.String("storage-dir")
	cfg, report := config.Load(config.Source{File: c.String("config"), Instance: c.String("instance"), StorageDir: storage, Env: config.Home(os.Getenv, storage)})
	if c.IsSet("drain") || os.Getenv("GRAPHITED_DRAIN") != "" {
		cfg.SetDrain(c.Bool("drain"))
	}
	for _, what := range []string{"http", "line", "pickle", "cache-query"} {
		if c.IsSet(what) {
			if err := cfg.SetAddr(what, c.String(what)); err != nil {
				return nil, nil, UsageError{Err: fmt.Errorf("%w%s", err, whence(c, what))}
			}
		}
	}
	return cfg, slices.Concat(report, cfg.Check(c.String("log-level")), checkReadyFile(c.String("ready-file"))), nil
}

// whence names the environment variable that a flag's value is from; it is empty for one from the
// command line.
func whence(c *cli.Context, flag string) string {
	name := "GRAPHITED_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
	if v, set := os.LookupEnv(name); set && v == c.String(flag) {
		return " (from " + name + ")"
	}
	return ""
}

// errBadConfiguration is why a configuration is not used. What is wrong was told before, or graphited
// check tells it.
var errBadConfiguration = errors.New("the configuration has errors")

// Usable reads the configuration for a command that works with it. It returns an error instead of a
// configuration that has errors.
func Usable(c *cli.Context) (*config.Config, error) {
	cfg, report, err := FromFlags(c)
	if err == nil && report.Err() != nil {
		err = fmt.Errorf("%w: see graphited check", errBadConfiguration)
	}
	return cfg, err
}

// Serving reads the configuration for the server, and logs what is wrong with it. It returns an
// error instead of a configuration that has errors.
func Serving(c *cli.Context, log zerolog.Logger) (*config.Config, error) {
	cfg, report, err := FromFlags(c)
	report.Log(log)
	if err == nil && report.Err() != nil {
		err = errBadConfiguration
	}
	return cfg, err
}
