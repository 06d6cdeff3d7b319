// Package config reads carbon.conf as carbon-cache reads it, and the rule files beside it, into the
// typed options of the packages that use them, and checks the whole.
//
// The nouns: a [Source] says where to look; a [Config] is what was found; [Live] is the part of it
// that is read again while the program runs.
//
// Loading never stops at the first mistake: everything that is wrong is reported at once, and a bad
// value leaves the default in place. A Config whose report has an error must not be run.
//
// A Config is immutable once the flags are laid over it, and may be used by any number of
// goroutines.
//
// Caveats. Files are read as Python 3's ConfigParser reads them, so a mistake that keeps carbon
// from starting is an error here, and what carbon skips with a line in its log is a warning here.
// Options of carbon that have no meaning in this program are named once, at debug severity.
//
// The rooms: problem has what is told about a file, ini takes files apart, parse reads single
// values, pyregex matches Python's regular expressions, rules reads the rule files, and command has
// the flags and the commands. This package knows nothing of the command line; only main and command
// import it.
package config
