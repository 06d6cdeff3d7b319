package command

import (
	"errors"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

func TestArrange(t *testing.T) {
	newApp := func() *cli.App {
		text := func(name string, more ...string) cli.Flag { return &cli.StringFlag{Name: name, Aliases: more} }
		return &cli.App{
			Name: "g", Flags: []cli.Flag{text("config"), &cli.BoolFlag{Name: "drain"}},
			Commands: []*cli.Command{
				{Name: "one", ArgsUsage: "FILE", Flags: []cli.Flag{text("config"), text("output", "o")}},
				{Name: "many", ArgsUsage: "TARGET... ", Flags: []cli.Flag{text("config"), &cli.BoolFlag{Name: "json"}}},
				{Name: "none", Flags: []cli.Flag{text("config")}},
				{Name: "perhaps", ArgsUsage: "[FILE]"},
				{Name: "tools", Subcommands: []*cli.Command{{Name: "info"}}},
			},
		}
	}
	for line, want := range map[string]string{
		"":                                "",
		"--config x":                      "--config=x",
		"--drain -config=x":               "--drain -config=x",
		"one a":                           "one -- a",
		"--config x one a":                "one --config=x -- a",
		"one a --config x":                "one --config=x -- a",
		"one --config x a":                "one --config=x -- a",
		"-o - one a":                      "one -o=- -- a",
		"one -o -a b":                     "one -o=-a -- b",
		"one - --config=":                 "one --config= -- -",
		"one -- --config":                 "one -- --config",
		"-- one a":                        "one -- a",
		"many a --json b --config x c":    "many --json --config=x -- a b c",
		"many a -- --json":                "many -- a --json",
		"many help":                       "many -- help",
		"--json many version":             "many --json -- version",
		"many one":                        "many -- one",
		"perhaps":                         "perhaps --",
		"perhaps a":                       "perhaps -- a",
		"help":                            "--help",
		"-h":                              "--help",
		"help help":                       "--help",
		"help one":                        "one --help",
		"one -h":                          "one --help",
		"one a --help":                    "one --help",
		"--help one":                      "one --help",
		"one --version":                   "--version",
		"tools info a --nonsense -x -- b": "tools info a --nonsense -x -- b",
		"tools --help":                    "tools --help",
		"help tools":                      "tools --help",
		"help tools info":                 "tools info --help",
		"tools help info":                 "tools info --help",
		"nonsense":                        `!there is no command "nonsense"`,
		"mayn a":                          `!there is no command "mayn": did you mean "many"?`,
		"help nonsense":                   `!there is no command "nonsense"`,
		"--confg x":                       "!there is no option --confg: did you mean --config?",
		"-x":                              "!there is no option -x",
		"--drain many a":                  "!--drain is no option of g many",
		"--json":                          "!--json is no option of g",
		"many a --drain":                  "!--drain is no option of g many",
		"--json tools info":               "!--json is no option of g tools",
		"many --jsn a":                    "!there is no option --jsn: did you mean --json?",
		"many --secret=hush":              "!there is no option --secret",
		"one a --config":                  "!--config needs a value",
		"one":                             "!one which file?",
		"one a b":                         `!one which file? "b" is one argument too many`,
		"perhaps a b":                     `!perhaps which file? "b" is one argument too many`,
		"none a":                          `!none takes no arguments: what is "a"?`,
		"many":                            "!many which target?",
		"many --":                         "!many which target?",
		"tools":                           "!tools which command?",
		"tools nonsense":                  `!there is no command "tools nonsense"`,
		"tools ifno":                      `!there is no command "tools ifno": did you mean "tools info"?`,
		"tools --config x info":           `!there is no command "tools --config"`,
	} {
		got, err := Arrange(newApp(), append([]string{"/bin/g"}, strings.Fields(line)...))
		var usage UsageError
		text := ""
		switch {
		case err == nil:
			text = strings.Join(got[1:], " ")
		case errors.As(err, &usage):
			text = "!" + err.Error()
		}
		if text != want {
			t.Errorf("%q: %s, %v; want %s", line, text, err, want)
		}
	}
	for _, args := range [][]string{{"perhaps", ""}, {"one", ""}, {"many", "a", ""}} {
		if _, err := Arrange(newApp(), append([]string{"/bin/g"}, args...)); err == nil || err.Error() != args[0]+": an argument is empty" {
			t.Errorf("%q: %v", args, err)
		}
	}
}
