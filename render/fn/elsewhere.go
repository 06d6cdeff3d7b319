package fn

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"graphited/render"
	"graphited/render/agg"
)

// beyondFuncs are what other Graphite-compatible servers have and graphite-web
// has not, so that dashboards made for these keep working.
func beyondFuncs() []render.Func {
	var out []render.Func
	for _, table := range [][]render.Func{beyondCombine(), beyondSignals(), beyondStatistics(), beyondTimes(), beyondVersions(), beyondFilters()} {
		out = append(out, table...)
	}
	for i := range out {
		out[i].Beyond = carbonapi
		out[i].Aggregator = false
		out[i].Doc += notGraphite(carbonapi)
	}
	return out
}

// beyondFilters choose and name series.
func beyondFilters() []render.Func {
	return []render.Func{
		ranked("highestMin", "min", true, "The n series whose lowest value is the highest."),
		ranked("lowestMax", "max", false, "The n series with the lowest peak."),
		ranked("lowestMin", "min", false, "The n series with the lowest value."),
		{
			Name: "removeZeroSeries", Group: "Filter Series", Params: with(option("xFilesFactor", render.Float, nil)),
			Doc: "Drops the series whose points are all 0 or null, or a smaller share of which than xFilesFactor is neither.",
			Run: func(c *render.Call) ([]*render.Series, error) {
				factor := c.FloatOr("xFilesFactor", 0)
				return keep(c, func(s *render.Series) bool { return agg.Enough(nonZero(s.Values), len(s.Values), factor) })
			},
		},
		{
			Name: "aliasByBase64", Group: "Alias", Params: with(option("nodeNum", render.Integer, nil)),
			Doc: "Decodes the name from Base64, or one node of it, counted from 1. What cannot be decoded stays.",
			Run: aliasByBase64,
		},
	}
}

func nonZero(values []float64) int {
	n := 0
	for _, v := range values {
		if v == v && v != 0 {
			n++
		}
	}
	return n
}

func aliasByBase64(c *render.Call) ([]*render.Series, error) {
	if c.Has("nodeNum") && c.Int("nodeNum") < 1 {
		return nil, render.BadRequestf("parameter \"nodeNum\" is %d, expected 1 or more", c.Int("nodeNum"))
	}
	return rename(c, func(s *render.Series) (string, error) {
		if !c.Has("nodeNum") {
			return decoded(s.Name), nil
		}
		metric, ok := s.Tag("name")
		if !ok {
			metric = s.Name
		}
		nodes, at := strings.Split(metric, "."), c.Int("nodeNum")-1
		if at >= int64(len(nodes)) || decoded(nodes[at]) == nodes[at] {
			return s.Name, nil
		}
		nodes[at] = decoded(nodes[at])
		return strings.Join(nodes, "."), nil
	})
}

// decoded is the text that s is the Base64 of, s itself if there is none.
func decoded(s string) string {
	if b, err := base64.StdEncoding.DecodeString(s); err == nil && utf8.Valid(b) {
		return string(b)
	}
	return s
}
