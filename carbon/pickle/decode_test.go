package pickle

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestDecode_Success(t *testing.T) {
	f := func(pickle string, want any) {
		t.Helper()
		got, err := Decode([]byte(pickle))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %#v, error %v, want %#v", pickle, got, err, want)
		}
	}
	f("N.", nil)
	f("\x80\x02\x88.", true)
	f("I00\n.", false)
	f("I-12\n.", int64(-12))
	f("I017\n.", int64(15))
	f("L9223372036854775807L\n.", int64(math.MaxInt64))
	f("L9223372036854775808L\n.", float64(1<<63))
	f("L-9223372036854775809\n.", -float64(1<<63))
	f("\x8a\x08\x00\x00\x00\x00\x00\x00\x00\x80.", int64(math.MinInt64))
	f("\x8a\x09\xff\xff\xff\xff\xff\xff\xff\x7f\xff.", -float64(1<<63))     // -2^63-1
	f("\x8a\x09\x00\x04\x00\x00\x00\x00\x00\x80\x00.", float64(1<<63))      // halfway between two float64: rounds to even
	f("\x8a\x09\x01\x04\x00\x00\x00\x00\x00\x80\x00.", float64(1<<63+2048)) // just above halfway
	f("\x8a\x09\x01\x04\x00\x00\x00\x00\x00\x00\xff.", -float64(1<<64-2048))
	f("F1.5\n.", 1.5)
	f("Va.b\n.", "a.b")
	f("B\x01\x00\x00\x00\xff.", "\xff")
	f(").", []any{})
	f("](K\x01\x8c\x01ae.", []any{int64(1), "a"})
	f("(dVa\nI1\ns.", map[string]any{"a": int64(1)})
	f("(Va\nI1\nVb\n(lI2\nad.", map[string]any{"a": int64(1), "b": []any{int64(2)}})
	f("}(Va\nK\x01Va\nK\x02u.", map[string]any{"a": int64(2)})
	f("\x80\x04\x8f\x94(K\x01\x90.", []any{int64(1)})
	f("\x80\x04(K\x01\x91.", []any{int64(1)})
	f("]q\x00K\x01ah\x00K\x02a0.", []any{int64(1), int64(2)}) // the same list twice
}

func TestDecode_Failure(t *testing.T) {
	all := recorded(t)
	f := func(pickle string) {
		t.Helper()
		if got, err := Decode([]byte(pickle)); err == nil {
			t.Errorf("%.40q: %v, want an error", pickle, got)
		}
	}
	f("")
	f("}K\x01K\x02s.")                                         // the key is not text
	f("L" + strings.Repeat("9", 400) + "L\n.")                 // too large for float64
	f("L1" + strings.Repeat("0", 5000) + "L\n.")               // more digits than Python reads
	f("g000000000000000000000\n.")                             // more digits than we read
	f("]q\x00h\x00a.")                                         // contains itself
	f(strings.Repeat("(", 40) + strings.Repeat("l", 40) + ".") // l takes what is above its mark, so lists are nested
	f(string(all["bomb-laughs"]))
	f("(X\x00\x01\x00\x00" + strings.Repeat("a", 256) + "q\x00" + strings.Repeat("h\x00", 100) + "l.")
	for name, data := range all {
		if strings.HasPrefix(name, "refused-") || strings.HasPrefix(name, "broken-") {
			f(string(data))
		}
	}
}

func TestDecode_ReadsWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		scalar := rapid.OneOf(rapid.String().AsAny(), rapid.Int64().AsAny(), rapid.Int64Range(-300, 70000).AsAny(), rapid.Float64().AsAny())
		list := rapid.Map(rapid.SliceOfN(scalar, 0, 20), func(l []any) any { return l })
		want := rapid.MapOf(rapid.String(), rapid.OneOf(scalar, list)).Draw(t, "value")
		got, err := Decode(append(Append([]byte("\x80\x02"), want), '.'))
		if err != nil || !reflect.DeepEqual(got, any(want)) {
			t.Fatalf("%#v, error %v, want %#v", got, err, want)
		}
	})
}

// TestAppend_Python checks that Python reads what Append writes.
func TestAppend_Python(t *testing.T) {
	v := []any{"a.b", "ä", "bad\xff", "", int64(0), int64(-1), int64(math.MaxInt32), int64(math.MaxInt32 + 1), int64(math.MinInt32), int64(math.MinInt32 - 1), int64(math.MaxUint32),
		int64(math.MinInt64), 1.5, math.Inf(-1), math.Copysign(0, -1), []any{}, map[string]any{"k": []any{int64(1)}}}
	cmd := exec.Command(python(t), "-c", "import sys, pickle; print(ascii(pickle.load(sys.stdin.buffer)))")
	cmd.Stdin = strings.NewReader(string(append(Append([]byte("\x80\x02"), v), '.')))
	out, err := cmd.CombinedOutput()
	want := `['a.b', '\xe4', 'bad\ufffd', '', 0, -1, 2147483647, 2147483648, -2147483648, -2147483649, 4294967295, -9223372036854775808, 1.5, -inf, -0.0, [], {'k': [1]}]`
	if got := strings.TrimSpace(string(out)); err != nil || got != want {
		t.Errorf("error %v\n%s, want\n%s", err, got, want)
	}
}

// python returns the path of a Python interpreter, or skips the test.
func python(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"python3", "/usr/bin/python3"} {
		if exec.Command(name, "-c", "import pickle").Run() == nil {
			return name
		}
	}
	t.Skip("no python3")
	return ""
}

// recorded reads testdata/pickle/pickles.json, which record.py there writes.
func recorded(t testing.TB) map[string][]byte {
	t.Helper()
	raw, err := os.ReadFile("../../testdata/pickle/pickles.json")
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]struct{ Pickle string }
	if err := json.Unmarshal(raw, &entries); err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for name, e := range entries {
		for _, c := range e.Pickle {
			out[name] = append(out[name], byte(c))
		}
	}
	return out
}

// TestMachine_Bounded checks that a hostile pickle costs only in proportion to its length, and that
// the pool holds none of it afterwards.
func TestMachine_Bounded(t *testing.T) {
	const size = 1 << 16
	f := func(name string, pickle []byte) {
		t.Helper()
		m := &Machine{}
		m.Load(pickle) // most of these are broken
		for what, n := range map[string]int{"stack": cap(m.stack), "marks": cap(m.marks), "memo": cap(m.memo), "items": cap(m.items), "cells": cap(m.cells), "lists": cap(m.lists), "decoded": cap(m.decoded)} {
			if n > 2*len(pickle) {
				t.Errorf("%s: room for %d in %s, from %d bytes", name, n, what, len(pickle))
			}
		}
		Put(m)
		if got := Get(); got == m && cap(m.stack) > maxKept {
			t.Errorf("%s: a stack of %d went back to the pool", name, cap(m.stack))
		}
	}
	repeat := func(s string) []byte { return bytes.Repeat([]byte(s), size/len(s)) }
	for _, s := range []string{"(", "]", ")", "}", "N", ")2", "]2a", "(l", "(t", "(d", "K\x01\x85", "]q\x00h\x00a", "S'\\t'\n", "V\\u0041\n", "X\x00\x00\x00\x00", "NN\x86", "](NNNNe", "}(NNNNu", "N\x94"} {
		f(s, repeat(s))
	}
	var far []byte
	for i := range uint32(32) {
		far = binary.LittleEndian.AppendUint32(append(far, 'N', 'r'), 1<<i)
	}
	f("puts far away", far)
	f("a put at the end", append(repeat("N"), "p65535\n"...))
}

func TestMachine_Len(t *testing.T) {
	for src, want := range map[string]int{"].": 0, "](K\x01K\x02e.": 2, "K\x01K\x02\x86.": 2, "}(K\x01K\x02u.": 2, "N.": 0, "X\x01\x00\x00\x00a.": 0} {
		m := &Machine{}
		v, err := m.Load([]byte(src))
		n := 0
		for range m.Elements(v) {
			n++
		}
		if err != nil || m.Len(v) != want || n != want {
			t.Errorf("%q: %d, %d elements, want %d, error %v", src, m.Len(v), n, want, err)
		}
	}
}
