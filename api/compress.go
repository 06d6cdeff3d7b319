package api

import (
	"bytes"
	"strings"

	"github.com/klauspost/compress/gzip"
)

// Answers of less are not worth compressing; Django's middleware says the same.
const minCompressed = 200

// compress compresses the answer for who accepts gzip.
func (s *Server) compress(q *request) {
	body := q.Response.Body()
	if len(body) <= minCompressed || strings.HasPrefix(string(q.Response.Header.ContentType()), "image/png") {
		return
	}
	q.Response.Header.Add("Vary", "Accept-Encoding")
	if !acceptsGzip(string(q.Request.Header.Peek("Accept-Encoding"))) {
		return
	}
	var out bytes.Buffer
	out.Grow(len(body)/4 + 1024)
	z := s.gzips.Get().(*gzip.Writer)
	defer s.gzips.Put(z)
	z.Reset(&out)
	_, err := z.Write(body)
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		panic("BUG: cannot compress into memory: " + err.Error())
	}
	q.Response.Header.Set("Content-Encoding", "gzip")
	q.Response.SetBodyRaw(out.Bytes())
}

// newGzip makes a writer for the pool: as fast as can be, for the network is
// seldom what is slow.
func newGzip() any {
	z, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("BUG: " + err.Error())
	}
	return z
}

// acceptsGzip reads an Accept-Encoding header.
func acceptsGzip(accept string) bool {
	for coding := range strings.SplitSeq(accept, ",") {
		name, weight, _ := strings.Cut(coding, ";")
		if !strings.EqualFold(strings.TrimSpace(name), "gzip") {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(weight, " ", ""), "q=")
		return !ok || strings.Trim(q, "0.") != ""
	}
	return false
}
