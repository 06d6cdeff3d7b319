package config

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/rs/zerolog"
	"github.com/urfave/cli/v2"
)

// UsageError is a mistake on the command line.
type UsageError struct {
	Err     error
	Command string // whose help tells more; "": that of the program
}

// Error says what is wrong.
func (e UsageError) Error() string { return e.Err.Error() }

// Help is the command line that tells more.
func (e UsageError) Help() string {
	return strings.Join(strings.Fields("graphited "+e.Command+" --help"), " ")
}

// isUsage reports whether an error is a mistake of the user who has started the program.
func isUsage(err error) bool {
	var usage UsageError
	return errors.As(err, &usage) || errors.Is(err, errNoUser)
}

// ExitCode writes what an error of a command says, and returns the exit code for it: 0 for none, 2
// for wrong usage, 1 for what failed, unless the error has a code itself.
func ExitCode(err error, stderr io.Writer) int {
	var usage UsageError
	var exit cli.ExitCoder
	code := 1
	switch {
	case err == nil:
		return 0
	case isUsage(err):
		errors.As(err, &usage)
		code = 2
	case errors.As(err, &exit):
		code = exit.ExitCode()
	}
	if text := err.Error(); text != "" {
		fmt.Fprintln(stderr, "graphited:", text)
	}
	if code == 2 && err.Error() != "" {
		fmt.Fprintf(stderr, "See %s.\n", usage.Help())
	}
	return code
}

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
func FromFlags(c *cli.Context) (*Config, Report, error) {
	storage := c.String("storage-dir")
	cfg, report := Load(Source{File: c.String("config"), Instance: c.String("instance"), StorageDir: storage, Env: Home(os.Getenv, storage)})
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
	return cfg, slices.Concat(report, cfg.check(c.String("log-level")), checkReadyFile(c.String("ready-file"))), nil
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

// Commands returns what can be asked of a configuration and its files without a server: check,
// stale, credential, restore and version. They write to out.
func Commands(out io.Writer) []*cli.Command {
	return []*cli.Command{{
		Name: "check", Usage: "read the whole configuration, say what is wrong with it and what it means", ArgsUsage: "[FILE]",
		Description: "FILE is a carbon.conf, as that of --config. The other options are those of the server, so that a whole command line can be checked.",
		Flags:       append(Flags(), &cli.BoolFlag{Name: "all", Usage: "also print each option with its value and where that was set"}),
		Action:      func(c *cli.Context) error { return check(c, out) },
	}, staleCommand(out), credentialCommand(out), restoreCommand(out), {
		Name: "version", Usage: "say which version this is, and of which commit", Action: func(c *cli.Context) error { cli.ShowVersion(c); return nil },
	}}
}

// check prints what is wrong with the configuration, and what it means. Its argument is what
// --config is elsewhere.
func check(c *cli.Context, out io.Writer) error {
	if file := c.Args().First(); file != "" {
		if other := c.String("config"); other != "" && other != os.Getenv("GRAPHITED_CONFIG") {
			return usageErrorf("--config %s and %s: check which of both?", other, file)
		}
		if err := c.Set("config", file); err != nil {
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
	runsAs, err := cfg.RunsAs()
	if err != nil {
		return err
	}
	for _, p := range report {
		if p.Severity > Debug || c.String("log-level") == "debug" {
			fmt.Fprintf(out, "%s: %s\n", p.Severity, p)
		}
	}
	if report.Err() != nil {
		return errBadConfiguration
	}
	if runsAs != "" {
		fmt.Fprintf(out, "runs as             %s\n", runsAs)
	}
	if err := cfg.Describe(out); err != nil || !c.Bool("all") {
		return err
	}
	return cfg.describeOptions(out)
}

// errBadConfiguration is why a configuration is not used. What is wrong was told before, or graphited
// check tells it.
var errBadConfiguration = errors.New("the configuration has errors")

// Usable reads the configuration for a command that works with it. It returns an error instead of a
// configuration that has errors.
func Usable(c *cli.Context) (*Config, error) {
	cfg, report, err := FromFlags(c)
	if err == nil && report.Err() != nil {
		err = fmt.Errorf("%w: see graphited check", errBadConfiguration)
	}
	return cfg, err
}

// Serving reads the configuration for the server, and logs what is wrong with it. It returns an
// error instead of a configuration that has errors.
func Serving(c *cli.Context, log zerolog.Logger) (*Config, error) {
	cfg, report, err := FromFlags(c)
	report.Log(log)
	if err == nil && report.Err() != nil {
		err = errBadConfiguration
	}
	return cfg, err
}
