package render

import (
	"encoding/base64"
	"fmt"
	"strings"
	"unicode/utf8"
)

// beyondFuncs are what other Graphite-compatible servers have and graphite-web
// has not, so that dashboards made for these keep working.
func beyondFuncs() []Func {
	var out []Func
	for _, table := range [][]Func{beyondCombine(), beyondSignals(), beyondStatistics(), beyondTimes(), beyondVersions(), beyondFilters()} {
		out = append(out, table...)
	}
	for i := range out {
		out[i].Beyond = carbonapi
		out[i].Aggregator = false
		out[i].Doc += notGraphite(carbonapi)
	}
	return out
}

const carbonapi = "carbonapi"

func notGraphite(whose string) string { return " From " + whose + ", not in Graphite." }

// addOtherNames adds the names that other servers give to graphite-web's functions.
func (r *Registry) addOtherNames() error {
	for _, a := range []struct{ whose, of, names string }{
		{carbonapi, "sumSeries", "total totalSeries"},
		{carbonapi, "averageSeries", "average avgSeries"},
		{carbonapi + ", VictoriaMetrics and metrictank", "maxSeries", "max"},
		{carbonapi + ", VictoriaMetrics and metrictank", "minSeries", "min"},
		{carbonapi, "diffSeries", "diff"},
		{carbonapi, "rangeOfSeries", "rangeOf range rangeSeries"},
		{carbonapi, "stddevSeries", "stddev"},
		{carbonapi, "multiplySeries", "multiply"},
		{carbonapi, "isNonNull", "isNotNull"},
		{carbonapi, "lower", "toLowerCase"},
		{carbonapi, "upper", "toUpperCase"},
		{carbonapi, "useSeriesAbove", "aboveSeries"},
		{carbonapi + " and VictoriaMetrics", "log", "logarithm"},
		{"metrictank", "log", "logarithmic"},
		{"VictoriaMetrics", "round", "roundFunction"},
		{"metrictank", "aggregateWithWildcards", "aggregateSeriesWithWildcards"},
	} {
		known, ok := r.Lookup(a.of)
		if !ok {
			return fmt.Errorf("cannot give other names to %q: there is no such function", a.of)
		}
		names := strings.Fields(a.names)
		f := *known
		f.Name, f.Aliases, f.Beyond, f.Aggregator = names[0], names[1:], a.whose, false
		f.Doc = "Another name of " + a.of + "." + notGraphite(a.whose)
		if err := r.add(&f); err != nil {
			return err
		}
	}
	return nil
}

// beyondFilters choose and name series.
func beyondFilters() []Func {
	return []Func{
		ranked("highestMin", "min", true, "The n series whose lowest value is the highest."),
		ranked("lowestMax", "max", false, "The n series with the lowest peak."),
		ranked("lowestMin", "min", false, "The n series with the lowest value."),
		{
			Name: "removeZeroSeries", Group: "Filter Series", Params: with(option("xFilesFactor", Float, nil)),
			Doc: "Drops the series whose points are all 0 or null, or a smaller share of which than xFilesFactor is neither.",
			Run: func(c *Call) ([]*Series, error) {
				factor := c.FloatOr("xFilesFactor", 0)
				return c.keep(func(s *Series) bool { return enough(nonZero(s.Values), len(s.Values), factor) })
			},
		},
		{
			Name: "aliasByBase64", Group: "Alias", Params: with(option("nodeNum", Integer, nil)),
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

func aliasByBase64(c *Call) ([]*Series, error) {
	if c.Has("nodeNum") && c.Int("nodeNum") < 1 {
		return nil, badRequest("parameter \"nodeNum\" is %d, expected 1 or more", c.Int("nodeNum"))
	}
	return c.rename(func(s *Series) (string, error) {
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
