package encode

import (
	"encoding/binary"
	"math"
	"slices"
	"strings"

	"graphited/render"
)

// Proto writes protobuf messages field by field in the canonical form of proto3, which omits zero
// values. The zero value is ready to use, with or without a Buf.
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

// String writes a string. It replaces invalid UTF-8, which protobuf forbids, by U+FFFD.
func (p *Proto) String(field int, s string) {
	if s != "" {
		p.Element(field, s)
	}
}

// Element writes a string of a repeated field, which is written even if it is empty.
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

// Open begins an embedded message. Its fields follow, then Close with the result of Open.
func (p *Proto) Open(field int) (begin int) {
	p.tag(field, wireBytes)
	return len(p.Buf)
}

// Close ends the message that Open began. It moves the message's bytes once to make room for its
// length.
func (p *Proto) Close(begin int) {
	n := len(p.Buf) - begin
	p.uvarint(uint64(n))
	width := len(p.Buf) - begin - n
	var length [binary.MaxVarintLen64]byte
	copy(length[:], p.Buf[begin+n:])
	copy(p.Buf[begin+width:], p.Buf[begin:begin+n])
	copy(p.Buf[begin:], length[:width])
}

// AppendProtoV2 appends the series as carbonapi_v2_pb's MultiFetchResponse. It has 32-bit times,
// and a null is a zero that is marked absent.
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

// present writes the values, with zero for null, and which of them are absent. There must be at
// least one.
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

// ProtoV3Options are the parts of a request that a carbonapi_v3_pb response repeats.
type ProtoV3Options struct {
	From, Until int64
	// PathExpression is the pattern that matched the names. "" means the PathExpression of the
	// series.
	PathExpression string
	// Keeps returns how the file of a series aggregates: method and xFilesFactor. If Keeps is nil
	// or ok is false, the series' own values are used.
	Keeps func(name string) (method string, xFilesFactor float64, ok bool)
}

// AppendProtoV3 appends the series as carbonapi_v3_pb's MultiFetchResponse, with NaN for null. The
// output of several calls is one response.
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
