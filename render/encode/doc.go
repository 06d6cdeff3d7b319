// Package encode writes evaluated series in the data formats of graphite-web's
// /render: json, csv, raw, pickle, msgpack, dygraph and rickshaw.
//
// Every encoder appends to a byte slice that the caller owns and returns the extended slice.
// Encoders do not retain the slice or change the series, and they are safe for concurrent use. They
// write the same bytes as graphite-web's views, including Python's number text (1.0, 1e+16, 1e-05,
// -0.0) and its ", " and ": ".
//
// There are three differences, because the original output breaks its readers: infinities are
// written as 1e9999 in every JSON dialect (graphite-web writes a bare Infinity in dygraph and
// rickshaw, which is not JSON), series of unequal length do not make a dygraph response fail, and a
// series that is too short for its maxDataPoints gives an empty list.
//
// Writer is the JSON writer below these encoders, for other responses in the same style.
package encode
