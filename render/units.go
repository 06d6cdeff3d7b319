package render

import (
	"fmt"
	"graphited/carbon/pyvalue"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// unit is a prefix and its size.
type unit struct {
	prefix string
	size   float64
}

// unitSystems are the prefixes by system, the largest first. Read only.
var unitSystems = map[string][]unit{
	"si":     {{"P", 1e15}, {"T", 1e12}, {"G", 1e9}, {"M", 1e6}, {"k", 1e3}},
	"binary": {{"Pi", 1 << 50}, {"Ti", 1 << 40}, {"Gi", 1 << 30}, {"Mi", 1 << 20}, {"Ki", 1 << 10}},
}

// withUnits writes a value with two decimals and the prefix that fits it, and
// after a space in front of both the units, if there are any.
func withUnits(v float64, system, units string) string {
	prefix := ""
	for _, u := range unitSystems[system] {
		if math.Abs(v) >= u.size {
			v, prefix = v/u.size, u.prefix
			break
		}
	}
	if units != "" {
		prefix = " " + prefix + units
	}
	return pyvalue.FormatF(v, 2) + prefix
}

// verb finds a conversion of Python's % operator.
var verb = regexp.MustCompile(`%([-+ 0#]*)(\d*)(?:\.(\d+))?[hlL]?(.)`)

// formatPercent puts one number into a format as Python's % operator does.
// Exactly one conversion must use it; %% is a percent sign.
func formatPercent(format string, v float64, isInt bool) (string, error) {
	used := 0
	var bad error
	out := verb.ReplaceAllStringFunc(format, func(m string) string {
		if m == "%%" {
			return "%"
		}
		used++
		text, err := formatVerb(verb.FindStringSubmatch(m), v, isInt)
		if err != nil {
			bad = err
		}
		return text
	})
	if bad == nil && (used != 1 || strings.HasSuffix(verb.ReplaceAllString(format, ""), "%")) {
		bad = badRequest("parameter \"newName\" is %q, expected a format with one conversion such as %%d", format)
	}
	return out, bad
}

func formatVerb(m []string, v float64, isInt bool) (string, error) {
	flags, width, precision := m[1], m[2], m[3]
	if n, _ := strconv.Atoi(width); n > 1000 || len(width) > 4 || len(precision) > 3 {
		return "", badRequest("the format %q is too wide", m[0])
	}
	spec := "%" + flags + width
	if precision != "" {
		spec += "." + precision
	}
	switch m[4] {
	case "s", "r":
		return fmt.Sprintf(spec+"s", formatValue(v, isInt)), nil
	case "d", "i", "u":
		return fmt.Sprintf(spec+"d", int64(math.Trunc(v))), nil
	case "f", "F", "e", "E", "g", "G":
		if precision == "" {
			spec += ".6"
		}
		return fmt.Sprintf(spec+m[4], v), nil
	}
	return "", badRequest("the format %q is not for numbers", m[0])
}
