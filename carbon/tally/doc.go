// Package tally counts what the daemon does and tells what it refuses: counters with a reason for
// every point that is lost, durations, the latest offence for each reason, the newest series, and
// loggers that a flood of bad input cannot flood. It knows nothing of cache, files and connections;
// all of them count here, and the reports read it.
package tally
