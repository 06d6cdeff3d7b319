// Package encode writes evaluated series in the data formats of graphite-web's
// /render: json, csv, raw, pickle, msgpack, dygraph and rickshaw.
//
// Every encoder appends to a byte slice that the caller owns and returns the
// grown slice; none keeps it, none changes the series, and all are safe for
// concurrent use. The bytes are those that graphite-web's views write, down to
// Python's number text (1.0, 1e+16, 1e-05, -0.0) and its ", " and ": ".
//
// Deviations, each because the original breaks its readers: infinities are
// written as 1e9999 in every JSON dialect (graphite-web leaves a bare Infinity
// in dygraph and rickshaw, which is not JSON), series of unequal length do not
// end a dygraph answer, and a series that is too short for its maxDataPoints
// gives an empty list.
//
// Writer is the JSON writer beneath, for other answers of the same look.
package encode
