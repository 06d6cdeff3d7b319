package fn

import (
	"slices"
	"strings"

	"graphited/render"
	"graphited/render/agg"
)

// groupFuncs sort series into groups and combine each.
func groupFuncs() []render.Func {
	wildcards := func(name, agg, doc string) render.Func {
		return render.Func{
			Name: name, Group: "Combine", Params: with(many("position", render.Node)), Aggregator: true, Doc: doc,
			Run: func(c *render.Call) ([]*render.Series, error) { return aggregateWildcards(c, agg) },
		}
	}
	return []render.Func{
		{
			Name: "aggregateWithWildcards", Group: "Combine", Params: with(need("func", render.AggFunc).Lenient(), many("position", render.Node)),
			Signature: "seriesList, func, *positions",
			Doc:       "Aggregates the series whose names are equal but for the nodes at the given positions.",
			Run:       func(c *render.Call) ([]*render.Series, error) { return aggregateWildcards(c, c.Text("func")) },
		},
		wildcards("sumSeriesWithWildcards", "sum", "The sum of the series whose names are equal but for the given nodes."),
		wildcards("averageSeriesWithWildcards", "average", "The mean of the series whose names are equal but for the given nodes."),
		wildcards("multiplySeriesWithWildcards", "multiply", "The product of the series whose names are equal but for the given nodes."),
		{
			Name: "groupByNode", Group: "Combine",
			Params: with(need("nodeNum", render.NodeOrTag), option("callback", render.AggOrSeriesFunc, "average")),
			Doc:    "Groups series by one node of their names, or by a tag, and combines each group with the callback.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return groupByNodes(c, []any{c.Raw("nodeNum")}, c.Text("callback"))
			},
		},
		{
			Name: "groupByNodes", Group: "Combine",
			Params: with(need("callback", render.AggOrSeriesFunc), many("nodes", render.NodeOrTag)),
			Doc:    "Groups series by several nodes or tags and combines each group with the callback.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				return groupByNodes(c, c.Many("nodes"), c.Text("callback"))
			},
		},
		{
			Name: "groupByTags", Group: "Combine",
			Params: with(need("callback", render.AggOrSeriesFunc), render.Param{Name: "tags", Type: render.TagArg, Required: true, Multiple: true}),
			Doc:    "Groups series by the values of tags and combines each group with the callback.",
			Run:    groupByTags,
		},
		{
			Name: "mapSeries", Aliases: []string{"map"}, Group: "Combine",
			Params:   with(render.Param{Name: "mapNodes", Type: render.NodeOrTag, Required: true, Multiple: true}),
			Doc:      "Sorts series into a list for each value of the nodes, for reduceSeries to work on.",
			RunLists: mapSeries,
		},
		{
			Name: "reduceSeries", Aliases: []string{"reduce"}, Group: "Combine",
			Params: []render.Param{need("seriesLists", render.SeriesLists), need("reduceFunction", render.String), need("reduceNode", render.Node),
				{Name: "reduceMatchers", Type: render.String, Required: true, Multiple: true}},
			Doc: "Calls a function for each list that mapSeries made, with the series whose node equals the matchers as its arguments.",
			Run: reduceSeries,
		},
		{
			Name: "applyByNode", Group: "Combine",
			Params: with(need("nodeNum", render.Node), need("templateFunction", render.String), option("newName", render.String, nil)),
			Doc:    "Evaluates a target once for each beginning of the names up to a node; % in it stands for that beginning.",
			Run:    applyByNode,
		},
	}
}

// groups are series by a key, in order of first appearance.
type groups struct {
	keys []string
	of   map[string][]*render.Series
}

func groupBy(in []*render.Series, key func(*render.Series) string) groups {
	g := groups{of: map[string][]*render.Series{}}
	for _, s := range in {
		k := key(s)
		if g.of[k] == nil {
			g.keys = append(g.keys, k)
		}
		g.of[k] = append(g.of[k], s)
	}
	return g
}

func aggregateWildcards(c *render.Call, agg string) ([]*render.Series, error) {
	drop := map[int]bool{}
	for _, p := range c.Many("position") {
		drop[int(p.(int64))] = true
	}
	g := groupBy(c.Series("seriesList"), func(s *render.Series) string {
		var kept []string
		for i, node := range strings.Split(s.Name, ".") {
			if !drop[i] {
				kept = append(kept, node)
			}
		}
		return strings.Join(kept, ".")
	})
	return combine(c, g, func(in []*render.Series) (*render.Series, error) {
		out, err := aggregate(c, in, agg, c.XFilesFactor())
		if err != nil {
			return nil, err
		}
		return out[0], nil
	})
}

func groupByNodes(c *render.Call, nodes []any, callback string) ([]*render.Series, error) {
	g := groupBy(c.Series("seriesList"), func(s *render.Series) string { return nodeKey(s, nodes) })
	return combine(c, g, func(in []*render.Series) (*render.Series, error) { return runCallback(c, callback, in) })
}

// combine makes one series of each group, named after the key.
func combine(c *render.Call, g groups, reduce func([]*render.Series) (*render.Series, error)) ([]*render.Series, error) {
	out := make([]*render.Series, 0, len(g.keys))
	err := c.Some(len(g.keys), func(i int) error {
		s, err := reduce(g.of[g.keys[i]])
		if err == nil {
			out = append(out, s.Renamed(g.keys[i]))
		}
		return err
	})
	return out, err
}

// runCallback runs an aggregation or a function on a group and takes its first series.
func runCallback(c *render.Call, name string, in []*render.Series) (*render.Series, error) {
	var out []*render.Series
	var err error
	f, ok := c.Lookup(name)
	if ok && (f.Beyond == "" || agg.Funcs[strings.TrimSuffix(name, "Series")].Over == nil) { // "max" and "avgSeries" are aggregations first
		out, err = c.Apply(name, in)
	} else {
		out, err = aggregate(c, in, strings.TrimSuffix(name, "Series"), c.XFilesFactor())
	}
	if err == nil && len(out) == 0 {
		err = render.BadRequestf("the callback %s gave no series", name)
	}
	if err != nil {
		return nil, err
	}
	return out[0], nil
}

func groupByTags(c *render.Call) ([]*render.Series, error) {
	var tags []string
	byName := false
	for _, t := range c.Many("tags") {
		if t == "name" {
			byName = true
		} else {
			tags = append(tags, t.(string))
		}
	}
	if len(tags) == 0 && !byName {
		return nil, render.BadRequestf("parameter \"tags\" is missing, expected tag names")
	}
	in, callback := c.Series("seriesList"), c.Text("callback")
	common := commonName(in, callback)
	g := groupBy(in, func(s *render.Series) string {
		parts := make([]string, 0, len(tags)+1)
		for _, t := range tags {
			v, _ := s.Tag(t)
			parts = append(parts, t+"="+v)
		}
		slices.Sort(parts)
		name := common
		if byName {
			name, _ = s.Tag("name")
		}
		return strings.Join(append([]string{name}, parts...), ";")
	})
	out, err := combine(c, g, func(in []*render.Series) (*render.Series, error) { return runCallback(c, callback, in) })
	if err != nil {
		return nil, err
	}
	kept := out[:0]
	err = c.Some(len(out), func(i int) error {
		tags, err := render.ParseTags(out[i].Name)
		if err != nil {
			return render.BadRequestf("%v", err)
		}
		out[i].Path, out[i].Tags = out[i].Name, tags
		kept = append(kept, out[i])
		return nil
	})
	return kept, err
}

// commonName is the name tag that all series share, or else def.
func commonName(in []*render.Series, def string) string {
	for i, s := range in {
		first, _ := in[0].Tag("name")
		if name, _ := s.Tag("name"); name != first {
			return def
		}
		if i == len(in)-1 {
			return first
		}
	}
	return def
}

func mapSeries(c *render.Call) ([][]*render.Series, error) {
	nodes := c.Many("mapNodes")
	g := groupBy(c.Series("seriesList"), func(s *render.Series) string { return nodeKey(s, nodes) })
	out := make([][]*render.Series, len(g.keys))
	for i, key := range g.keys {
		out[i] = g.of[key]
	}
	return out, nil
}

func reduceSeries(c *render.Call) ([]*render.Series, error) {
	fn, matchers := c.Text("reduceFunction"), c.Many("reduceMatchers")
	rows, keys, err := rowsOf(c, slices.Concat(c.SeriesLists()...))
	if err != nil {
		return nil, err
	}
	out := make([]*render.Series, 0, len(keys))
	err = c.Some(len(keys), func(k int) error {
		args := make([][]*render.Series, len(matchers))
		for i, s := range rows[keys[k]] {
			if s == nil {
				return render.BadRequestf("%s has no series that matches %q", keys[k], matchers[i])
			}
			args[i] = []*render.Series{s}
		}
		s, err := c.Apply(fn, args...)
		if err != nil {
			return err
		}
		if len(s) == 0 {
			return render.BadRequestf("the function %s gave no series", fn)
		}
		out = append(out, s[0].Renamed(keys[k]))
		return nil
	})
	return out, err
}

// rowsOf sorts series by what is before their reduceNode, and within that by the matcher
// that the node is.
func rowsOf(c *render.Call, in []*render.Series) (rows map[string][]*render.Series, keys []string, err error) {
	at, matchers := c.Int("reduceNode"), c.Many("reduceMatchers")
	rows = map[string][]*render.Series{}
	err = c.Some(len(in), func(i int) error {
		nodes := strings.Split(in[i].Name, ".")
		n := at
		if n < 0 {
			n += int64(len(nodes))
		}
		if n < 0 || n >= int64(len(nodes)) {
			return render.BadRequestf("parameter \"reduceNode\" is %d, but %q has %d nodes", at, in[i].Name, len(nodes))
		}
		m := slices.Index(matchers, any(nodes[n]))
		if m < 0 {
			return nil
		}
		key := strings.Join(nodes[:n], ".") + ".reduce." + c.Text("reduceFunction")
		if rows[key] == nil {
			rows[key] = make([]*render.Series, len(matchers))
			keys = append(keys, key)
		}
		rows[key][m] = in[i]
		return nil
	})
	return rows, keys, err
}

func applyByNode(c *render.Call) ([]*render.Series, error) {
	in := c.Series("seriesList")
	prefixes := prefixes(c, in)
	targets := make([]string, len(prefixes))
	for i, p := range prefixes {
		targets[i] = strings.ReplaceAll(c.Text("templateFunction"), "%", p)
		if err := c.HoldText(targets[i]); err != nil {
			return nil, err
		}
	}
	lists, err := c.EvalTexts(targets)
	if err != nil {
		return nil, err
	}
	var out []*render.Series
	err = c.Some(len(prefixes), func(i int) error {
		if lists[i].Err != nil {
			return lists[i].Err
		}
		for _, s := range lists[i].Series {
			t := *s
			t.Path = prefixes[i]
			t.From, t.Until = in[len(in)-1].From, in[len(in)-1].Until
			if newName := c.TextOr("newName", ""); newName != "" {
				t.Name = strings.ReplaceAll(newName, "%", prefixes[i])
				if err := c.HoldText(t.Name); err != nil {
					return err
				}
			}
			out = append(out, &t)
		}
		return nil
	})
	return out, err
}

// prefixes are the beginnings of names up to a node, sorted, each once. As a slice of
// Python the end may lie beyond a name, which then is all of it, and below zero counts
// from the end: -2 leaves out the last node, -1 all.
func prefixes(c *render.Call, in []*render.Series) []string {
	prefixes := make([]string, len(in))
	for i, s := range in {
		nodes := strings.Split(s.Name, ".")
		n := int64(len(nodes))
		end := min(c.Int("nodeNum"), n-1) + 1
		if end < 0 {
			end = max(end+n, 0)
		}
		prefixes[i] = strings.Join(nodes[:end], ".")
	}
	slices.Sort(prefixes)
	return slices.Compact(prefixes)
}
