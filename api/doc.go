// Package api serves Graphite over HTTP. A Server listens, decides who may ask, finds the route of
// a path and lets its handler answer; then it compresses, counts and logs. What it answers is in
// the packages below:
//
//	query   /render, finding names, /tags, /functions
//	saved   events, dashboards, graphs, short links
//	member  what members of a cluster and carbonapi ask
//	admin   the server itself and its series as a whole
//	names   metric names, here and at the other members of the cluster
//	call    one request and its answer, for all of these
//	cluster requests to other members
//	store   the file of what is saved
//	web     the page
//
// routes.go is the table of all paths. Options is the configuration of a Server, Deps the parts of
// the program that it uses.
//
// New returns a Server that is complete and listens, and Run serves. Each request is one goroutine
// of fasthttp. It has a deadline, and waits for its turn if too many run. It also ends when its
// client leaves, unless other requests wait for the same answer (see package call).
package api
