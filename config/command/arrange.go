package command

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"graphited/config/parse"
	"graphited/config/problem"
)

// Arrange returns a command line in the order that package cli reads: the program, the command, its
// options, "--", its arguments. It holds the rule that all commands share: options stand anywhere,
// before the command as well as behind an argument; "--" ends them; each of them is one of the
// command's own; and there are as many arguments as the command's ArgsUsage says. What follows a
// command with subcommands is left alone, since the whisper tools have optparse's rules. The error
// is a UsageError. "help", alone or before a command, stands for --help.
func Arrange(app *cli.App, args []string) ([]string, error) {
	l := &commandLine{app: app}
	app.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return UsageError{Err: err} }
	for _, c := range app.Commands {
		prepare(c)
	}
	err := l.read(args[1:])
	var rest []string
	if err == nil {
		rest, err = l.arranged()
	}
	if envErr := l.readSwitches(); err == nil {
		err = envErr
	}
	if err != nil {
		return nil, UsageError{Err: err, Command: l.name()}
	}
	return append(args[:1:1], rest...), nil
}

// prepare makes the usage errors of a command UsageErrors that know whose they are.
func prepare(c *cli.Command) {
	c.HideHelpCommand = true // else "help" could be no argument
	c.OnUsageError = func(_ *cli.Context, err error, _ bool) error { return UsageError{Err: err, Command: c.Name} }
	action := c.Action
	if action == nil {
		return
	}
	c.Action = func(ctx *cli.Context) error {
		err := action(ctx)
		var exit cli.ExitCoder
		if isUsage(err) || errors.As(err, &exit) && exit.ExitCode() == 2 {
			return UsageError{Err: err, Command: c.Name}
		}
		return err
	}
}

// readSwitches reads the environment variables of switches, which have the values that booleans
// have in carbon.conf. A wrong one is an error where the switch means something.
func (l *commandLine) readSwitches() (err error) {
	used := l.app.Flags
	if c := l.command(); c != nil {
		used = c.Flags
	}
	for _, flags := range l.allFlags() {
		for _, f := range flags {
			b, isSwitch := f.(*cli.BoolFlag)
			if !isSwitch || len(b.EnvVars) == 0 {
				continue
			}
			name, text := b.EnvVars[0], os.Getenv(b.EnvVars[0])
			if l.help && text == "" {
				continue // the help tells the variable
			}
			value, ok := parse.Bool(text)
			if text != "" && !ok && !l.help && !l.version && slices.Contains(used, f) {
				err = fmt.Errorf("%s = %q: expected True or False, also yes, no, on, off, 1, 0", name, text)
			}
			b.Value, b.EnvVars = value, nil // package cli knows fewer values, and reads the variable for every command
		}
	}
	return err
}

// commandLine is a command line that is being read.
type commandLine struct {
	app     *cli.App
	words   []string // all that is no option; the first is the command
	options []givenOption
	help    bool
	version bool
}

// givenOption is an option with its value in the same text.
type givenOption struct{ name, text string }

// command returns the one that is named, or nil.
func (l *commandLine) command() *cli.Command {
	if len(l.words) == 0 {
		return nil
	}
	return l.app.Command(l.words[0])
}

func (l *commandLine) name() string {
	if c := l.command(); c != nil {
		return c.Name
	}
	return ""
}

// read tells options from words.
func (l *commandLine) read(args []string) error {
	for ended := false; len(args) > 0; {
		arg := args[0]
		args = args[1:]
		switch {
		case !ended && arg == "--":
			ended = true
		case !ended && len(arg) > 1 && arg[0] == '-':
			used, err := l.readOption(arg, args)
			if err != nil {
				return err
			}
			args = args[used:]
		default:
			l.words = append(l.words, arg)
			if l.words[0] == "help" {
				l.words, l.help = nil, true
			}
			if c := l.command(); c != nil && len(c.Subcommands) > 0 {
				l.words = append(l.words, args...)
				return nil
			}
		}
	}
	return nil
}

// readOption takes an option, and returns how many of the arguments behind it are its value. The
// errors name an option without a value that is part of it, which may be a secret.
func (l *commandLine) readOption(arg string, behind []string) (used int, err error) {
	name, _, inline := strings.Cut(strings.TrimPrefix(arg[1:], "-"), "=")
	switch {
	case slices.Contains(cli.HelpFlag.Names(), name):
		l.help = true
		return 0, nil
	case slices.Contains(cli.VersionFlag.Names(), name):
		l.version = true
		return 0, nil
	}
	takes, known := l.takesValue(name)
	switch {
	case !known:
		return 0, l.unknown(name)
	case takes && !inline && len(behind) == 0:
		return 0, fmt.Errorf("%s needs a value", dashed(name))
	case takes && !inline:
		arg, used = arg+"="+behind[0], 1
	}
	l.options = append(l.options, givenOption{name, arg})
	return used, nil
}

// takesValue says whether an option of any command takes a value. Two commands agree about an
// option of the same name, so it does not matter which command follows.
func (l *commandLine) takesValue(name string) (takes, known bool) {
	for _, flags := range l.allFlags() {
		for _, f := range flags {
			if slices.Contains(f.Names(), name) {
				_, isSwitch := f.(*cli.BoolFlag)
				return !isSwitch, true
			}
		}
	}
	return false, false
}

// allFlags returns the options without a command, and those of each command.
func (l *commandLine) allFlags() [][]cli.Flag {
	all := [][]cli.Flag{l.app.Flags}
	for _, c := range l.app.Commands {
		all = append(all, c.Flags)
	}
	return all
}

// unknown is the error for an option that no command has.
func (l *commandLine) unknown(name string) error {
	known := l.allFlags()
	if c := l.command(); c != nil {
		known = [][]cli.Flag{c.Flags}
	}
	names := []string{"help", "version"}
	for _, flags := range known {
		names = append(names, flagNames(flags)...)
	}
	return fmt.Errorf("there is no option %s%s", dashed(name), meant(dashed, name, names))
}

// arranged returns what follows the program's name.
func (l *commandLine) arranged() ([]string, error) {
	c := l.command()
	if c == nil && len(l.words) > 0 {
		var names []string
		for _, c := range l.app.Commands {
			names = append(names, c.Names()...)
		}
		return nil, fmt.Errorf("there is no command %q%s", l.words[0], meant(quoted, l.words[0], names))
	}
	switch {
	case l.version:
		return []string{"--version"}, nil
	case c == nil && l.help:
		return []string{"--help"}, nil
	}
	flags := l.app.Flags
	var out, arguments []string
	if c != nil {
		flags, out, arguments = c.Flags, []string{c.Name}, l.words[1:]
	}
	for _, o := range l.options {
		if !slices.Contains(flagNames(flags), o.name) {
			return nil, fmt.Errorf("%s is no option of %s", dashed(o.name), strings.Join(append([]string{l.app.Name}, out...), " "))
		}
		out = append(out, o.text)
	}
	switch {
	case c == nil:
		return out, nil
	case len(c.Subcommands) > 0:
		return l.subcommand(c, arguments)
	case l.help:
		return []string{c.Name, "--help"}, nil
	}
	return append(append(out, "--"), arguments...), checkCount(c, arguments)
}

// subcommand is arranged for a command that has subcommands.
func (l *commandLine) subcommand(c *cli.Command, words []string) ([]string, error) {
	for len(words) > 0 && slices.Contains([]string{"help", "--help", "-h"}, words[0]) {
		l.help, words = true, words[1:]
	}
	switch {
	case len(words) == 0 && l.help:
		return []string{c.Name, "--help"}, nil
	case len(words) == 0:
		return nil, fmt.Errorf("%s which command?", c.Name)
	case c.Command(words[0]) == nil:
		var names []string
		for _, s := range c.Subcommands {
			names = append(names, s.Names()...)
		}
		return nil, fmt.Errorf("there is no command %q%s", c.Name+" "+words[0], meant(func(n string) string { return quoted(c.Name + " " + n) }, words[0], names))
	case l.help:
		return []string{c.Name, words[0], "--help"}, nil
	}
	return append([]string{c.Name}, words...), nil
}

// checkCount compares the arguments with a command's ArgsUsage, in which a word is one argument, in
// brackets one that may be left out, and with dots any number of them. None of them may be empty.
func checkCount(c *cli.Command, arguments []string) error {
	if slices.Contains(arguments, "") { // of a variable that is not set: it is no way to leave an argument out
		return fmt.Errorf("%s: an argument is empty", c.Name)
	}
	words := strings.Fields(c.ArgsUsage)
	for i, w := range words {
		what := strings.ToLower(strings.ReplaceAll(strings.Trim(w, "[]."), "|", " or "))
		switch {
		case i >= len(arguments) && w[0] != '[':
			return fmt.Errorf("%s which %s?", c.Name, what)
		case strings.HasSuffix(strings.TrimSuffix(w, "]"), "..."):
			return nil
		case i == len(words)-1 && len(arguments) > len(words):
			return fmt.Errorf("%s which %s? %q is one argument too many", c.Name, what, arguments[len(words)])
		}
	}
	if len(words) == 0 && len(arguments) > 0 {
		return fmt.Errorf("%s takes no arguments: what is %q?", c.Name, arguments[0])
	}
	return nil
}

func flagNames(flags []cli.Flag) (names []string) {
	for _, f := range flags {
		names = append(names, f.Names()...)
	}
	return names
}

// dashed writes an option as it is typed.
func dashed(name string) string {
	if len(name) == 1 {
		return "-" + name
	}
	return "--" + name
}

func quoted(name string) string { return fmt.Sprintf("%q", name) }

// meant asks for the name that was probably meant; it is empty where none is near.
func meant(write func(string) string, name string, names []string) string {
	if n := problem.Nearest(name, names); n != "" {
		return ": did you mean " + write(n) + "?"
	}
	return ""
}
