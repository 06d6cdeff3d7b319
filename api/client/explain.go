package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"

	"github.com/urfave/cli/v2"
	"github.com/valyala/fasthttp"
)

// Explain returns the command explain, which writes to out how metrics are treated. flags are the
// flags that locate the server. If the server cannot be asked, the reason goes to warn.
func Explain(flags []cli.Flag, place Placer, out, warn io.Writer) *cli.Command {
	return &cli.Command{
		Name: "explain", Usage: "print how a metric is treated: rules, schema, file, and why a roll-up is empty", ArgsUsage: "METRIC...",
		Description: "Asks the server that has the folder if it was started with the same configuration file. The server also knows its cache, the last write and the last error.\n" +
			"Otherwise the command reads configuration and files itself. It exits with 1 when none of the metrics is known.",
		Flags:  append(serverFlags(), flags...),
		Action: func(c *cli.Context) error { return explain(c, place, out, warn) },
	}
}

// errUnknown ends a command with exit code 1 after it has written its answer. It needs no message.
var errUnknown = cli.Exit("", 1)

func explain(c *cli.Context, place Placer, out, warn io.Writer) error {
	metrics := c.Args().Slice()
	var s *server
	if c.IsSet("server") {
		var err error
		if s, err = connect(c, place); err != nil {
			return err
		}
	} else {
		p, err := place(c)
		if err != nil {
			return err
		}
		if s = near(c, p, warn); s == nil {
			known, err := p.Explain(out, metrics...)
			if err == nil && !known {
				err = errUnknown
			}
			return err
		}
	}
	known := false
	for i, m := range metrics {
		if i > 0 {
			fmt.Fprintln(out)
		}
		k, err := s.explain(out, m)
		if err != nil {
			return err
		}
		known = known || k
	}
	if !known {
		return errUnknown
	}
	return nil
}

// near returns the server that has the folder of a configuration and its rules, or nil when there
// is none or it cannot be asked.
func near(c *cli.Context, p Place, warn io.Writer) *server {
	_, _, err := p.Running()
	if err != nil || p.OtherRules() {
		return nil
	}
	s, err := connect(c, func(*cli.Context) (Place, error) { return p, nil })
	if err != nil {
		fmt.Fprintf(warn, "graphited: the answer is from the files alone: %v\n", err)
		return nil
	}
	return s
}

// explain writes the explanation of the server, which uses its own configuration.
func (s *server) explain(out io.Writer, metric string) (known bool, err error) {
	var req fasthttp.Request
	var resp fasthttp.Response
	if err := s.ask("/metrics/explain?metric="+url.QueryEscape(metric), &req, &resp, greeting); err != nil {
		return false, err
	}
	var x struct {
		Text    string
		Exists  bool
		Pending int
		Written int64
	}
	if err := json.Unmarshal(resp.Body(), &x); err != nil || x.Text == "" {
		return false, fmt.Errorf("cannot explain %q: the server at %s answers with status %d and without an explanation: %q", metric, s.name, resp.StatusCode(), s.said(resp.Body()))
	}
	_, err = io.WriteString(out, x.Text)
	return x.Exists || x.Pending > 0 || x.Written > 0, err
}
