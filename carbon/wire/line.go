package wire

import (
	"bytes"
	"graphited/carbon/pyvalue"
	"unicode/utf8"
)

// MaxLine is the longest line, in bytes: what carbon's LineOnlyReceiver takes. Carbon closes the
// connection over a longer one; here it is skipped and counted, since the next newline tells where
// the input is sound again.
const MaxLine = 16384

// lineDecoder reads carbon's plaintext protocol: "metric value timestamp\n".
type lineDecoder struct {
	skipping bool // inside a line that was too long
}

// NewLineDecoder returns the decoder of one connection.
func NewLineDecoder() Decoder { return &lineDecoder{} }

func (d *lineDecoder) MaxPending() int { return BatchBuffer }

// Ready implements Decoder.
func (d *lineDecoder) Ready(src []byte) bool {
	return d.skipping || len(src) > MaxLine || bytes.IndexByte(src, '\n') >= 0
}

func (d *lineDecoder) Decode(b *Batch, src []byte) ([]byte, error) {
	for {
		end := bytes.IndexByte(src, '\n')
		if end < 0 {
			break
		}
		line := src[:end]
		src = src[end+1:]
		switch {
		case d.skipping:
			d.skipping = false
		case len(line) > MaxLine:
			b.Reject(LineTooLong, line)
		default:
			DecodeLine(b, line)
		}
	}
	if len(src) > MaxLine {
		if !d.skipping {
			b.Reject(LineTooLong, src)
		}
		d.skipping, src = true, src[:0]
	} else if d.skipping {
		src = src[:0]
	}
	return src, nil
}

// DecodeDatagram reads the lines of one datagram. The last one needs no newline, and nothing is
// carried over to the next datagram.
func DecodeDatagram(b *Batch, src []byte) {
	for len(src) > 0 {
		line := src
		if end := bytes.IndexByte(src, '\n'); end >= 0 {
			line, src = src[:end], src[end+1:]
		} else {
			src = nil
		}
		if len(line) > 0 {
			DecodeLine(b, line)
		}
	}
}

// DecodeLine reads one line without its newline. The usual form, three fields with one space
// between them, takes the short way; everything else that carbon's str.split() accepts, tabs,
// repeated blanks, a carriage return, the long one.
func DecodeLine(b *Batch, line []byte) {
	if n := len(line); n > 0 && line[n-1] == '\r' {
		line = line[:n-1]
	}
	i := bytes.IndexByte(line, ' ')
	if i > 0 {
		rest := line[i+1:]
		if j := bytes.IndexByte(rest, ' '); j > 0 {
			v, okV := parseFloat(rest[:j])
			t, okT := parseTime(rest[j+1:])
			if okV && okT {
				b.Add(line[:i], t, v)
				return
			}
		}
	}
	decodeLineSlow(b, line)
}

func decodeLineSlow(b *Batch, line []byte) {
	if !utf8.Valid(line) {
		b.Reject(BadEncoding, line)
		return
	}
	var fields [4][]byte
	n := 0
	for f := range bytes.FieldsFuncSeq(line, pyvalue.IsSpace) {
		if n == len(fields) {
			break
		}
		fields[n] = f
		n++
	}
	if n == 0 {
		return // an empty line is no input
	}
	if n != 3 {
		b.Reject(BadLine, line)
		return
	}
	v, ok := parseFloat(fields[1])
	if !ok {
		b.Reject(BadValue, line)
		return
	}
	t, ok := parseTime(fields[2])
	if !ok {
		b.Reject(BadTimestamp, line)
		return
	}
	b.Add(fields[0], t, v)
}
