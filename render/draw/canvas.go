package draw

import (
	"context"
	"math"
	"slices"
	"strings"
	"unicode/utf8"
)

// canvas is a graph being drawn: the surface, the common parameters, and the area that titles,
// legend and labels have left so far.
type canvas struct {
	surface
	ctx           context.Context
	d             *Drawer
	p             *params
	w             *work
	width, height float64
	area          box
	nextColor     int
}

// work is memory that is reused for the next picture.
type work struct {
	curves   []curve
	points   []point
	areas    []area
	values   []float64
	entries  []entry
	line     lineSettings
	scales   [2]scale
	metadata []byte
	label    []byte
}

// release keeps w for the next picture, without references to this one's series.
func (w *work) release(d *Drawer) {
	clear(w.curves)
	clear(w.entries)
	clear(w.areas)
	d.works.Put(w)
}

type alignment uint8

const (
	leftAligned alignment = iota
	centered
	rightAligned
)

type placement uint8

const (
	topPlaced placement = iota
	middlePlaced
	baselinePlaced
)

// write draws a text relative to a point, like glyph.py's drawText.
func (c *canvas) write(l label, align alignment, place placement) {
	width := l.font.width(l.text)
	across, down := 0.0, 0.0
	switch align {
	case centered:
		across = width / 2
	case rightAligned:
		across = width
	}
	switch place {
	case topPlaced:
		down = l.font.ascent()
	case middlePlaced:
		down = l.font.height()/2 - l.font.descent()
	}
	trimmed := strings.TrimLeft(l.text, " ")
	across -= width - l.font.width(trimmed)
	if l.text = strings.TrimRight(trimmed, " "); l.text == "" {
		return
	}
	sin, cos := math.Sincos(l.angle * math.Pi / 180)
	l.at.x += -sin*down - cos*across
	l.at.y += cos*down - sin*across
	c.text(l)
}

// start prepares the area inside the margin and paints the background.
func (c *canvas) start(s *settings) {
	c.width, c.height = float64(s.width), float64(s.height)
	m := float64(s.margin)
	c.area = box{m + 10, m, c.width - m, c.height - m}
	c.rect(box{0, 0, c.width, c.height}, s.background)
}

// color returns the next colour of the list.
func (c *canvas) color(s *settings) string {
	name := s.colors[c.nextColor%len(s.colors)]
	c.nextColor++
	return name
}

// noData draws a message that there is nothing to draw.
func (c *canvas) noData(s *settings) {
	f := s.font.sized(max(1, math.Log(c.width*c.height)))
	c.write(label{text: "No Data", at: point{c.width / 2, c.height / 2}, font: f, ink: colorNames["red"]}, centered, topPlaced)
}

// drawTitle draws the title at the top and leaves the space below under it.
func (c *canvas) drawTitle(s *settings, below float64) {
	if s.title == "" {
		return
	}
	c.begin("title")
	f := s.font.sized(titleSize(s.font.size))
	if s.template.modern && f.face == c.d.faces.sans {
		f.face, f.bold = c.d.faces.bold, true
	}
	y := c.area.y0
	for _, line := range c.wrap(s.title, f) {
		c.write(label{text: line, at: point{c.width / 2, y}, font: f, ink: s.ink}, centered, topPlaced)
		y += f.height()
	}
	c.area.y0 = y + below
}

// wrap breaks the lines of a title that are wider than the picture, between words. If that would
// take more than a third of the picture, the lines stay as they are and are cut at both ends, as in
// glyph.py.
func (c *canvas) wrap(title string, f font) []string {
	lines := strings.Split(title, "\n")
	var wrapped []string
	for _, line := range lines {
		if f.width(line) <= c.width {
			wrapped = append(wrapped, line)
			continue
		}
		begun := ""
		for word := range strings.FieldsSeq(line) {
			if longer := strings.TrimPrefix(begun+" "+word, " "); begun == "" || f.width(longer) <= c.width-2*f.size {
				begun = longer
				continue
			}
			wrapped, begun = append(wrapped, begun), word
		}
		wrapped = append(wrapped, begun)
	}
	if len(wrapped) > len(lines) && float64(len(wrapped))*f.height() > c.height/3 {
		return lines
	}
	return wrapped
}

// entry is a line of the legend.
type entry struct {
	name  string
	ink   ink
	right bool // belongs to the second axis
}

// legend is the layout of the entries.
type legend struct {
	*canvas
	s                *settings
	box, row, column float64 // size of the colour boxes, distances between rows and columns
}

const legendPadding = 5

// drawLegend draws the entries below the area, in as many columns as the longest name allows. both
// says that the graph has two axes, whose entries go to their sides if there is room. It follows
// glyph.py's drawLegend.
func (c *canvas) drawLegend(s *settings, entries []entry, both bool) {
	if len(entries) == 0 {
		return
	}
	c.begin("legend")
	longest, length := "", -1
	for i := range entries {
		if n := utf8.RuneCountInString(entries[i].name); n >= length {
			longest, length = entries[i].name, n
		}
	}
	f := s.font
	l := legend{canvas: c, s: s, box: f.height() - 1, row: f.height() + 1}
	width := f.width(longest)
	l.column = width + 2*(l.box+legendPadding)
	roomForTwo := 2*width+f.width(" ")+2*(l.box+legendPadding)+50 < c.width
	columns := math.Floor(l.width / l.column)
	switch {
	case both && roomForTwo && l.sidesFit(entries):
		l.twoSided(entries)
		return
	case both && roomForTwo:
		columns = math.Floor((l.width - l.area.x0) / l.column)
		for i := range entries {
			entries[i].right = false
		}
	}
	l.inRows(entries, max(1, int(columns)))
}

// sidesFit reports whether the names of the two sides do not overlap. glyph.py ignores the space of
// side titles and draws names over one another.
func (l *legend) sidesFit(entries []entry) bool {
	var widths [2]float64
	for i := range entries {
		side := 0
		if entries[i].right {
			side = 1
		}
		widths[side] = max(widths[side], l.s.font.width(entries[i].name))
	}
	room := l.area.x1 - 2*l.area.x0 - 2*l.box - legendPadding
	return widths[0]+widths[1] <= room
}

// inRows lays out the entries row by row.
func (l *legend) inRows(entries []entry, columns int) {
	rows := (len(entries) + columns - 1) / columns
	height := float64(rows)*l.row + legendPadding
	if l.crowded(height) {
		return
	}
	l.area.y1 -= height
	x, y := l.area.x0, l.area.y1+2*legendPadding
	for i, e := range entries {
		if y < l.height {
			if e.right {
				l.mark(x+l.column+legendPadding, y, e)
				l.name(x+l.column, y, e, rightAligned)
			} else {
				l.mark(x, y, e)
				l.name(x+l.box+legendPadding, y, e, leftAligned)
			}
		}
		x += l.column
		if (i+1)%columns == 0 {
			x = l.area.x0
			y += l.row
		}
	}
}

// crowded reports whether the legend would leave no room for the graph. In that case glyph.py draws
// the graph upside down; here the legend is omitted.
func (l *legend) crowded(height float64) bool {
	return l.area.height()-height < 3*l.s.font.height()
}

// twoSided lays out columns from the left and, for the second axis, from the right.
func (l *legend) twoSided(entries []entry) {
	columns := max(1, int(math.Floor((l.width-l.area.x0)/l.column))/2)
	right := 0
	for i := range entries {
		if entries[i].right {
			right++
		}
	}
	rows := float64(max(len(entries)-right, right)) / float64(columns)
	height := max(1, rows)*l.row + legendPadding
	if l.crowded(height) {
		return
	}
	l.area.y1 -= height
	top := l.area.y1 + 2*legendPadding
	xl, yl, nl := l.area.x0, top, 0
	xr, yr, nr := l.area.x1-l.area.x0, top, 0
	for _, e := range entries {
		if e.right {
			l.mark(xr-legendPadding, yr, e)
			l.name(xr-l.box, yr, e, rightAligned)
			xr -= l.column
			if nr++; nr%columns == 0 {
				xr = l.area.x1 - l.area.x0
				yr += l.row
			}
			continue
		}
		l.mark(xl, yl, e)
		l.name(xl+l.box+legendPadding, yl, e, leftAligned)
		xl += l.column
		if nl++; nl%columns == 0 {
			xl = l.area.x0
			yl += l.row
		}
	}
}

// mark draws the colour box of an entry.
func (l *legend) mark(x, y float64, e entry) {
	b := box{x, y, x + l.box, y + l.box}
	if l.s.template.modern {
		third := l.box / 4
		l.rect(box{b.x0, b.y0 + third, b.x1, b.y1 - third}, e.ink)
		return
	}
	l.rect(b, e.ink)
	p := pen{ink: colorNames["darkgrey"], width: 1}
	// Like in glyph.py, the frame begins half a line width inside the box and ends on its edge.
	b.x0, b.y0 = b.x0+0.5, b.y0+0.5
	c := around(b)
	for i := range c {
		l.line(c[i], c[(i+1)%4], p)
	}
}

func (l *legend) name(x, y float64, e entry, align alignment) {
	l.write(label{text: e.name, at: point{x, y}, font: l.s.font, ink: l.s.ink}, align, topPlaced)
}

// unique removes entries whose name is already in the list.
func unique(entries []entry) []entry {
	seen := make(map[string]bool, len(entries))
	return slices.DeleteFunc(entries, func(e entry) bool {
		was := seen[e.name]
		seen[e.name] = true
		return was
	})
}
