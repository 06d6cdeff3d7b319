// Package agg has graphite-web's aggregation functions: each reduces many values to one, either the
// values of one series or, row by row, those of many. Missing values are NaN.
//
// It knows values only, and neither series nor requests. The engine uses it to merge the points of a
// series, the functions (render/fn) for all else.
package agg
