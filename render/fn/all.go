package fn

import (
	"slices"
	"strings"

	"graphited/render"
)

// All returns the registry of all functions of graphite-web, and after them those that other
// servers have beyond. The declarations are ours, so that one that cannot work is a bug and panics.
func All() *render.Registry {
	own := [][]render.Func{combineFuncs(), listFuncs(), groupFuncs(), transformFuncs(), wholeFuncs(), deriveFuncs(), fillFuncs(),
		shiftFuncs(), summarizeFuncs(), calculateFuncs(), movingFuncs(), holtWintersFuncs(), filterFuncs(), rankFuncs(),
		percentileFuncs(), sortFuncs(), aliasFuncs(), legendFuncs(), graphFuncs(), lineFuncs(), specialFuncs(),
		beyondFuncs()}
	r, err := render.NewRegistry(append(own, otherNames(slices.Concat(own...)))...)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return r
}

// otherNames gives functions the names that other servers have for them.
func otherNames(known []render.Func) []render.Func {
	var out []render.Func
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
		i := slices.IndexFunc(known, func(f render.Func) bool { return f.Name == a.of || slices.Contains(f.Aliases, a.of) })
		f, names := known[i], strings.Fields(a.names)
		f.Name, f.Aliases, f.Beyond, f.Aggregator = names[0], names[1:], a.whose, false
		f.Doc = "Another name of " + a.of + "." + notGraphite(a.whose)
		out = append(out, f)
	}
	return out
}
