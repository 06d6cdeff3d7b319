package command

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/urfave/cli/v2"

	"graphited/config"
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
	return errors.As(err, &usage) || errors.Is(err, config.ErrNoUser)
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

// usageErrorf is a UsageError.
func usageErrorf(format string, args ...any) error {
	return UsageError{Err: fmt.Errorf(format, args...)}
}
