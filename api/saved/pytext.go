package saved

import (
	"math"
	"strconv"
	"strings"

	"graphited/carbon/pyvalue"
	"graphited/render/encode"
)

// pythonText returns a JSON value as the text that Python's str makes of it, which is what
// graphite-web keeps where it keeps text: a string is itself, and all else is as in Python's
// source, {'version': 7, 'ok': True}.
func (v *jsonValue) pythonText() string {
	if v.kind == '"' {
		return v.text
	}
	return string(v.appendRepr(nil))
}

// appendRepr appends a value as Python's repr.
func (v *jsonValue) appendRepr(b []byte) []byte {
	switch v.kind {
	case 'n':
		return append(b, "None"...)
	case 't':
		if v.on {
			return append(b, "True"...)
		}
		return append(b, "False"...)
	case '"':
		return append(b, pyvalue.Quote(v.text)...)
	case '0':
		return append(b, pythonNumber(v.text)...)
	case '[':
		b = append(b, '[')
		for i := range v.values {
			if i > 0 {
				b = append(b, ", "...)
			}
			b = v.values[i].appendRepr(b)
		}
		return append(b, ']')
	}
	b = append(b, '{')
	for i, name := range v.names {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = append(append(b, pyvalue.Quote(name)...), ": "...)
		b = v.values[i].appendRepr(b)
	}
	return append(b, '}')
}

// pythonNumber writes a number of JSON as Python does: an int, which has no end, or
// a float.
func pythonNumber(text string) string {
	switch {
	case text == "-0":
		return "0"
	case !strings.ContainsAny(text, ".eE"):
		return text
	}
	f, _ := strconv.ParseFloat(text, 64) // out of range is inf or 0, as in Python
	if math.IsInf(f, 0) {
		return strings.TrimPrefix(strings.ToLower(strconv.FormatFloat(f, 'f', -1, 64)), "+")
	}
	var w encode.Writer
	w.Float(f)
	return string(w.Buf)
}
