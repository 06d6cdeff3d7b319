package render

import (
	"slices"
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
	sub, err := c.substitution("search", "replace")
	if err != nil {
		return nil, err
	}
	return c.rename(func(s *Series) (string, error) { return sub(s.Name) })
}

func aliasQuery(c *Call) ([]*Series, error) {
	sub, err := c.substitution("search", "replace")
	if err != nil {
		return nil, err
	}
	in := c.Series("seriesList")
	targets := make([]string, len(in))
	for i, s := range in {
		if targets[i], err = sub(s.Name); err != nil {
			return nil, err
		}
		if err := c.holdText(targets[i]); err != nil {
			return nil, err
		}
	}
	found, err := c.evalTexts(targets)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(in) // a series without an alias keeps its name
	return out, c.some(len(in), func(i int) error {
		if found[i].err != nil {
			return found[i].err
		}
		if len(found[i].series) == 0 {
			return badRequest("no series found with query %q", targets[i])
		}
		by := found[i].series[0]
		v := last(by.Values)
		if v != v {
			return badRequest("query %q has no last value", targets[i])
		}
		name, err := formatPercent(c.Text("newName"), v, by.Int)
		out[i] = in[i].renamed(name)
		return err
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
