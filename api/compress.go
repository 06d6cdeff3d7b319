package api

import (
	"bytes"
	"strconv"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"graphited/api/call"
)

// minCompressed is the largest answer that is not worth compressing, as in Django's middleware.
const minCompressed = 200

// packers has the compressors that wait for the next answer.
type packers struct {
	gzips sync.Pool // of *gzip.Writer
	zstds sync.Pool // of *zstd.Encoder
}

// compress compresses the answer if the client accepts that and it becomes shorter.
func (p *packers) compress(q *call.Request) {
	if q.Response.IsBodyStream() {
		return
	}
	body := q.Response.Body()
	if len(body) <= minCompressed || q.IsHead() || isPacked(string(q.Response.Header.ContentType())) || len(q.Response.Header.ContentEncoding()) > 0 {
		return
	}
	q.Response.Header.Add("Vary", "Accept-Encoding")
	coding := preferred(string(q.Request.Header.Peek("Accept-Encoding")))
	if coding == "" {
		return
	}
	var out []byte
	if q.Reply != nil && q.Reply.Err == nil {
		out = q.Reply.Pack(coding, p.pack)
	} else {
		out = p.pack(coding, body)
	}
	if len(out) >= len(body) {
		return
	}
	q.Response.Header.Set("Content-Encoding", coding)
	q.Response.SetBodyRaw(out)
}

// pack compresses a body as zstd or gzip.
func (p *packers) pack(coding string, body []byte) []byte {
	if coding == "zstd" {
		return p.zstd(body)
	}
	return p.gzip(body)
}

// isPacked reports whether data of a type is already compressed.
func isPacked(contentType string) bool {
	return strings.HasPrefix(contentType, "image/png") || strings.HasPrefix(contentType, "application/x-pdf")
}

// gzip compresses as fast as possible, because the network is seldom slow.
func (p *packers) gzip(body []byte) []byte {
	z, _ := p.gzips.Get().(*gzip.Writer)
	if z == nil {
		var err error
		if z, err = gzip.NewWriterLevel(nil, gzip.BestSpeed); err != nil {
			panic("BUG: " + err.Error())
		}
	}
	defer p.gzips.Put(z)
	var out bytes.Buffer
	out.Grow(len(body)/4 + 1024)
	z.Reset(&out)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic("BUG: cannot compress into memory: " + err.Error())
	}
	return out.Bytes()
}

func (p *packers) zstd(body []byte) []byte {
	z, _ := p.zstds.Get().(*zstd.Encoder)
	if z == nil {
		var err error
		z, err = zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithLowerEncoderMem(true), zstd.WithWindowSize(1<<20))
		if err != nil {
			panic("BUG: " + err.Error())
		}
	}
	defer p.zstds.Put(z)
	return z.EncodeAll(body, make([]byte, 0, len(body)/4+1024))
}

// preferred returns which of zstd and gzip an Accept-Encoding header prefers, or "" for neither. If
// it likes both the same, the result is zstd, which is faster.
func preferred(accept string) string {
	var best, wish = "", 0.0
	weights := map[string]float64{}
	for coding := range strings.SplitSeq(accept, ",") {
		name, rest, _ := strings.Cut(coding, ";")
		w := 1.0
		if text, ok := strings.CutPrefix(strings.ToLower(strings.ReplaceAll(rest, " ", "")), "q="); ok {
			var err error
			if w, err = strconv.ParseFloat(text, 64); err != nil || !(w >= 0 && w <= 1) {
				w = 0
			}
		}
		weights[strings.ToLower(strings.TrimSpace(name))] = w
	}
	for _, name := range [...]string{"zstd", "gzip"} {
		w, ok := weights[name]
		if !ok && name == "gzip" { // "*" means anything, but clients that want zstd name it
			w = weights["*"]
		}
		if w > wish {
			best, wish = name, w
		}
	}
	return best
}
