package cluster

import (
	"encoding/binary"
	"math"

	"github.com/tinylib/msgp/msgp"

	"graphited/whisper"
)

// packed reads MessagePack. After the first error it reads nothing more.
type packed struct {
	b   []byte
	err error
}

// list reads the length of a list and calls f for each item.
func (p *packed) list(f func()) {
	var n uint32
	if p.err == nil {
		n, p.b, p.err = msgp.ReadArrayHeaderBytes(p.b)
	}
	for ; n > 0 && p.err == nil; n-- {
		f()
	}
}

// dict reads a map and calls f for each key. f reads the value, or returns false to skip it.
func (p *packed) dict(f func(key string) bool) {
	var n uint32
	if p.err == nil {
		n, p.b, p.err = msgp.ReadMapHeaderBytes(p.b)
	}
	for ; n > 0 && p.err == nil; n-- {
		var key []byte
		if key, p.b, p.err = readText(p.b); p.err == nil && !f(string(key)) && p.err == nil {
			p.b, p.err = msgp.Skip(p.b)
		}
	}
}

// readText reads text, which old packers for Python encode as bytes.
func readText(b []byte) (text, rest []byte, err error) {
	if msgp.NextType(b) == msgp.BinType {
		return msgp.ReadBytesZC(b)
	}
	return msgp.ReadStringZC(b)
}

func (p *packed) text() (s string) {
	if p.err == nil {
		var text []byte
		text, p.b, p.err = readText(p.b)
		s = string(text)
	}
	return s
}

func (p *packed) boolean() (b bool) {
	if p.err == nil {
		b, p.b, p.err = msgp.ReadBoolBytes(p.b)
	}
	return b
}

// number reads any number. nil becomes NaN.
func (p *packed) number() (v float64) {
	if p.err != nil {
		return 0
	}
	switch msgp.NextType(p.b) {
	case msgp.Float64Type:
		v, p.b, p.err = msgp.ReadFloat64Bytes(p.b)
	case msgp.Float32Type:
		var f float32
		f, p.b, p.err = msgp.ReadFloat32Bytes(p.b)
		v = float64(f)
	case msgp.NilType:
		p.b, p.err = msgp.ReadNilBytes(p.b)
		v = math.NaN()
	case msgp.UintType:
		var u uint64
		u, p.b, p.err = msgp.ReadUint64Bytes(p.b)
		v = float64(u)
	default:
		var i int64
		i, p.b, p.err = msgp.ReadInt64Bytes(p.b)
		v = float64(i)
	}
	return v
}

func unpackNodes(body []byte) ([]Node, error) {
	p := &packed{b: body}
	var nodes []Node
	p.list(func() {
		var n Node
		p.dict(func(key string) bool {
			switch key {
			case "path", "metric_path":
				n.Path = p.text()
			case "is_leaf", "isLeaf":
				n.Leaf = p.boolean()
			case "intervals":
				p.intervals(&n)
			default:
				return false
			}
			return true
		})
		if p.err == nil && n.Path == "" {
			p.err = errNoNode
		}
		nodes = append(nodes, n)
	})
	return nodes, p.err
}

// intervals reads pairs of times.
func (p *packed) intervals(n *Node) {
	p.list(func() {
		var pair []float64
		p.list(func() { pair = append(pair, p.number()) })
		if len(pair) == 2 {
			n.span(pair[0], pair[1])
		}
	})
}

func unpackSeries(body []byte) ([]entry, error) {
	p := &packed{b: body}
	var entries []entry
	p.list(func() {
		var e entry
		var start, step float64
		p.dict(func(key string) bool {
			switch key {
			case "name":
				e.name = p.text()
			case "pathExpression":
				e.path = p.text()
			case "start":
				start = p.number()
			case "step":
				step = p.number()
			case "values":
				e.series = whisper.Series{Values: p.values()}
			default:
				return false
			}
			return true
		})
		if p.err == nil {
			p.err = e.check(start, step)
		}
		entries = append(entries, e)
	})
	return entries, p.err
}

// values reads a list of numbers. It does not trust a length that exceeds the number of bytes.
func (p *packed) values() []float64 {
	n, b, err := msgp.ReadArrayHeaderBytes(p.b)
	if p.b, p.err = b, err; err != nil {
		return nil
	}
	values := make([]float64, 0, min(int(n), len(p.b)))
	for ; n > 0 && p.err == nil; n-- {
		if len(p.b) >= 9 && p.b[0] == packedFloat64 { // the type of nearly all values
			values = append(values, math.Float64frombits(binary.BigEndian.Uint64(p.b[1:])))
			p.b = p.b[9:]
			continue
		}
		values = append(values, p.number())
	}
	return values
}

// packedFloat64 is the first byte of a float64.
const packedFloat64 = 0xcb
