package call

import "context"

// Enter waits for the turn of a query at a gate, as long as its client waits. The client is watched
// until leave, which gives the slot back.
func (q *Request) Enter(g *Gate) (leave func(), err error) {
	w := q.watch(g)
	if err := g.Enter(q.Ctx); err != nil {
		w.end()
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.inside = true
	return func() {
		w.end()
		g.Leave()
	}, nil
}

// Watch watches the client of a query that waits for the answer to another one, until end.
func (q *Request) Watch() (end func()) { return q.watch(nil).end }

// watch starts a watch over the client of a query that has to pass a gate, or takes no slot if that
// is nil.
func (q *Request) watch(g *Gate) *watch {
	w := &watch{gate: g, tcp: q.tcp, wanted: q.Wanted, counts: &q.Site.Counts}
	q.watched = w
	if w.tcp == nil {
		w.cancel = func() {}
		return w
	}
	w.conn, w.http11 = q.Conn(), q.Request.Header.IsHTTP11()
	q.Ctx, w.cancel = context.WithCancel(q.Ctx)
	w.start()
	return w
}
