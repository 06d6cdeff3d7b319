package encode

import (
	"strconv"
	"unicode/utf8"
)

// Writer writes JSON in the style of Python's json.dumps: with ", " and ": " on one line, or
// indented by two spaces. Calls must nest like the JSON, which Writer does not check. The zero
// value is ready to use, with or without a Buf.
type Writer struct {
	Buf    []byte // the output; calls append to it
	Indent bool   // one value per line, like indent=2
	UTF8   bool   // non-ASCII characters as they are, like ensure_ascii=False; otherwise \uXXXX

	depth    int
	filled   bool // the open list or object is not empty
	afterKey bool
}

// Open begins a list ('[') or an object ('{').
func (w *Writer) Open(bracket byte) {
	w.value()
	w.Buf = append(w.Buf, bracket)
	w.depth++
	w.filled = false
}

// Close ends the innermost list (']') or object ('}').
func (w *Writer) Close(bracket byte) {
	w.depth--
	if w.filled {
		w.newline()
	}
	w.Buf = append(w.Buf, bracket)
	w.filled = true
}

// Key begins a member of an object. Its value must follow.
func (w *Writer) Key(name string) {
	w.value()
	w.Buf = append(w.text(name), ": "...)
	w.afterKey = true
}

// String writes a string value.
func (w *Writer) String(s string) {
	w.value()
	w.Buf = w.text(s)
}

// Int writes an integer.
func (w *Writer) Int(i int64) {
	w.value()
	w.Buf = strconv.AppendInt(w.Buf, i, 10)
}

// Float writes a number as Python prints a float. NaN becomes null and infinity 1e9999.
func (w *Writer) Float(f float64) { w.number(f, false) }

func (w *Writer) number(f float64, whole bool) {
	w.value()
	w.Buf = appendValue(w.Buf, f, whole)
}

// Bool writes true or false.
func (w *Writer) Bool(b bool) {
	w.value()
	w.Buf = strconv.AppendBool(w.Buf, b)
}

// Null writes null.
func (w *Writer) Null() {
	w.value()
	w.Buf = append(w.Buf, "null"...)
}

// Raw writes a value that is already JSON.
func (w *Writer) Raw(json []byte) {
	w.value()
	w.Buf = append(w.Buf, json...)
}

// Strings writes a list of strings.
func (w *Writer) Strings(list []string) {
	w.Open('[')
	for _, s := range list {
		w.String(s)
	}
	w.Close(']')
}

// value writes what precedes the next value: nothing after a key, otherwise the separator from the
// previous value.
func (w *Writer) value() {
	if w.afterKey {
		w.afterKey = false
		return
	}
	if w.depth == 0 {
		return
	}
	if w.filled {
		w.Buf = append(w.Buf, ',')
		if !w.Indent {
			w.Buf = append(w.Buf, ' ')
		}
	}
	w.newline()
	w.filled = true
}

func (w *Writer) newline() {
	if !w.Indent {
		return
	}
	w.Buf = append(w.Buf, '\n')
	for range w.depth {
		w.Buf = append(w.Buf, ' ', ' ')
	}
}

func (w *Writer) text(s string) []byte {
	if w.UTF8 {
		return appendString(w.Buf, s, true)
	}
	return AppendString(w.Buf, s)
}

// AppendString appends s as a JSON string in ASCII, like json.dumps: other characters become
// \uXXXX, in pairs if needed. Invalid UTF-8 becomes U+FFFD.
func AppendString(dst []byte, s string) []byte { return appendString(dst, s, false) }

func appendString(dst []byte, s string, raw bool) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= ' ' && c < 0x7f && c != '"' && c != '\\' || c == 0x7f && raw {
			i++
			continue
		}
		dst = append(dst, s[from:i]...)
		r, n := rune(c), 1
		if c >= utf8.RuneSelf {
			r, n = utf8.DecodeRuneInString(s[i:])
		}
		if raw && r >= utf8.RuneSelf {
			dst = utf8.AppendRune(dst, r)
		} else {
			dst = appendEscape(dst, r)
		}
		i += n
		from = i
	}
	dst = append(dst, s[from:]...)
	return append(dst, '"')
}

// appendEscape appends the escape of one character.
func appendEscape(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	case '\f':
		return append(dst, '\\', 'f')
	case '\b':
		return append(dst, '\\', 'b')
	}
	if r >= 0x10000 {
		r -= 0x10000
		return appendHex(appendHex(dst, 0xd800+r>>10), 0xdc00+r&0x3ff)
	}
	return appendHex(dst, r)
}

func appendHex(dst []byte, r rune) []byte {
	const hex = "0123456789abcdef"
	return append(dst, '\\', 'u', hex[r>>12&15], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}
