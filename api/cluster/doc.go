// Package cluster asks the other members of a cluster for names and points, like graphite-web's
// CLUSTER_SERVERS. Members may be graphited, graphite-web and go-carbon. All three answer
// /metrics/find and /render with format=pickle and local=1, which is what the package sends unless
// an entry has format=msgpack.
//
// Create a Cluster with New. It sends each request to all servers at the same time, over persistent
// connections. A server that does not answer, or gives an invalid response, causes a warning beside
// the responses of the others, and is not asked again for a while (REMOTE_RETRY_DELAY). Requests on
// behalf of another member are not forwarded, and Accept refuses a chain of members that forms a
// loop.
//
// Responses are not trusted: their size is limited, and they are read only as data.
package cluster
