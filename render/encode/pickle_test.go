package encode

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"testing"

	"graphited/render"
	"graphited/whisper"
)

// object is an instance of a class in a pickle.
type object struct {
	class string
	state any
}

type mark struct{}

// unpickle reads what Pickle writes: values become Go values, dicts become map[string]any, tuples
// become lists.
func unpickle(b []byte) (v any, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("bad pickle: %v", r)
		}
	}()
	var stack []any
	push := func(v any) { stack = append(stack, v) }
	pop := func() any { v := stack[len(stack)-1]; stack = stack[:len(stack)-1]; return v }
	toMark := func() []any {
		i := len(stack) - 1
		for stack[i] != (any)(mark{}) {
			i--
		}
		items := append([]any{}, stack[i+1:]...)
		stack = stack[:i]
		return items
	}
	take := func(n int) []byte { x := b[:n]; b = b[n:]; return x }
	if !bytes.HasPrefix(b, []byte{0x80, 2}) {
		return nil, fmt.Errorf("not protocol 2")
	}
	b = b[2:]
	for {
		switch op := take(1)[0]; op {
		case '.':
			if len(b) > 0 || len(stack) != 1 {
				return nil, fmt.Errorf("%d bytes and %d values left", len(b), len(stack)-1)
			}
			return pop(), nil
		case '(':
			push(mark{})
		case 'N':
			push(nil)
		case 0x88, 0x89:
			push(op == 0x88)
		case 'K':
			push(int64(take(1)[0]))
		case 'M':
			push(int64(binary.LittleEndian.Uint16(take(2))))
		case 'J':
			push(int64(int32(binary.LittleEndian.Uint32(take(4)))))
		case 0x8a:
			if n := take(1)[0]; n != 8 {
				return nil, fmt.Errorf("long of %d bytes", n)
			}
			push(int64(binary.LittleEndian.Uint64(take(8))))
		case 'G':
			push(math.Float64frombits(binary.BigEndian.Uint64(take(8))))
		case 'X':
			push(string(take(int(binary.LittleEndian.Uint32(take(4))))))
		case ']':
			push([]any{})
		case 'e':
			items := toMark()
			push(append(pop().([]any), items...))
		case '}':
			push(map[string]any{})
		case 'u':
			items := toMark()
			m := pop().(map[string]any)
			for i := 0; i < len(items); i += 2 {
				m[items[i].(string)] = items[i+1]
			}
			push(m)
		case 'c':
			end := bytes.IndexByte(b, '\n')
			end += 1 + bytes.IndexByte(b[end+1:], '\n')
			push(string(take(end)))
			take(1)
		case ')':
			push([]any{})
		case 0x86:
			y, x := pop(), pop()
			push([]any{x, y})
		case 0x81:
			pop()
			push(object{class: pop().(string)})
		case 'b':
			state := pop()
			o := pop().(object)
			o.state = state
			push(o)
		default:
			return nil, fmt.Errorf("opcode %q", op)
		}
	}
}

// same compares values. NaN equals null.
func same(a, b any) bool {
	if f, ok := a.(float64); ok && f != f {
		return b == nil
	}
	if x, ok := a.([]any); ok {
		y, ok := b.([]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for i := range x {
			if !same(x[i], y[i]) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(a, b)
}

// checkPickle pickles the series and compares what it reads back.
func checkPickle(t *testing.T, series []*render.Series) {
	t.Helper()
	v, err := unpickle(AppendPickle(nil, series))
	if err != nil {
		t.Fatal(err)
	}
	list := v.([]any)
	if len(list) != len(series) {
		t.Fatalf("pickled %d of %d series", len(list), len(series))
	}
	for i, s := range series {
		m := list[i].(map[string]any)
		if len(m) != 9 || m["name"] != s.Name || m["start"] != s.From || m["end"] != s.Until || m["step"] != s.Step ||
			m["pathExpression"] != s.Path || m["valuesPerPoint"] != int64(1) || m["consolidationFunc"] != s.Consolidate ||
			m["xFilesFactor"] != s.XFilesFactor {
			t.Errorf("pickled %v of %+v", m, s)
		}
		want := make([]any, len(s.Values))
		for j, v := range s.Values {
			if want[j] = v; s.Int && v == v {
				want[j] = int64(v)
			}
		}
		if !same(want, m["values"]) {
			t.Errorf("pickled %v of %v", m["values"], want)
		}
	}
}

func TestPickleInts(t *testing.T) {
	for _, i := range []int64{0, 1, 255, 256, 65535, 65536, -1, math.MaxInt32, math.MaxInt32 + 1, math.MinInt32, math.MinInt64, math.MaxInt64} {
		var p Pickle
		p.Begin()
		p.Int(i)
		p.End()
		if v, err := unpickle(p.Buf); v != i || err != nil {
			t.Errorf("%d pickled as %x: %v, %v", i, p.Buf, v, err)
		}
	}
}

func TestPickleIntervals(t *testing.T) {
	var p Pickle
	p.Begin()
	p.OpenList()
	p.Bool(true)
	p.Bool(false)
	p.None()
	p.Intervals(1, 2.5)
	p.CloseList()
	p.End()
	got, err := unpickle(p.Buf)
	if err != nil {
		t.Fatal(err)
	}
	interval := object{"graphite.intervals\nInterval", map[string]any{
		"start": 1.0, "end": 2.5, "tuple": []any{1.0, 2.5}, "size": 1.5}}
	want := []any{true, false, nil, object{"graphite.intervals\nIntervalSet", map[string]any{
		"intervals": []any{interval}, "size": 1.5}}}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v\nwant %v", got, want)
	}
}

// FuzzPickle reads back arbitrary series.
func FuzzPickle(f *testing.F) {
	f.Add("a.b", 1.5, int64(0), true)
	f.Add("b\xffc\u00fc", math.NaN(), int64(-1)<<40, false)
	f.Add("", math.Inf(1), int64(1)<<33, true)
	f.Fuzz(func(t *testing.T, name string, v float64, from int64, whole bool) {
		s := &render.Series{Name: name, Path: name, Int: whole, Series: whisper.Series{From: from, Step: 1, Values: []float64{v, 1, math.NaN()}}}
		got, err := unpickle(AppendPickle(nil, []*render.Series{s, s}))
		if err != nil || len(got.([]any)) != 2 {
			t.Fatalf("%v, %v", got, err)
		}
	})
}
