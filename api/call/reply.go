package call

import (
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
