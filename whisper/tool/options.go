package tool

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// option is one option, with the variable that it sets.
type option struct {
	name    string
	short   byte     // 0: none
	value   any      // *bool, *string, *int64 or *float64; nil for help
	choices []string // the allowed values of a *string
	help    string
}

func (o option) isFlag() bool {
	_, ok := o.value.(*bool)
	return ok || o.value == nil
}

// parse sets options from args as optparse does. Options may stand anywhere. They may be
// abbreviated if the abbreviation is unambiguous. Their value follows after a "=" or as the next
// argument. "--" ends the options, and an argument that looks like a negative number is not an
// option. rest has the remaining arguments. help is true when the user asked for help.
func parse(options []option, args []string) (rest []string, help bool, err error) {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		switch {
		case arg == "--":
			return append(rest, args...), help, nil
		case len(arg) < 2 || arg[0] != '-' || isNumber(arg):
			rest = append(rest, arg)
			continue
		}
		o, text, inline, err := find(options, arg)
		if err != nil {
			return nil, false, err
		}
		switch {
		case o.isFlag():
			if inline {
				return nil, false, fmt.Errorf("--%s option does not take a value", o.name)
			}
			if b, ok := o.value.(*bool); ok {
				*b = true
			} else {
				help = true
			}
			continue
		case !inline && len(args) == 0:
			return nil, false, fmt.Errorf("--%s option requires 1 argument", o.name)
		case !inline:
			text, args = args[0], args[1:]
		}
		if err := o.set(text); err != nil {
			return nil, false, err
		}
	}
	return rest, help, nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil
}

// find looks up the option at the beginning of arg. text is a value in the same argument.
func find(options []option, arg string) (o option, text string, inline bool, err error) {
	if arg[1] != '-' {
		for _, o := range options {
			if o.short == arg[1] {
				return o, strings.TrimPrefix(arg[2:], "="), len(arg) > 2, nil
			}
		}
		return o, "", false, fmt.Errorf("no such option: %s", arg[:2])
	}
	name, text, inline := strings.Cut(arg[2:], "=")
	var found []option
	for _, o := range options {
		if o.name == name {
			return o, text, inline, nil
		}
		if strings.HasPrefix(o.name, name) {
			found = append(found, o)
		}
	}
	switch len(found) {
	case 0:
		return o, "", false, fmt.Errorf("no such option: --%s", name)
	case 1:
		return found[0], text, inline, nil
	}
	return o, "", false, fmt.Errorf("ambiguous option: --%s (--%s, --%s?)", name, found[0].name, found[1].name)
}

func (o option) set(text string) (err error) {
	kind := ""
	switch v := o.value.(type) {
	case *string:
		if o.choices != nil && !slices.Contains(o.choices, text) {
			return fmt.Errorf("option --%s: invalid choice: '%s' (choose from '%s')", o.name, text, strings.Join(o.choices, "', '"))
		}
		*v = text
	case *int64:
		kind = "integer"
		*v, err = strconv.ParseInt(text, 10, 64)
	case *float64:
		kind = "floating-point"
		*v, err = strconv.ParseFloat(text, 64)
	}
	if err != nil {
		return fmt.Errorf("option --%s: invalid %s value: '%s'", o.name, kind, text)
	}
	return nil
}

func (t tool) usage(program string) string {
	return "Usage: " + program + " " + t.args + "\n"
}

func (t tool) printHelp(w io.Writer, program string, options []option) {
	fmt.Fprintf(w, "%s\n%s", t.usage(program), t.short)
	if t.long != "" {
		fmt.Fprintf(w, "\n\n%s", t.long)
	}
	fmt.Fprint(w, "\n\nOptions:\n")
	for _, o := range options {
		left := "--" + o.name
		if o.short != 0 {
			left = "-" + string(o.short) + ", " + left
		}
		if !o.isFlag() {
			left += "=" + strings.ToUpper(o.name)
		}
		help := o.help
		if o.choices != nil {
			help += " (" + strings.Join(o.choices, ", ") + ")"
		}
		fmt.Fprintf(w, "  %-36s %s\n", left, help)
	}
}

// jsonOption and dryRunOption are the same in every tool that has them.
func jsonOption(v *bool) option {
	return option{name: "json", value: v, help: "Output results in JSON form"}
}

func dryRunOption(v *bool) option {
	return option{name: "dry-run", value: v, help: "Change nothing, print what would be done"}
}

const retentionHelp = `timePerPoint and timeToStore specify lengths of time, for example:

60:1440      60 seconds per datapoint, 1440 datapoints = 1 day of retention
15m:8        15 minutes per datapoint, 8 datapoints = 2 hours of retention
1h:7d        1 hour per datapoint, 7 days of retention
12h:2y       12 hours per datapoint, 2 years of retention`
