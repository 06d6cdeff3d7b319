// Package attime reads the times of Graphite's from and until parameters, such
// as -1d, midnight+1h, 14:05_20260102 or 1767225600, and the intervals in the
// arguments of its functions.
//
// The language is the one of graphite-web's attime.py, oddities included: 12am
// is noon and 12pm is midnight, 12:30pm is half past midnight; m is not a unit,
// so -5m is an error; a month's name means that month of the current year, also
// where it lies ahead; the time of day comes before the day; an offset's sign
// counts for all of its parts; ISO dates are not understood, as 2026-01-02 is the
// year 2026 minus something.
//
// A time of day that exists twice, when summer time ends, is in standard time. One
// that does not exist, when it begins, is read with the offset from before.
// Offsets are durations: -1d is 24 hours, over a change of the clock as well.
//
// Different from graphite-web: only ASCII digits are digits; summer time goes on
// after 2037, where pytz has no more of it.
//
// All functions are safe for concurrent use, and nothing in a text makes them
// panic.
package attime
