package render

import (
	"math"
	"regexp"
	"strings"
)

// aliasFuncs change names. Paths stay, so that aggregates of aliased series
// are still named after the patterns.
func aliasFuncs() []Func {
	return []Func{
		{
			Name: "alias", Group: "Alias", Params: with(need("newName", String)),
			Doc: "Gives all series this name.",
			Run: func(c *Call) ([]*Series, error) {
				return c.rename(func(*Series) (string, error) { return c.Text("newName"), nil })
			},
		},
		{
			Name: "aliasByMetric", Group: "Alias", Params: with(),
			Doc: "Names each series by the last node of its metric.",
			Run: func(c *Call) ([]*Series, error) {
				return c.rename(func(s *Series) (string, error) { return substring(s.Name, -1, 0), nil })
			},
		},
		{
			Name: "aliasByNode", Group: "Alias", Params: with(Param{Name: "nodes", Type: NodeOrTag, Required: true, Multiple: true}),
			Doc: "Names each series by nodes of its metric, counted from 0, or by tags.",
			Run: func(c *Call) ([]*Series, error) { return c.aliasBy(c.Many("nodes")) },
		},
		{
			Name: "aliasByTags", Group: "Alias", Params: with(Param{Name: "tags", Type: NodeOrTag, Required: true, Multiple: true}),
			Doc: "Names each series by tags, or by nodes of its metric.",
			Run: func(c *Call) ([]*Series, error) { return c.aliasBy(c.Many("tags")) },
		},
		{
			Name: "aliasSub", Group: "Alias", Params: with(need("search", String), need("replace", String)),
			Doc: `Replaces what a regular expression finds in the name; \1 and \g<name> stand for its groups.`,
			Run: aliasSub,
		},
		{
			Name: "aliasQuery", Group: "Alias", Params: with(need("search", String), need("replace", String), need("newName", String)),
			Doc: "Makes a target of each name by search and replace, and names the series after its last value, " +
				"which goes into newName as in a format such as \"%d users\".",
			Run: aliasQuery,
		},
		{
			Name: "legendValue", Group: "Alias", Params: with(Param{Name: "valuesTypes", Type: String, Multiple: true,
				Options: legendOptions(), Loose: true}),
			Signature: "seriesList, *valueTypes",
			Doc:       "Adds values such as the mean to the name; a last argument si or binary writes them with units.",
			Run:       legendValue,
		},
		{
			Name: "upper", Group: "Alias", Params: with(many("pos", Integer)),
			Doc: "Makes the name upper case, or only its characters at the given positions.",
			Run: func(c *Call) ([]*Series, error) { return c.changeCase(strings.ToUpper) },
		},
		{
			Name: "lower", Group: "Alias", Params: with(many("pos", Integer)),
			Doc: "Makes the name lower case, or only its characters at the given positions.",
			Run: func(c *Call) ([]*Series, error) { return c.changeCase(strings.ToLower) },
		},
		{
			Name: "substr", Group: "Special", Params: with(option("start", Node, int64(0)), option("stop", Node, int64(0))),
			Doc: "Names each series by the nodes of its metric from start up to but not including stop; 0 is the end.",
			Run: func(c *Call) ([]*Series, error) {
				return c.rename(func(s *Series) (string, error) { return substring(s.Name, c.Int("start"), c.Int("stop")), nil })
			},
		},
		{
			Name: "cactiStyle", Group: "Special",
			Params: with(option("system", String, nil).oneOf("si", "binary"), option("units", String, nil)),
			Doc:    "Adds the last, highest and lowest value to the name, in columns.",
			Run:    cactiStyle,
		},
	}
}

// rename gives each series the name that f says.
func (c *Call) rename(f func(*Series) (string, error)) ([]*Series, error) {
	var failed error
	out, err := c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		if failed != nil {
			return nil
		}
		name, err := f(s)
		failed = err
		return s.renamed(name)
	})
	if failed != nil {
		return nil, failed
	}
	return out, err
}

func (c *Call) aliasBy(nodes []any) ([]*Series, error) {
	return c.rename(func(s *Series) (string, error) { return nodeKey(s, nodes), nil })
}

func aliasSub(c *Call) ([]*Series, error) {
	re, err := compileRegex(c.Text("search"))
	if err != nil {
		return nil, badRequest("parameter \"search\": %v", err)
	}
	return c.rename(func(s *Series) (string, error) {
		name, err := re.Replace(s.Name, c.Text("replace"))
		if err != nil {
			return "", badRequest("parameter \"replace\": %v", err)
		}
		return name, nil
	})
}

func aliasQuery(c *Call) ([]*Series, error) {
	re, err := compileRegex(c.Text("search"))
	if err != nil {
		return nil, badRequest("parameter \"search\": %v", err)
	}
	in := c.Series("seriesList")
	targets := make([]string, len(in))
	for i, s := range in {
		if targets[i], err = re.Replace(s.Name, c.Text("replace")); err != nil {
			return nil, badRequest("parameter \"replace\": %v", err)
		}
	}
	found, err := c.EvalTexts(targets)
	if err != nil {
		return nil, err
	}
	i := -1
	return c.rename(func(*Series) (string, error) {
		i++
		if len(found[i]) == 0 {
			return "", badRequest("no series found with query %q", targets[i])
		}
		v := last(found[i][0].Values)
		if v != v {
			return "", badRequest("query %q has no last value", targets[i])
		}
		return formatPercent(c.Text("newName"), v, found[i][0].Int)
	})
}

// verb finds a conversion of Python's % operator.
var verb = regexp.MustCompile(`%([-+ 0#]*)(\d*)(?:\.(\d+))?[hlL]?(.)`)

func legendOptions() []any {
	var out []any
	for _, name := range aggNames() {
		out = append(out, name, name+"Series")
	}
	return append(out, "si", "binary")
}

func legendValue(c *Call) ([]*Series, error) {
	types := c.Many("valuesTypes")
	if len(types) == 0 {
		return nil, badRequest("parameter \"valuesTypes\" is missing, expected aggregations")
	}
	system, _ := types[len(types)-1].(string)
	if unitSystems[system] != nil {
		types = types[:len(types)-1]
	} else {
		system = ""
	}
	return c.rename(func(s *Series) (string, error) {
		name := s.Name
		for _, t := range types {
			agg, ok := aggregators[t.(string)]
			text := "(?)"
			if ok {
				v := agg.over(s.Values)
				text = formatValue(v, s.Int && agg.isInt || t == "count")
				if system != "" && v == v {
					text = withUnits(v, system, "")
				}
			}
			if system == "" {
				name += " (" + t.(string) + ": " + text + ")"
			} else {
				name = pad(name, -20) + pad(t.(string), -5) + pad(text, -10)
			}
		}
		return name, nil
	})
}

func (c *Call) changeCase(change func(string) string) ([]*Series, error) {
	pos := c.Many("pos")
	return c.rename(func(s *Series) (string, error) {
		if len(pos) == 0 {
			return change(s.Name), nil
		}
		chars := strings.Split(s.Name, "")
		for _, p := range pos {
			i := p.(int64)
			if i < 0 {
				i += int64(len(chars))
			}
			if i >= 0 && i < int64(len(chars)) {
				chars[i] = change(chars[i])
			}
		}
		return strings.Join(chars, ""), nil
	})
}

// substring takes nodes out of what stands between the last "(" and the first
// ")" of a name; what follows a comma is cut off.
func substring(name string, start, stop int64) string {
	left, right := strings.LastIndexByte(name, '(')+1, strings.IndexByte(name, ')')
	if right < 0 {
		right = len(name)
	}
	nodes := strings.Split(name[min(left, right):right], ".")
	n := int64(len(nodes))
	bound := func(i int64) int64 {
		if i < 0 {
			i += n
		}
		return max(min(i, n), 0)
	}
	from, to := bound(start), n
	if stop != 0 {
		to = bound(stop)
	}
	text, _, _ := strings.Cut(strings.Join(nodes[from:max(from, to)], "."), ",")
	return text
}

func cactiStyle(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	system, units := c.TextOr("system", ""), c.TextOr("units", "")
	show := func(v float64) string {
		if system != "" {
			return withUnits(v, system, units)
		}
		if units != "" {
			return formatFixed(v) + " " + units
		}
		return formatFixed(v)
	}
	nameLen := 0
	stats := [3]struct {
		over  func([]float64) float64
		width int
	}{{over: last}, {over: maximum}, {over: minimum}}
	for _, s := range in {
		nameLen = max(nameLen, len([]rune(s.Name)))
		for i := range stats {
			v := stats[i].over(s.Values)
			if v != v || v == 0 {
				v = 3 // as graphite-web: the width of nothing
			}
			stats[i].width = max(stats[i].width, len([]rune(show(math.Trunc(v)))))
		}
	}
	return c.rename(func(s *Series) (string, error) {
		var text [3]string
		for i, st := range stats {
			text[i] = "nan"
			if v := st.over(s.Values); v == v {
				text[i] = show(v)
			}
			text[i] = pad(text[i], -(st.width + 3))
		}
		return pad(s.Name, -nameLen) + " Current:" + text[0] + " Max:" + text[1] + " Min:" + text[2] + " ", nil
	})
}
