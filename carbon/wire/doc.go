// Package wire turns bytes into points: lines, pickles and protobuf messages, plain or compressed,
// and the Reason for each piece that it refuses. It knows no cache, no file and no connection;
// relays, aggregators and other receivers can use it alone.
//
// A Decoder appends the points of a connection to a Batch, which is pooled: the names of its points
// are slices of the batch's own buffer, so that nothing is allocated for a point.
package wire
