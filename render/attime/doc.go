// Package attime reads the times of Graphite's from and until parameters, such
// as -1d, midnight+1h, 14:05_20260102 or 1767225600, and the intervals in the
// arguments of its functions.
//
// The language is that of graphite-web's attime.py, including its oddities: 12am is noon and 12pm
// is midnight, 12:30pm is half past midnight; m is not a unit, so -5m is an error; the name of a
// month means that month of the current year, even if it lies ahead; the time of day precedes the
// day; the sign of an offset applies to all of its parts; ISO dates are not supported: 2026-01-02
// means the year 2026 minus something.
//
// A time of day that occurs twice, at the end of summer time, is in standard time. One that does
// not occur, at its beginning, is read with the earlier offset. Offsets are durations: -1d is 24
// hours, even across a change of the clock.
//
// There are two differences from graphite-web: only ASCII digits are digits, and summer time
// continues after 2037, where pytz's data ends.
//
// All functions are safe for concurrent use, and no text makes them panic.
package attime
