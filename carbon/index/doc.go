// Package index holds the names of metrics. It finds the names that match a pattern and the series
// that have certain tags.
//
// A Tree holds the names without tags and finds patterns. Most of its names are in snapshots, which
// are trees in flat arrays with each distinct word once. New names wait in a list until a goroutine
// merges them. A pattern becomes a glob for each node, a glob becomes the set of the words that
// match, and a find walks through the arrays and compares word numbers. Braces are expanded only if
// they stand for a few plain words.
//
// Tags is an inverted index of the series with tags. It has a bitmap of series for each value of
// each tag.
//
// Search finds names in both that contain the words of a text.
//
// ParseTagged returns the canonical form of a name. TaggedFile and MetricFile return where the
// name's file is.
//
// All types are safe for concurrent use. A find may or may not see names that are added or deleted
// while it runs. It never waits for a merge, and its reader may be slow. The index is in memory;
// AppendTo and Load allow a caller to store it in a file.
//
// The index does what Graphite does, except for bugs and these intended differences: a pattern with
// an empty node (a..b, or {a,}.b with its empty alternative) finds nothing there, where Graphite
// skips the level. An escaped wildcard (a.\*) finds names instead of returning the pattern. Several
// ** in one pattern work. Regular expressions are Go's.
package index
