package encode

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestAppendString(t *testing.T) {
	f := func(s, ascii, raw string) {
		t.Helper()
		if got := string(appendString(nil, s, false)); got != ascii {
			t.Errorf("%q: got %s, want %s", s, got, ascii)
		}
		if got := string(appendString(nil, s, true)); got != raw {
			t.Errorf("%q as UTF-8: got %s, want %s", s, got, raw)
		}
	}
	f("", `""`, `""`)
	f("a.b", `"a.b"`, `"a.b"`)
	f("a\"b\\c/", `"a\"b\\c/"`, `"a\"b\\c/"`)
	f("\n\r\t\b\f\x00\x1f", `"\n\r\t\b\f\u0000\u001f"`, `"\n\r\t\b\f\u0000\u001f"`)
	f("\x7f", `"\u007f"`, "\"\x7f\"")
	f("bü€", `"b\u00fc\u20ac"`, `"bü€"`)
	f("😀x", `"\ud83d\ude00x"`, `"😀x"`)
	f("a\xffb\xc3", `"a\ufffdb\ufffd"`, "\"a\uFFFDb\uFFFD\"")
}

func FuzzAppendString(f *testing.F) {
	f.Add("a\"\\\n\u00fc\U0001f600")
	f.Add("\xff\xfe")
	f.Fuzz(func(t *testing.T, s string) {
		for _, raw := range []bool{false, true} {
			var back string
			b := appendString(nil, s, raw)
			if err := json.Unmarshal(b, &back); err != nil || back != strings.ToValidUTF8(s, "\uFFFD") && utf8.ValidString(s) {
				t.Errorf("%q: %s: %q, %v", s, b, back, err)
			}
			if !raw && strings.ContainsFunc(string(b), func(r rune) bool { return r >= 0x7f }) {
				t.Errorf("%q: not ASCII: %s", s, b)
			}
		}
	})
}

func TestWriter(t *testing.T) {
	f := func(write func(w *Writer), compact, indented string) {
		t.Helper()
		for _, indent := range []bool{false, true} {
			want := compact
			if indent {
				want = indented
			}
			w := Writer{Buf: []byte("x"), Indent: indent}
			write(&w)
			if got := string(w.Buf); got != "x"+want {
				t.Errorf("got %s\nwant %s", got, want)
			}
		}
	}
	f(func(w *Writer) { w.Null() }, "null", "null")
	f(func(w *Writer) { w.Open('['); w.Close(']') }, "[]", "[]")
	f(func(w *Writer) { w.Strings([]string{"a", "b"}) }, `["a", "b"]`, "[\n  \"a\",\n  \"b\"\n]")
	f(func(w *Writer) {
		w.Open('{')
		w.Key("a")
		w.Open('{')
		w.Close('}')
		w.Key("b")
		w.Open('[')
		w.Int(-1)
		w.Float(1)
		w.Bool(true)
		w.Open('[')
		w.Close(']')
		w.Raw([]byte("{}"))
		w.Close(']')
		w.Key("c")
		w.String("")
		w.Close('}')
	}, `{"a": {}, "b": [-1, 1.0, true, [], {}], "c": ""}`,
		"{\n  \"a\": {},\n  \"b\": [\n    -1,\n    1.0,\n    true,\n    [],\n    {}\n  ],\n  \"c\": \"\"\n}")
}
