// Package config reads Graphite's configuration: carbon.conf, storage-schemas.conf and
// storage-aggregation.conf, as carbon-cache reads them.
//
// The nouns: a [Source] says where to look; a [Config] is what was found, as typed options of the
// packages that use them; [Rules] say how a metric is stored, made of [Schemas] (how long) and
// [Aggregation] (how it is rolled up); a [pyvalue.Regexp] is their pattern; a [Report] lists
// the [Problem]s, each with file, line, section, key and value.
//
// Loading never stops at the first mistake: everything that is wrong is reported at once, and a bad
// value leaves the default in place. A Config whose report has an error must not be run.
//
// Everything returned is immutable and may be used by any number of goroutines. A reload makes new
// Rules; the owner swaps the pointer.
//
// Caveats. Files are read as Python 3's ConfigParser reads them, so a mistake that keeps carbon
// from starting is an error here, and what carbon skips with a line in its log is a warning here.
// Options of carbon that have no meaning in this program are named once, at debug severity.
package config
