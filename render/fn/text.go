package fn

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/render"
	"graphited/render/expr"
)

// nodeKey joins the nodes and tags of a series with dots, as graphite-web's
// aggKey: of a name that ends in ")" the first pattern within it counts.
func nodeKey(s *render.Series, nodes []any) string {
	name := s.Name
	if strings.HasSuffix(name, ")") {
		if path, ok := expr.FirstPath(name); ok {
			name = path
		}
	}
	name, _, _ = strings.Cut(name, ";")
	split := strings.Split(name, ".")
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = nodeOrTag(s, split, n)
	}
	return strings.Join(parts, ".")
}

// nodeOrTag is one node of a split name; where there is none such, a tag.
func nodeOrTag(s *render.Series, split []string, n any) string {
	if at, ok := n.(int64); ok {
		if at < 0 {
			at += int64(len(split))
		}
		if at >= 0 && at < int64(len(split)) {
			return split[at]
		}
	}
	v, _ := s.Tag(pyvalue.Str(n))
	return v
}

// joinNodes lists nodes and tags as Python prints them.
func joinNodes(nodes []any) string {
	parts := make([]string, len(nodes))
	for i, n := range nodes {
		parts[i] = pyvalue.Str(n)
	}
	return strings.Join(parts, ",")
}

func sortedByName(in []*render.Series) []*render.Series {
	out := slices.Clone(in)
	slices.SortStableFunc(out, func(a, b *render.Series) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// regexTimeout is how long one regular expression may take for one text.
const regexTimeout = 250 * time.Millisecond

// regexpOf reads a parameter that is a regular expression.
func regexpOf(c *render.Call, param string) (*pyvalue.Regexp, error) {
	pattern := c.Text(param)
	if most := c.MaxRegex(); len(pattern) > most {
		return nil, render.BadRequestf("parameter %q has %d bytes, more than the %d that a regular expression may have (MAX_REGEX_SIZE)", param, len(pattern), most)
	}
	re, err := pyvalue.CompileRegexp(pattern, regexTimeout)
	if err != nil {
		return nil, render.BadRequestf("parameter %q: %v", param, err)
	}
	return re, nil
}

// substitution reads two parameters, a regular expression and what takes its place. A bad
// replacement is an error only for whoever has a text.
func substitution(c *render.Call, search, replace string) (func(text string) (string, error), error) {
	re, err := regexpOf(c, search)
	if err != nil {
		return nil, err
	}
	s, bad := re.Substitution(c.Text(replace))
	return func(text string) (string, error) {
		if bad != nil {
			return "", render.BadRequestf("parameter %q: %v", replace, bad)
		}
		out, err := s.Sub(text)
		if err != nil {
			return "", render.BadRequestf("parameter %q: %v", search, err)
		}
		return out, nil
	}, nil
}

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
		bad = render.BadRequestf("parameter \"newName\" is %q, expected a format with one conversion such as %%d", format)
	}
	return out, bad
}

func formatVerb(m []string, v float64, isInt bool) (string, error) {
	flags, width, precision := m[1], m[2], m[3]
	if n, _ := strconv.Atoi(width); n > 1000 || len(width) > 4 || len(precision) > 3 {
		return "", render.BadRequestf("the format %q is too wide", m[0])
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
	return "", render.BadRequestf("the format %q is not for numbers", m[0])
}

// formatValue writes a point as Python's str would: "None" for null, no
// fraction for an integer series.
func formatValue(v float64, isInt bool) string {
	switch {
	case v != v:
		return "None"
	case isInt && math.Abs(v) < 1<<53:
		return strconv.FormatInt(int64(v), 10)
	}
	return pyvalue.Repr(v)
}

// pad fills s with spaces to width n; negative n means s stands left, as in C.
func pad(s string, n int) string {
	left := n < 0
	if left {
		n = -n
	}
	fill := n - len([]rune(s))
	if fill <= 0 {
		return s
	}
	if left {
		return s + strings.Repeat(" ", fill)
	}
	return strings.Repeat(" ", fill) + s
}
