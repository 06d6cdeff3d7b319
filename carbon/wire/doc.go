// Package wire turns bytes into points. It reads lines, pickles and protobuf messages, plain or
// compressed, and gives a Reason for each piece that it refuses. It knows nothing of caches, files
// and connections, so a relay, an aggregator or another receiver can use it alone.
//
// A Decoder appends the points of a connection to a Batch. Batches are pooled, and the names of
// their points are slices of their own buffers, so that nothing is allocated for a point.
package wire
