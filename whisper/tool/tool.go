package tool

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/urfave/cli/v2"

	"graphited/whisper"
	"graphited/whisper/vfs"
)

// Match returns the spec that the configuration wants for the file of a metric. ok is false where
// no schema matches.
type Match func(metric string) (spec whisper.Spec, ok bool)

// Loader reads storage schemas and aggregation rules for a folder of whisper files. An empty name
// selects the usual file of the program. note is what the user should know about the rules, or "".
// With a Loader, the tools follow schemas without knowing their syntax.
type Loader func(schemas, aggregation, tree string) (match Match, note string, err error)

// Command returns the command "whisper" with a subcommand for each tool. load may be nil; the tools
// that need schemas then return an error.
func Command(load Loader) *cli.Command {
	c := &cli.Command{Name: "whisper", Usage: "create, read, change and check whisper files"}
	for _, t := range tools() {
		c.Subcommands = append(c.Subcommands, &cli.Command{
			Name: t.name, Usage: t.short, ArgsUsage: t.args, HideHelp: true, SkipFlagParsing: true, // optparse allows options anywhere
			Action: func(c *cli.Context) error {
				if code := t.run(osEnv("graphited whisper "+t.name, load), c.Args().Slice()); code != 0 {
					return cli.Exit("", code)
				}
				return nil
			},
		})
	}
	return c
}

// ByName returns the tool for a program name such as "/usr/bin/whisper-info.py": a function that
// takes the arguments after the name and returns the exit code. ok is false for all other names.
func ByName(argv0 string, load Loader) (run func(args []string) int, ok bool) {
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(argv0), ".exe"), ".py")
	for _, t := range tools() {
		if name == t.script {
			return func(args []string) int { return t.run(osEnv(filepath.Base(argv0), load), args) }, true
		}
	}
	return nil, false
}

// tool is one command.
type tool struct {
	name   string // the name of the subcommand
	script string // the name of the Python script, without .py
	args   string // the arguments, for the usage line
	short  string // one line that says what it does
	long   string // more help, or ""
	min    int    // the least number of positional arguments
	max    int    // the greatest number; 0: no limit
	strict bool   // a wrong number of arguments is an error instead of a request for help
	// setup returns the options, with new values, and the function to run after they are set.
	setup func() ([]option, func(e *env, args []string) error)
}

// env is the environment of a tool.
type env struct {
	program string
	stdin   io.Reader
	stdout  *bufio.Writer
	stderr  io.Writer
	fs      vfs.FS
	now     func() time.Time
	zone    *time.Location
	load    Loader
	dryRun  bool
	json    bool
}

func osEnv(program string, load Loader) *env {
	return &env{
		program: program, stdin: os.Stdin, stdout: bufio.NewWriter(os.Stdout), stderr: os.Stderr, fs: vfs.OS{},
		now: time.Now, zone: time.Local, load: load,
	}
}

func (e *env) unix() int64 { return e.now().Unix() }

// printf prints to standard output. Its errors appear when that is flushed.
func (e *env) printf(format string, args ...any) { fmt.Fprintf(e.stdout, format, args...) }

// say prints a line unless the result will be printed as JSON.
func (e *env) say(format string, args ...any) {
	if !e.json {
		e.printf(format+"\n", args...)
	}
}

// result prints v if the user asked for JSON.
func (e *env) result(v any) error {
	if !e.json {
		return nil
	}
	b, err := json.MarshalIndent(v, "", "  ")
	if err == nil {
		e.printf("%s\n", b)
	}
	return err
}

// object is the JSON output of most tools.
type object map[string]any

// exit is an error that ends a tool with an exit code. Its message, if any, has been printed
// already.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit code %d", int(e)) }

// errUsage makes the tool print its help and exit with code 1, as the scripts do.
var errUsage = errors.New("usage")

// run runs the tool and returns its exit code: 0 for success, 1 for an error, and 2 for options
// that cannot be parsed, as with optparse.
func (t tool) run(e *env, args []string) int {
	options, do := t.setup()
	options = append(options, option{name: "help", short: 'h', help: "show this help message and exit"})
	rest, help, err := parse(options, args)
	switch {
	case err != nil:
		fmt.Fprintf(e.stderr, "%s\n%s: error: %v\n", t.usage(e.program), e.program, err)
		return 2
	case help:
		t.printHelp(e.stdout, e.program, options)
	case len(rest) < t.min || t.max > 0 && len(rest) > t.max:
		if err = errUsage; t.strict {
			fmt.Fprintf(e.stderr, "%s\n%s: error: wrong number of arguments\n", t.usage(e.program), e.program)
			err = exit(2)
		}
	default:
		err = do(e, rest)
	}
	var code exit
	if err == errUsage {
		t.printHelp(e.stdout, e.program, options)
		err = exit(1)
	}
	if ferr := e.stdout.Flush(); ferr != nil && err == nil {
		err = ferr
	}
	switch {
	case err == nil:
		return 0
	case errors.As(err, &code):
		return int(code)
	}
	fmt.Fprintf(e.stderr, "[ERROR] %v\n", err)
	return 1
}

// words is an error with the text that the scripts print. Others may look for this text.
type words string

func (w words) Error() string { return string(w) }

func inWords(format string, args ...any) error { return words(fmt.Sprintf(format, args...)) }

// exists returns an error if the file does not exist. The scripts check this before they open a
// file, and print this text.
func (e *env) exists(path string) error {
	if _, err := e.fs.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return inWords("File \"%s\" does not exist!", path)
	}
	return nil
}
