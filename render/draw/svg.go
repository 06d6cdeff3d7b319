package draw

import (
	"hash/fnv"
	"math"
	"strconv"
	"unicode/utf8"
)

// svg is the surface of an SVG. Its parts are groups and its texts are text.
type svg struct {
	b       []byte
	open    bool // a part is open
	clipped bool // an inner picture that clips is open
	limit   box
	inner   ink     // colour and
	font    float64 // size of most texts
	grid    pen     // of the path that collects lines; width 0 if none is open
	script  []byte  // metadata
}

// reset begins a file.
func (o *svg) reset(s *settings, title string) {
	*o = svg{b: o.b[:0], inner: s.ink, font: s.font.size}
	o.limit = box{0, 0, float64(s.width), float64(s.height)}
	b := append(o.b, `<?xml version="1.0" encoding="UTF-8"?>`+"\n"+`<svg xmlns="http://www.w3.org/2000/svg" width="`...)
	b = strconv.AppendInt(b, int64(s.width), 10)
	b = append(b, `px" height="`...)
	b = strconv.AppendInt(b, int64(s.height), 10)
	b = append(b, `px" viewBox="0 0 `...)
	b = strconv.AppendInt(b, int64(s.width), 10)
	b = append(b, ' ')
	b = strconv.AppendInt(b, int64(s.height), 10)
	b = append(b, `" version="1.1" role="img">`+"\n<title>"...)
	b = appendXML(b, title)
	b = append(b, `</title>`+"\n"+`<g class="graphite" font-family="`...)
	if f := s.font.family; f != "" {
		b = append(b, '\'')
		b = appendXML(b, f)
		b = append(b, `', `...)
	}
	families := `'DejaVu Sans', Verdana, sans-serif`
	if s.font.face.name == "DejaVu Sans Mono" {
		families = `'DejaVu Sans Mono', monospace`
	}
	b = append(append(b, families...), `" font-size="`...)
	b = appendCoord(b, s.font.size)
	b = appendInk(append(b, '"'), "fill", s.ink)
	o.b = append(b, ">\n"...)
}

func (o *svg) begin(part string) {
	o.end()
	o.b = append(o.b, `<g class="`...)
	o.b = append(o.b, part...)
	o.b = append(o.b, '"')
	if part == "lines" {
		o.b = append(o.b, ` fill="none" stroke-miterlimit="10"`...)
	}
	o.b = append(o.b, ">\n"...)
	o.open = true
}

// end closes the open elements.
func (o *svg) end() {
	o.endGrid()
	if o.clipped {
		o.b = append(o.b, "</svg>\n"...)
	}
	if o.open {
		o.b = append(o.b, "</g>\n"...)
	}
	o.open, o.clipped = false, false
}

// clip opens an inner picture of the same scale. Unlike a clipPath it needs no id, which might
// equal one of another graph on the same page.
func (o *svg) clip(b box) {
	o.endGrid()
	o.limit = b
	o.b = append(o.b, `<svg x="`...)
	o.b = appendCoord(o.b, b.x0)
	o.b = append(o.b, `" y="`...)
	o.b = appendCoord(o.b, b.y0)
	o.b = append(o.b, `" width="`...)
	o.b = appendCoord(o.b, b.width())
	o.b = append(o.b, `" height="`...)
	o.b = appendCoord(o.b, b.height())
	o.b = append(o.b, `" viewBox="`...)
	for _, f := range [4]float64{b.x0, b.y0, b.width(), b.height()} {
		o.b = append(appendCoord(o.b, f), ' ')
	}
	o.b = append(o.b[:len(o.b)-1], `" overflow="hidden">`+"\n"...)
	o.clipped = true
}

// appendInk appends a colour as an attribute.
func appendInk(dst []byte, name string, c ink) []byte {
	dst = append(append(append(dst, ' '), name...), `="#`...)
	const digits = "0123456789abcdef"
	for _, v := range [3]uint8{c.r, c.g, c.b} {
		dst = append(dst, digits[v>>4], digits[v&15])
	}
	dst = append(dst, '"')
	if c.a != 255 {
		dst = append(append(append(dst, ' '), name...), `-opacity="`...)
		dst = append(appendShare(dst, c.a), '"')
	}
	return dst
}

func (o *svg) rect(b box, c ink) {
	o.endGrid()
	o.b = append(o.b, `<rect x="`...)
	o.b = appendCoord(o.b, b.x0)
	o.b = append(o.b, `" y="`...)
	o.b = appendCoord(o.b, b.y0)
	o.b = append(o.b, `" width="`...)
	o.b = appendCoord(o.b, b.width())
	o.b = append(o.b, `" height="`...)
	o.b = appendCoord(o.b, b.height())
	o.b = appendInk(append(o.b, '"'), "fill", c)
	o.b = append(o.b, "/>\n"...)
}

// line collects lines of the same pen in one path.
func (o *svg) line(a, b point, p pen) {
	if o.grid != p {
		o.endGrid()
		o.grid = p
		o.b = append(o.b, `<path`...)
		o.b = appendInk(o.b, "stroke", p.ink)
		o.b = append(o.b, ` stroke-width="`...)
		o.b = append(appendCoord(o.b, p.width), `" d="`...)
	}
	path := [2]point{a, b}
	o.b = appendPath(o.b, path[:], false)
}

func (o *svg) endGrid() {
	if o.grid != (pen{}) {
		o.b = append(o.b, "\"/>\n"...)
		o.grid = pen{}
	}
}

// appendPath appends path data. The first point of each part is absolute, the others are relative
// to the previous point.
func appendPath(dst []byte, path []point, closed bool) []byte {
	begun, x, y := false, int64(0), int64(0)
	for _, p := range path {
		if p.isGap() {
			if begun && closed {
				dst = append(dst, 'z')
			}
			begun = false
			continue
		}
		px, py := hundredths(p.x), hundredths(p.y)
		switch dx, dy := px-x, py-y; {
		case !begun:
			dst = appendHundredths(append(dst, 'M'), px)
			dst = appendHundredths(append(dst, ' '), py)
		case dy == 0:
			dst = appendHundredths(append(dst, 'h'), dx)
		case dx == 0:
			dst = appendHundredths(append(dst, 'v'), dy)
		default:
			dst = appendHundredths(append(dst, 'l'), dx)
			if dy > 0 {
				dst = append(dst, ' ')
			}
			dst = appendHundredths(dst, dy)
		}
		begun, x, y = true, px, py
	}
	if begun && closed {
		dst = append(dst, 'z')
	}
	return dst
}

func (o *svg) stroke(path []point, p pen, name string) {
	o.endGrid()
	o.b = append(o.b, `<path`...)
	o.b = appendInk(o.b, "stroke", p.ink)
	o.b = append(o.b, ` stroke-width="`...)
	o.b = append(appendCoord(o.b, p.width), '"')
	if p.round {
		o.b = append(o.b, ` stroke-linejoin="round"`...)
	}
	if p.dash > 0 {
		o.b = append(o.b, ` stroke-dashoffset="1" stroke-dasharray="`...)
		o.b = append(appendCoord(o.b, max(0.1, p.dash)), '"')
	}
	o.b = append(o.b, ` d="`...)
	o.b = appendPath(o.b, path, false)
	o.endShape(name)
}

// endShape ends the data of a shape and adds its title.
func (o *svg) endShape(name string) {
	if o.b = append(o.b, '"'); name == "" {
		o.b = append(o.b, "/>\n"...)
		return
	}
	o.b = append(o.b, "><title>"...)
	o.b = appendXML(o.b, name)
	o.b = append(o.b, "</title></path>\n"...)
}

// areas draws opaque areas from the last to the first, so that none needs a clip. If some are not
// opaque, each area clips those after it.
func (o *svg) areas(path []point, list []area) {
	o.endGrid()
	if opaque(list) {
		for i := len(list) - 1; i >= 0; i-- {
			o.area(path, &list[i])
		}
		return
	}
	for i := range list {
		a := &list[i]
		if a.ink.a > 0 {
			o.area(path, a)
		}
		if i+1 == len(list) {
			break
		}
		from := len(o.b)
		o.b = append(o.b, `<clipPath id="`...)
		id := len(o.b)
		o.b = append(o.b, `_00000000"><path clip-rule="evenodd" d="`...)
		data := len(o.b)
		corners := around(o.limit)
		o.b = appendPath(o.b, corners[:], true)
		o.b = appendPath(o.b, path[a.from:a.to], true)
		h := fnv.New32a()
		h.Write(o.b[from:])
		name := strconv.AppendUint(nil, uint64(h.Sum32())|1<<32, 16)
		copy(o.b[id+1:data], name[1:])
		o.b = append(o.b, "\"/></clipPath>\n<g clip-path=\"url(#_"...)
		o.b = append(append(o.b, name[1:]...), ")\">\n"...)
	}
	for range len(list) - 1 {
		o.b = append(o.b, "</g>\n"...)
	}
}

func (o *svg) area(path []point, a *area) {
	o.b = append(o.b, `<path`...)
	o.b = appendInk(o.b, "fill", a.ink)
	o.b = append(o.b, ` d="`...)
	o.b = appendPath(o.b, path[a.from:a.to], true)
	o.endShape(a.name)
}

func (o *svg) wedge(w wedge) {
	o.b = append(o.b, `<path`...)
	o.b = appendInk(o.b, "fill", w.ink)
	o.b = append(o.b, ` d="M`...)
	at := func(angle float64) {
		sin, cos := math.Sincos(angle)
		o.b = append(appendCoord(o.b, w.center.x+w.radius*cos), ' ')
		o.b = appendCoord(o.b, w.center.y+w.radius*sin)
	}
	arc := func(angle float64) {
		o.b = append(appendCoord(append(o.b, 'A'), w.radius), ' ')
		o.b = append(appendCoord(o.b, w.radius), " 0 0 1 "...)
		at(angle)
	}
	o.b = append(appendCoord(o.b, w.center.x), ' ')
	o.b = append(appendCoord(o.b, w.center.y), 'L')
	from := w.from
	at(from)
	for parts := math.Ceil((w.to - from) / 3); from < w.to-1e-9; {
		from += (w.to - from) / parts
		parts--
		arc(from)
	}
	o.b = append(o.b, 'z')
	o.endShape(w.name)
}

func (o *svg) text(l label) {
	o.endGrid()
	o.b = append(o.b, `<text x="`...)
	o.b = append(appendCoord(o.b, l.at.x), `" y="`...)
	o.b = append(appendCoord(o.b, l.at.y), '"')
	if l.font.size != o.font {
		o.b = append(o.b, ` font-size="`...)
		o.b = append(appendCoord(o.b, l.font.size), '"')
	}
	if l.font.bold {
		o.b = append(o.b, ` font-weight="bold"`...)
	}
	if l.font.italic {
		o.b = append(o.b, ` font-style="italic"`...)
	}
	if l.ink != o.inner {
		o.b = appendInk(o.b, "fill", l.ink)
	}
	if l.angle != 0 {
		o.b = append(o.b, ` transform="rotate(`...)
		o.b = append(appendCoord(o.b, l.angle), ' ')
		o.b = append(appendCoord(o.b, l.at.x), ' ')
		o.b = append(appendCoord(o.b, l.at.y), `)"`...)
	}
	o.b = append(o.b, ` textLength="`...)
	o.b = append(appendCoord(o.b, l.font.width(l.text)), `" lengthAdjust="spacingAndGlyphs" xml:space="preserve">`...)
	o.b = appendXML(o.b, l.text)
	o.b = append(o.b, "</text>\n"...)
}

// appendXML appends s with XML escapes. It replaces characters that XML does not allow by U+FFFD.
func appendXML(dst []byte, s string) []byte {
	for _, r := range s {
		switch {
		case r == '&':
			dst = append(dst, "&amp;"...)
		case r == '<':
			dst = append(dst, "&lt;"...)
		case r == '>':
			dst = append(dst, "&gt;"...)
		case r == '"':
			dst = append(dst, "&#34;"...)
		case r == '\'':
			dst = append(dst, "&#39;"...)
		case r == '\t' || r == '\n' || r == '\r':
			dst = append(dst, ' ')
		case r < ' ' || r == 0xfffe || r == 0xffff:
			dst = utf8.AppendRune(dst, utf8.RuneError)
		default:
			dst = utf8.AppendRune(dst, r)
		}
	}
	return dst
}

// finish appends the metadata with Graphite's names and ends the file.
func (o *svg) finish(dst []byte) ([]byte, error) {
	o.end()
	dst = append(append(dst, o.b...), "</g>\n<script>\n  <![CDATA[\n    metadata = "...)
	if len(o.script) == 0 {
		dst = append(dst, "{}"...)
	}
	dst = append(dst, o.script...)
	return append(dst, "\n  ]]>\n</script>\n</svg>"...), nil
}
