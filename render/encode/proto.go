package encode

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"graphited/render"
)

// Proto writes protobuf messages, field after field, in the canonical form of
// proto3: what is zero is left out. The zero value with or without a Buf is ready.
type Proto struct{ Buf []byte }

// Wire types of protobuf.
const (
	wireVarint = 0
	wire64     = 1
	wireBytes  = 2
	wire32     = 5
)

func (p *Proto) tag(field, wire int) { p.uvarint(uint64(field<<3 | wire)) }

func (p *Proto) uvarint(u uint64) { p.Buf = binary.AppendUvarint(p.Buf, u) }

// Int writes an int32, int64, uint64 or enum.
func (p *Proto) Int(field int, i int64) {
	if i != 0 {
		p.tag(field, wireVarint)
		p.uvarint(uint64(i))
	}
}

// Bool writes a bool.
func (p *Proto) Bool(field int, b bool) {
	if b {
		p.Int(field, 1)
	}
}

// Float32 writes a float.
func (p *Proto) Float32(field int, f float32) {
	if f != 0 {
		p.tag(field, wire32)
		p.Buf = binary.LittleEndian.AppendUint32(p.Buf, math.Float32bits(f))
	}
}

// String writes a string. Bytes that are not UTF-8, which protobuf forbids, become
// U+FFFD.
func (p *Proto) String(field int, s string) {
	if s != "" {
		p.Element(field, s)
	}
}

// Element writes a string of a repeated field, which is there when empty too.
func (p *Proto) Element(field int, s string) {
	s = strings.ToValidUTF8(s, "\uFFFD")
	p.tag(field, wireBytes)
	p.uvarint(uint64(len(s)))
	p.Buf = append(p.Buf, s...)
}

// Doubles writes a packed list of doubles.
func (p *Proto) Doubles(field int, values []float64) {
	if len(values) == 0 {
		return
	}
	p.tag(field, wireBytes)
	p.uvarint(uint64(8 * len(values)))
	p.Buf = slices.Grow(p.Buf, 8*len(values))
	for _, v := range values {
		p.Buf = binary.LittleEndian.AppendUint64(p.Buf, math.Float64bits(v))
	}
}

// Open begins a message within; its fields follow, then Close with what Open
// returned.
func (p *Proto) Open(field int) (begin int) {
	p.tag(field, wireBytes)
	return len(p.Buf)
}

// Close ends the message that Open began. It moves its bytes once to make room
// for their number.
func (p *Proto) Close(begin int) {
	n := len(p.Buf) - begin
	p.uvarint(uint64(n))
	width := len(p.Buf) - begin - n
	var length [binary.MaxVarintLen64]byte
	copy(length[:], p.Buf[begin+n:])
	copy(p.Buf[begin+width:], p.Buf[begin:begin+n])
	copy(p.Buf[begin:], length[:width])
}

// AppendProtoV2 appends the series as carbonapi_v2_pb's MultiFetchResponse. Times
// are 32 bits there; a null is a zero that is marked absent.
func AppendProtoV2(dst []byte, series []*render.Series) []byte {
	p := Proto{Buf: dst}
	for _, s := range series {
		m := p.Open(1)
		p.String(1, s.Name)
		p.Int(2, int64(int32(s.From)))
		p.Int(3, int64(int32(s.Until)))
		p.Int(4, int64(int32(s.Step)))
		if len(s.Values) > 0 {
			p.present(s.Values)
		}
		p.Close(m)
	}
	return p.Buf
}

// present writes values, of which there are some: zero for null, and which of
// them are absent.
func (p *Proto) present(values []float64) {
	p.Doubles(5, values)
	data := p.Buf[len(p.Buf)-8*len(values):]
	for i, v := range values {
		if v != v {
			binary.LittleEndian.PutUint64(data[8*i:], 0)
		}
	}
	p.tag(6, wireBytes)
	p.uvarint(uint64(len(values)))
	for _, v := range values {
		absent := byte(0)
		if v != v {
			absent = 1
		}
		p.Buf = append(p.Buf, absent)
	}
}

// ProtoV3Options are what a carbonapi_v3_pb answer repeats of the request.
type ProtoV3Options struct {
	From, Until int64
	// PathExpression is the pattern that the client has made the names from; "" is
	// that of the series.
	PathExpression string
	// Keeps tells how the file of a series is kept: aggregation method and
	// xFilesFactor. Nil, or false, tells what the series itself says.
	Keeps func(name string) (method string, xFilesFactor float64, ok bool)
}

// AppendProtoV3 appends the series as carbonapi_v3_pb's MultiFetchResponse, NaN for
// null. What several calls append is one answer.
func AppendProtoV3(dst []byte, series []*render.Series, o ProtoV3Options) []byte {
	p := Proto{Buf: dst}
	for _, s := range series {
		method, factor := consolidationName(s), s.XFilesFactor
		if o.Keeps != nil {
			if m, f, ok := o.Keeps(s.Name); ok {
				method, factor = m, f
			}
		}
		path := o.PathExpression
		if path == "" {
			path = s.Path
		}
		m := p.Open(1)
		p.String(1, s.Name)
		p.String(2, path)
		p.String(3, Title(method))
		p.Int(4, s.From)
		p.Int(5, s.Until)
		p.Int(6, s.Step)
		p.Float32(7, float32(factor))
		p.Doubles(9, s.Values)
		p.Int(11, o.From)
		p.Int(12, o.Until)
		p.Close(m)
	}
	return p.Buf
}

// Title returns the name of an aggregation method as go-carbon writes it:
// "Average".
func Title(method string) string {
	if method == "" {
		return ""
	}
	return strings.ToUpper(method[:1]) + method[1:]
}
