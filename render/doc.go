// Package render is the query engine: it turns targets such as
// "movingAverage(servers.*.cpu, '5min')" into series.
//
// A [Query] holds targets and a time range. The [Engine] parses the targets,
// walks them once without reading to learn which patterns are needed in which
// [Window], reads them from a [Store] in parallel, and then evaluates the
// functions. A [Func] declares one render function (render/fn has them all): its parameters, the windows
// that its input is wanted in, and what it computes; a [Registry] holds all of
// them. A function sees its checked arguments as a [Call].
//
// Names, tags and numbers are those of graphite-web 1.1.10. Two things differ on
// purpose: null and NaN are one (null is NaN in a []float64), and an argument
// that graphite-web answers with a Python traceback is an [Error] that names
// the function, the parameter and what was expected.
//
// An Engine is safe for concurrent use. A Series that was handed out is never
// changed again; functions share values and tags of their inputs freely and
// allocate what they change. One query is evaluated by one goroutine; only
// reading is parallel, bounded for the whole Engine.
package render
