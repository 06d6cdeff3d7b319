package wire

import (
	"fmt"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"
)

// maxWindow is how far back a zstd stream may refer, which is about the memory that its connection
// costs. RFC 8878 recommends that every decoder support this size. A gzip stream costs about
// 50 KiB, a snappy stream twice its block of 64 KiB.
const maxWindow = 8 << 20

// Unpacker returns a function that decompresses the stream of a connection, chosen by the value of
// LINE_RECEIVER_COMPRESSION, or nil if streams are not compressed. The reader that the function
// returns does not read from the connection before its own first Read. It must be closed, which
// does not close the connection.
func Unpacker(compression string) (func(io.Reader) io.ReadCloser, error) {
	switch compression {
	case "", "none":
		return nil, nil
	case "gzip":
		return func(r io.Reader) io.ReadCloser { return &gunzip{from: r} }, nil
	case "snappy":
		return func(r io.Reader) io.ReadCloser {
			return io.NopCloser(s2.NewReader(r, s2.ReaderMaxBlockSize(64<<10), s2.ReaderAllocBlock(1<<10)))
		}, nil
	case "zstd":
		return func(r io.Reader) io.ReadCloser {
			d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
			if err != nil {
				panic("BUG: options for zstd: " + err.Error())
			}
			return d.IOReadCloser()
		}, nil
	}
	return nil, fmt.Errorf("cannot unpack %q: expected gzip, snappy or zstd", compression)
}

// gunzip is a gzip.Reader that reads the header of its stream in the first Read, not before.
type gunzip struct {
	from io.Reader
	z    *gzip.Reader
	err  error
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.z == nil && g.err == nil {
		g.z, g.err = gzip.NewReader(g.from)
	}
	if g.err != nil {
		return 0, g.err
	}
	return g.z.Read(p)
}

func (g *gunzip) Close() error { return nil }
