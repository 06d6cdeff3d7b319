// Package wire turns bytes into points. It reads lines, pickles and protobuf messages, plain or
// compressed, and gives a Reason for each piece that it refuses. It knows nothing of caches, files
// and connections, so a relay, an aggregator or another receiver can use it alone.
//
// A Decoder appends the points of a connection to a Batch. Batches are pooled, and the names of
// their points are slices of their own buffers, so that nothing is allocated for a point.
//
// The protobuf reader is written by hand: protowire, of google.golang.org/protobuf, is not faster,
// refuses numbers of more than 64 bits, which Python's protobuf takes, and would be one more
// dependency.
package wire
