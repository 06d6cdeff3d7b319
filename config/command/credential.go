package command

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/urfave/cli/v2"

	"graphited/api"
)

// credentialCommand returns the command that writes a line for HTTP_AUTH_FILE.
func credentialCommand(out io.Writer) *cli.Command {
	return &cli.Command{
		Name: "credential", Usage: "write the line of HTTP_AUTH_FILE for a password, which is read from standard input, or for a new token", ArgsUsage: "NAME",
		Flags: []cli.Flag{&cli.BoolFlag{Name: "token", Usage: "make a token instead, and write it to standard error, once"}},
		Action: func(c *cli.Context) error {
			name := c.Args().First()
			if name == "" || strings.ContainsAny(name, ":#\r\n") {
				return usageErrorf("credential %q: expected one name, without colon, # or line break", name)
			}
			if c.Bool("token") {
				secret, hash := api.NewToken()
				fmt.Fprintf(c.App.ErrWriter, "%s\n", secret)
				_, err := fmt.Fprintf(out, "%s:%s\n", name, hash)
				return err
			}
			password, err := bufio.NewReader(os.Stdin).ReadString('\n')
			if err != nil && !errors.Is(err, io.EOF) {
				return err
			}
			hash, err := api.HashPassword(strings.TrimRight(password, "\r\n"))
			if err != nil {
				return fmt.Errorf("cannot use the password: %w", err)
			}
			_, err = fmt.Fprintf(out, "%s:%s\n", name, hash)
			return err
		},
	}
}
