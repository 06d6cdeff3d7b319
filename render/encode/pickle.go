package encode

import (
	"encoding/binary"
	"math"
	"strings"

	"graphited/render"
)

// Opcodes of Python's pickle, protocol 2 (pickletools.py).
const (
	opProto      = 0x80
	opStop       = '.'
	opMark       = '('
	opNone       = 'N'
	opTrue       = 0x88
	opFalse      = 0x89
	opInt1       = 'K'
	opInt2       = 'M'
	opInt4       = 'J'
	opLong1      = 0x8a
	opFloat      = 'G'
	opUnicode    = 'X'
	opEmptyList  = ']'
	opAppends    = 'e'
	opEmptyDict  = '}'
	opSetItems   = 'u'
	opGlobal     = 'c'
	opEmptyTuple = ')'
	opTuple2     = 0x86
	opNewObj     = 0x81
	opBuild      = 'b'
)

// Pickle writes a Python pickle of protocol 2, which every Python since 2.3 reads. It supports only
// the types in graphite-web's responses. Calls must nest.
type Pickle struct{ Buf []byte }

// Begin writes the beginning of a pickle.
func (p *Pickle) Begin() { p.op(opProto, 2) }

// End ends the pickle.
func (p *Pickle) End() { p.op(opStop) }

// OpenList begins a list. Its items follow, then CloseList.
func (p *Pickle) OpenList() { p.op(opEmptyList, opMark) }

// CloseList ends the innermost list.
func (p *Pickle) CloseList() { p.op(opAppends) }

// OpenDict begins a dict. Keys and values follow in turn, then CloseDict.
func (p *Pickle) OpenDict() { p.op(opEmptyDict, opMark) }

// CloseDict ends the innermost dict.
func (p *Pickle) CloseDict() { p.op(opSetItems) }

// None writes None.
func (p *Pickle) None() { p.op(opNone) }

// Bool writes True or False.
func (p *Pickle) Bool(b bool) {
	if b {
		p.op(opTrue)
	} else {
		p.op(opFalse)
	}
}

// Int writes an int.
func (p *Pickle) Int(i int64) {
	switch {
	case i >= 0 && i <= 0xff:
		p.op(opInt1, byte(i))
	case i >= 0 && i <= 0xffff:
		p.op(opInt2, byte(i), byte(i>>8))
	case i >= math.MinInt32 && i <= math.MaxInt32:
		p.op(opInt4)
		p.Buf = binary.LittleEndian.AppendUint32(p.Buf, uint32(i))
	default:
		p.op(opLong1, 8)
		p.Buf = binary.LittleEndian.AppendUint64(p.Buf, uint64(i))
	}
}

// Float writes a float, including NaN and infinities.
func (p *Pickle) Float(f float64) {
	p.op(opFloat)
	p.Buf = binary.BigEndian.AppendUint64(p.Buf, math.Float64bits(f))
}

// String writes a str. It replaces invalid UTF-8 by U+FFFD.
func (p *Pickle) String(s string) {
	s = strings.ToValidUTF8(s, "\uFFFD")
	p.op(opUnicode)
	p.Buf = binary.LittleEndian.AppendUint32(p.Buf, uint32(len(s)))
	p.Buf = append(p.Buf, s...)
}

// Intervals writes one interval as a graphite.intervals.IntervalSet, which graphite-web's remote
// finder expects in /metrics/find?format=pickle.
func (p *Pickle) Intervals(start, end float64) {
	p.openObject("graphite.intervals", "IntervalSet")
	p.String("intervals")
	p.OpenList()
	p.openObject("graphite.intervals", "Interval")
	p.String("start")
	p.Float(start)
	p.String("end")
	p.Float(end)
	p.String("tuple")
	p.Float(start)
	p.Float(end)
	p.op(opTuple2)
	p.String("size")
	p.Float(end - start)
	p.closeObject()
	p.CloseList()
	p.String("size")
	p.Float(end - start)
	p.closeObject()
}

func (p *Pickle) openObject(module, class string) {
	p.op(opGlobal)
	p.Buf = append(p.Buf, module+"\n"+class+"\n"...)
	p.op(opEmptyTuple, opNewObj)
	p.OpenDict()
}

func (p *Pickle) closeObject() {
	p.CloseDict()
	p.op(opBuild)
}

func (p *Pickle) op(code ...byte) { p.Buf = append(p.Buf, code...) }

// AppendPickle appends a list with one dict per series, with the keys of TimeSeries.getInfo: name,
// start, end, step, values (None for null), pathExpression, valuesPerPoint, consolidationFunc and
// xFilesFactor. Tags are not included.
func AppendPickle(dst []byte, series []*render.Series) []byte {
	p := Pickle{Buf: dst}
	p.Begin()
	p.OpenList()
	for _, s := range series {
		p.OpenDict()
		p.String("name")
		p.String(s.Name)
		p.String("start")
		p.Int(s.From)
		p.String("end")
		p.Int(s.Until)
		p.String("step")
		p.Int(s.Step)
		p.String("values")
		p.OpenList()
		for _, v := range s.Values {
			p.value(v, s.Int)
		}
		p.CloseList()
		p.String("pathExpression")
		p.String(s.Path)
		p.String("valuesPerPoint")
		p.Int(1)
		p.String("consolidationFunc")
		p.String(consolidationName(s))
		p.String("xFilesFactor")
		p.Float(s.XFilesFactor)
		p.CloseDict()
	}
	p.CloseList()
	p.End()
	return p.Buf
}

func (p *Pickle) value(v float64, whole bool) {
	switch i, ok := wholeOf(v, whole); {
	case v != v:
		p.None()
	case ok:
		p.Int(i)
	default:
		p.Float(v)
	}
}

// wholeOf returns v as an int if the series holds ints and v is within int64.
func wholeOf(v float64, whole bool) (int64, bool) {
	if !whole || v != math.Trunc(v) || !(math.Abs(v) < 1<<63) {
		return 0, false
	}
	return int64(v), true
}

func consolidationName(s *render.Series) string {
	if s.Consolidate == "" {
		return "average"
	}
	return s.Consolidate
}
