// Package expr parses Graphite's target language. It turns one target, the text of the parameter
// target of a render request, into a tree of [Node] values.
//
// The language is that of graphite-web's grammar_unsafe.py. A target is an expression: a path
// (servers.*.cpu), a call (sumSeries(servers.*.cpu)), a template, or one of these followed by piped
// calls (servers.*.cpu|sumSeries()). The arguments of a call are expressions, numbers, strings,
// true, false, none and inf. Positional arguments come first, then keyword arguments.
//
// The package keeps these surprising rules of graphite-web. Text after a complete target is ignored
// (Parse returns it as rest). Strings are raw: a backslash only prevents a quote from closing the
// string. A path may contain any printable character except ( ) { } , . ' " \ |, so a;tag=value and
// 5min are paths. Braces do not nest. A bare word as an argument is a path, whose series are
// fetched. k= with no value is a path, too.
//
// These rules differ from graphite-web:
//   - A call that cannot be parsed is a [SyntaxError]. Graphite takes the function's name for a
//     path, finds no such metric and answers with an empty list.
//   - Paths may contain letters outside ASCII, as with UTF8_METRICS=True, but no control characters.
//   - Numbers may lack the digits on one side of the point, and braces may contain dots.
//   - An integer beyond 64 bits is a float.
//   - The [Limits] bound depth and size.
//
// Parsing takes time linear in the length of the target. Nodes refer to the text of the target
// instead of copying it. A tree never changes after it is returned, so it is safe for concurrent
// use.
package expr
