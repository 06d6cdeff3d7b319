// Package cluster asks the other members of a cluster for what they have:
// graphited, graphite-web and go-carbon, in the way of graphite-web's
// CLUSTER_SERVERS. All three answer /metrics/find and /render with format=pickle
// and local=1, which is what is sent unless an entry says format=msgpack.
//
// A Cluster is made complete by New. Each question goes to all servers at the
// same time, over connections that are kept; a server that does not answer, or not
// with what it should, is a warning beside what the others say, and is left alone
// for a while (REMOTE_RETRY_DELAY). What is asked for on behalf of another member
// is never asked further, and a chain of members that would come back to where it
// began is refused (Accept).
//
// What servers answer is not trusted: it is bounded, and read as nothing but data.
package cluster
