// Package command has the command line: flags and their order, the commands that are about the
// configuration and its files, usage errors and exit codes, the log, the ready file, signals. It
// serves nothing; only main imports it.
package command

import (
	"io"

	"github.com/urfave/cli/v2"
)

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
