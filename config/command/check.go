package command

import (
	"fmt"
	"io"
	"os"

	"github.com/urfave/cli/v2"

	"graphited/config/problem"
)

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
		if p.Severity > problem.Debug || c.String("log-level") == "debug" {
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
	return cfg.DescribeOptions(out)
}
