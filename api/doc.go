// Package api answers HTTP as graphite-web does: /render, /metrics/find and what
// else is below /metrics, /tags, /functions, /events, /version, and of what people
// save the data, not the pages: /dashboard, /composer/mygraph, /browser/mygraph,
// /s. To carbonapi it is what go-carbon is: /render, /metrics/find and /info in
// protobuf, /metrics/list, /metrics/details, /_internal/capabilities. Of its own it
// has /health, /ready, /prometheus and /api/ingest.
//
// A Server is made complete by New, which also listens, and runs in Run. Each
// request is one goroutine of fasthttp: it reads its parameters once (params),
// finds its handler by a switch on the path (route.go), and appends its answer
// to the body buffer that fasthttp pools. Handlers return an error for what is
// not an answer; request.fail alone turns errors into status and body.
//
// Before a handler comes who asks (auth.go, and the listener for addresses), after
// it what packs, counts and logs (serve.go). Equal renders are computed one at a
// time and share their answer (flight.go), which may be kept (answers.go).
//
// What is asked for lies behind interfaces that this package declares (Finder,
// Tags, Events, Metadata), in package store and behind render.Engine; all of them
// must be safe for concurrent use. A query has a deadline, and only so many run at
// a time. Nobody notices when who asked goes away: the deadline alone ends such a
// query.
//
// Nothing of a request is ever copied into a header unless it is reduced to
// printable ASCII, and nothing into HTML unless it is escaped.
package api
