// Package expr reads Graphite's target language: one target, the text of a
// render request's target parameter, becomes a tree of [Node] values.
//
// The language is the one of graphite-web's grammar_unsafe.py. A target is an
// expression: a path (servers.*.cpu), a call (sumSeries(servers.*.cpu)), a
// template, or one of these with calls piped onto it (servers.*.cpu|sumSeries()).
// Arguments of a call are expressions, numbers, strings, true, false, none and
// inf, first the positional ones and then those with a keyword.
//
// Kept from graphite-web, surprising as it is: text after a complete target is
// ignored (Parse returns it as rest); strings are raw, a backslash only keeps a
// quote from closing; a path may hold any printable character but ( ) { } , . '
// " \ |, so a;tag=value and 5min are paths; braces do not nest; a bare word as an
// argument is a path, to be fetched; k=, with nothing behind it, is a path too.
//
// Different from graphite-web:
//   - A call that cannot be read is a [Error]. Graphite takes the function's
//     name for a path, finds no such metric and answers with an empty list.
//   - Letters outside ASCII are allowed in paths, as with UTF8_METRICS=True;
//     control characters are not.
//   - A tab in a string stays a tab; graphite-web makes spaces of it.
//   - An integer beyond 64 bits is a float.
//   - There are [Limits] of length, depth and size.
//
// Parsing takes time linear in the length of the target. Nodes refer to the
// target's text instead of copying it. A tree is never changed once returned and
// so is safe for concurrent use.
package expr
