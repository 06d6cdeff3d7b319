package call

import (
	"slices"
	"sync"
)

// Reply is an answer apart from its request, so that other requests can be given it.
type Reply struct {
	Body []byte // must not be modified
	Err  error  // then there is nothing else

	headers [][2]string
	targets []string // that the error is about

	gzip, zstd struct {
		once sync.Once
		body []byte
	}
}

// Pack returns the body as pack compresses it, which is done once for each coding.
func (r *Reply) Pack(coding string, pack func(coding string, body []byte) []byte) []byte {
	p := &r.gzip
	if coding == "zstd" {
		p = &r.zstd
	}
	p.once.Do(func() { p.body = pack(coding, r.Body) })
	return p.body
}

// ReplyOf takes the answer from a request, with those of the headers that it has. The body is
// copied unless it is large: then no pool takes it back, and it can be shared as it is.
func ReplyOf(q *Request, err error, headers ...string) *Reply {
	if err != nil {
		return &Reply{Err: err, targets: q.Targets}
	}
	r := &Reply{Body: q.Response.Body()}
	if cap(r.Body) <= largeBody {
		r.Body = slices.Clone(r.Body)
	}
	for _, name := range headers {
		if v := q.Response.Header.Peek(name); len(v) > 0 {
			r.headers = append(r.headers, [2]string{name, string(v)})
		}
	}
	return r
}

// Give makes r the answer of a request. All requests that are given it share the body.
func (r *Reply) Give(q *Request) error {
	if r.Err != nil {
		q.Targets = r.targets
		return r.Err
	}
	q.Reply = r
	q.Response.SetBodyRaw(r.Body)
	for _, h := range r.headers {
		q.Response.Header.Set(h[0], h[1])
	}
	return nil
}
