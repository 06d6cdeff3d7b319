package fn

import "graphited/render"

// seriesList is the first parameter of most functions.
var seriesList = render.Param{Name: "seriesList", Type: render.SeriesList, Required: true}

// seriesLists is the parameter of the aggregating functions.
var seriesLists = render.Param{Name: "seriesLists", Type: render.SeriesList, Required: true, Multiple: true}

// need declares a required parameter.
func need(name string, t render.Type) render.Param {
	return render.Param{Name: name, Type: t, Required: true}
}

// option declares an optional parameter; def nil is "not given".
func option(name string, t render.Type, def any) render.Param {
	return render.Param{Name: name, Type: t, Default: def}
}

// many declares a parameter that takes the rest of the arguments.
func many(name string, t render.Type) render.Param {
	return render.Param{Name: name, Type: t, Multiple: true}
}

// with returns the parameters list and then more.
func with(more ...render.Param) []render.Param { return append([]render.Param{seriesList}, more...) }

const carbonapi = "carbonapi"

func notGraphite(whose string) string { return " From " + whose + ", not in Graphite." }
