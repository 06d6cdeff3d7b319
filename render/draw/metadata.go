package draw

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf16"
)

// appendMetadata writes what graphite-web's SVG tells scripts about the graph, with the same names
// in the same order. As in graphite-web, it omits the series of a stack, and data has merged
// values, valuesPerPoint per value.
//
// With metadata=full it writes everything that a page needs to point at values: the series of a
// stack with their own values, the least, largest, mean and last value before merging, both axes,
// and colours as RRGGBBAA.
func (l *lineGraph) appendMetadata(dst []byte) []byte {
	s := l.s
	m := jsonWriter{b: dst, strict: s.full}
	m.raw(`{"x": {"start": `).int(l.time.start).raw(`, "end": `).int(l.time.end)
	m.raw(`}, "options": {"lineWidth": `).float(s.lineWidth)
	family := s.font.family
	if family == "" {
		family = "Sans"
	}
	m.raw(`}, "font": {"name": `).text(family).raw(`, "size": `).int(int64(s.font.size))
	m.raw(`, "bold": `).bool(s.font.bold).raw(`, "italic": `).bool(s.font.italic)
	m.raw(`}, "area": {"xmin": `).float(l.area.x0).raw(`, "xmax": `).float(l.area.x1)
	m.raw(`, "ymin": `).float(l.area.y0).raw(`, "ymax": `).float(l.area.y1).raw(`}, "series": [`)
	first := true
	for i := range l.curves {
		c := &l.curves[i]
		if c.stacked && !s.full || c.outline && s.full {
			continue
		}
		if !first {
			m.raw(", ")
		}
		first = false
		m.series(c, s.full)
	}
	m.raw("]")
	if !l.twoAxes || s.full {
		m.scale("y", &l.scales[0], s.full)
	}
	if l.twoAxes && s.full {
		m.scale("yRight", &l.scales[1], true)
	}
	return m.raw("}").b
}

// jsonWriter writes JSON in the style of Python's json.dumps. The output is safe inside a script
// element: no character begins a tag or ends a CDATA section.
type jsonWriter struct {
	b      []byte
	strict bool // writes only valid JSON: infinity is 1e999
}

func (m *jsonWriter) raw(s string) *jsonWriter {
	m.b = append(m.b, s...)
	return m
}

func (m *jsonWriter) int(n int64) *jsonWriter {
	m.b = strconv.AppendInt(m.b, n, 10)
	return m
}

func (m *jsonWriter) bool(v bool) *jsonWriter {
	m.b = strconv.AppendBool(m.b, v)
	return m
}

// float writes a number like Python's repr. Scripts are JavaScript, which has a literal for
// infinity.
func (m *jsonWriter) float(f float64) *jsonWriter {
	switch abs := math.Abs(f); {
	case f != f:
		m.b = append(m.b, "null"...)
	case math.IsInf(f, 1) && m.strict:
		m.b = append(m.b, "1e999"...)
	case math.IsInf(f, -1) && m.strict:
		m.b = append(m.b, "-1e999"...)
	case math.IsInf(f, 1):
		m.b = append(m.b, "Infinity"...)
	case math.IsInf(f, -1):
		m.b = append(m.b, "-Infinity"...)
	case abs != 0 && (abs < 1e-4 || abs >= 1e16):
		m.b = strconv.AppendFloat(m.b, f, 'e', -1, 64)
	default:
		n := len(m.b)
		m.b = strconv.AppendFloat(m.b, f, 'f', -1, 64)
		for _, c := range m.b[n:] {
			if c == '.' {
				return m
			}
		}
		m.b = append(m.b, ".0"...)
	}
	return m
}

func (m *jsonWriter) text(s string) *jsonWriter {
	const digits = "0123456789abcdef"
	escape := func(v uint16) {
		m.b = append(m.b, '\\', 'u', digits[v>>12], digits[v>>8&15], digits[v>>4&15], digits[v&15])
	}
	m.b = append(m.b, '"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			m.b = append(m.b, '\\', byte(r))
		case r < ' ' || r == '<' || r == '>' || r == '&' || r > '~' && r <= 0xffff:
			escape(uint16(r))
		case r > 0xffff:
			a, b := utf16.EncodeRune(r)
			escape(uint16(a))
			escape(uint16(b))
		default:
			m.b = append(m.b, byte(r))
		}
	}
	m.b = append(m.b, '"')
	return m
}

func (m *jsonWriter) series(c *curve, full bool) {
	m.raw(`{"name": `).text(c.name).raw(`, "start": `).int(c.start).raw(`, "end": `).int(c.end)
	step, per := c.step, int64(c.perPoint)
	if c.outline { // glyph.py makes it a series of its own
		step, per = step*per, 1
	}
	m.raw(`, "step": `).int(step).raw(`, "valuesPerPoint": `).int(per)
	data := c.drawn
	if !full {
		m.raw(`, "color": `).text(c.color)
	} else {
		m.raw(`, "color": `).text(fmt.Sprintf("%02x%02x%02x%02x", c.ink.r, c.ink.g, c.ink.b, c.ink.a))
		m.summary(c)
		data = c.ownValues()
	}
	m.raw(`, "data": [`)
	for i, v := range data {
		if i > 0 {
			m.b = append(m.b, ',', ' ')
		}
		m.float(v)
	}
	m.raw(`], "options": {`)
	first := true
	option := func(name string) {
		if !first {
			m.raw(", ")
		}
		first = false
		m.text(name).raw(": ")
	}
	if c.infinite {
		option("drawAsInfinite")
		m.bool(true)
	}
	if c.right {
		option("secondYAxis")
		m.bool(true)
	}
	if c.hasWidth {
		option("lineWidth")
		m.float(c.width)
	}
	if c.hasDash {
		option("dashed")
		m.float(c.dash)
	}
	if c.alpha != nil {
		option("alpha")
		m.float(*c.alpha)
	}
	if full && c.piled != nil {
		option("stacked")
		m.bool(true)
	}
	if full && c.invisible {
		option("invisible")
		m.bool(true)
	}
	m.raw("}}")
}

// summary writes statistics of the values of c before they were merged or stacked.
func (m *jsonWriter) summary(c *curve) {
	values := c.values
	if c.piled != nil {
		values = c.piled
	}
	nan := math.NaN()
	least, most, last, sum, n := nan, nan, nan, 0.0, 0
	for _, v := range values {
		if v != v {
			continue
		}
		if n++; n == 1 {
			least, most = v, v
		}
		least, most, last, sum = min(least, v), max(most, v), v, sum+v
	}
	m.raw(`, "min": `).float(least).raw(`, "max": `).float(most)
	m.raw(`, "average": `).float(sum / float64(n)).raw(`, "last": `).float(last)
}

func (m *jsonWriter) scale(name string, s *scale, full bool) {
	m.raw(`, `).text(name)
	if m.raw(`: {`); full {
		m.raw(`"base": `).float(s.base).raw(`, "least": `).float(s.least).raw(`, "most": `).float(s.most).raw(`, `)
	}
	m.raw(`"top": `).float(s.top).raw(`, "bottom": `).float(s.bottom).raw(`, "step": `)
	if s.base > 0 {
		m.raw("null")
	} else {
		m.float(s.asked)
	}
	m.raw(`, "labels": [`)
	for i, t := range s.labels {
		if i > 0 {
			m.raw(", ")
		}
		m.text(t)
	}
	m.raw(`], "labelValues": [`)
	for i, v := range s.values {
		if i > 0 {
			m.raw(", ")
		}
		m.float(v)
	}
	m.raw("]}")
}
