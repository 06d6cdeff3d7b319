// Package call holds what every handler of the API needs for one request and its answer: the
// parameters, the ways to answer, the errors with a status, the turn of a query, and the watch over
// its client. It knows no path and nothing of metrics. The packages that answer requests
// (api/query, api/saved, api/member, api/admin) are built on it; package api creates the Requests.
//
// A handler appends its answer to the buffer that fasthttp pools, and returns an error for
// everything that is not an answer. Request.Fail alone converts errors to a status and a body.
//
// Nothing of a request is copied into a header unless it is reduced to printable ASCII, and nothing
// into HTML unless it is escaped.
package call
