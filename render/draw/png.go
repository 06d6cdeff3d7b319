package draw

import (
	"encoding/binary"
	"hash/crc32"

	"github.com/klauspost/compress/zlib"
)

// finish appends the PNG file.
func (r *raster) finish(dst []byte) ([]byte, error) {
	dst = append(dst, "\x89PNG\r\n\x1a\n"...)
	var head [13]byte
	binary.BigEndian.PutUint32(head[0:], uint32(r.w))
	binary.BigEndian.PutUint32(head[4:], uint32(r.h))
	head[8], head[9] = 8, 2
	if r.depth == 4 {
		head[9] = 6
		r.divide()
	}
	dst = appendChunk(dst, "IHDR", head[:])
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0, 'I', 'D', 'A', 'T')
	dst, err := r.packer.pack(dst, r.pix)
	if err != nil {
		return nil, err
	}
	return appendChunk(sealChunk(dst, at), "IEND", nil), nil
}

// divide converts premultiplied colours to those of PNG, which are not.
func (r *raster) divide() {
	for y := range r.h {
		row := r.pix[y*r.stride+1:][:4*r.w]
		for x := 0; x < len(row); x += 4 {
			p := row[x : x+4 : x+4]
			if a := uint32(p[3]); a != 0 && a != 255 {
				for k := range 3 {
					p[k] = uint8(min(255, (uint32(p[k])*255+a/2)/a))
				}
			}
		}
	}
}

// packer compresses data. Its zero value is ready to use. It keeps its half megabyte of memory for
// the next picture.
type packer struct {
	z   *zlib.Writer
	out []byte
}

// Write receives the output of the compressor.
func (p *packer) Write(b []byte) (int, error) {
	p.out = append(p.out, b...)
	return len(b), nil
}

// pack appends compressed data to dst.
func (p *packer) pack(dst, data []byte) ([]byte, error) {
	p.out = dst
	defer func() { p.out = nil }()
	if p.z == nil {
		var err error
		if p.z, err = zlib.NewWriterLevel(p, zlib.BestSpeed); err != nil {
			return nil, err
		}
	} else {
		p.z.Reset(p)
	}
	if _, err := p.z.Write(data); err != nil {
		return nil, err
	}
	if err := p.z.Close(); err != nil {
		return nil, err
	}
	return p.out, nil
}

func appendChunk(dst []byte, name string, data []byte) []byte {
	at := len(dst)
	dst = append(dst, 0, 0, 0, 0)
	dst = append(dst, name...)
	dst = append(dst, data...)
	return sealChunk(dst, at)
}

// sealChunk writes the length and checksum of the chunk that begins at at.
func sealChunk(dst []byte, at int) []byte {
	binary.BigEndian.PutUint32(dst[at:], uint32(len(dst)-at-8))
	return binary.BigEndian.AppendUint32(dst, crc32.ChecksumIEEE(dst[at+4:]))
}
