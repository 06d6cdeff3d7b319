// Package index knows the names of metrics: which there are, which a pattern finds, and which
// series have which tags.
//
// A Tree holds the names without tags and answers patterns. Most of them are in snapshots, trees in
// flat arrays with each distinct word once; new ones wait in a list until a goroutine merges them.
// A pattern becomes a glob for each node, a glob becomes the set of the words that match, and a
// find walks through the arrays comparing word numbers. Braces are never expanded, unless they
// stand for a few plain words.
//
// Tags is an inverted index of the series with tags, from each value of each tag to a bitmap of
// series.
//
// Search finds what has the words that somebody types, in both.
//
// ParseTagged makes the one spelling by which a metric is known. TaggedFile and MetricFile say
// where its file is.
//
// All types are safe for concurrent use. A find sees names that come and go while it runs, or does
// not; it never waits for a merge, and its reader may be slow. The index is in memory; AppendTo and
// Load are for who keeps it in a file.
//
// What Graphite does is kept, bugs aside. Different on purpose: a pattern with an empty node (a..b,
// or {a,}.b for the empty one) finds nothing there, where Graphite passes over the level; an
// escaped wildcard (a.\*) finds names instead of repeating the pattern; several ** in one pattern
// work; regular expressions are Go's.
package index
