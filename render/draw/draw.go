package draw

import (
	"context"
	"time"
)

// New returns a Drawer. It parses the fonts, so there should be only one.
func New(o Options) (*Drawer, error) {
	if o.MaxPixels <= 0 {
		o.MaxPixels = DefaultOptions().MaxPixels
	}
	d := &Drawer{options: o}
	d.builtIn, _ = NewTemplates(nil)
	var err error
	if d.faces, err = newFaces(); err != nil {
		return nil, err
	}
	d.works.New = func() any { return new(work) }
	d.rasters.New = func() any { return new(raster) }
	d.svgs.New = func() any { return new(svg) }
	d.pdfs.New = func() any { return new(pdf) }
	return d, nil
}

// Append appends the picture of g to dst. If the value of a parameter is invalid, it returns a
// *ParamError. With any error it returns dst unchanged. A picture needs 4 to 13 bytes of memory per
// pixel and up to two copies of the values. Append checks ctx only between two series.
func (d *Drawer) Append(ctx context.Context, dst []byte, g Graph) ([]byte, error) {
	if g.Param == nil {
		g.Param = func(string) (string, bool) { return "", false }
	}
	if g.Location == nil {
		g.Location = time.UTC
	}
	w := d.works.Get().(*work)
	defer w.release(d)
	p := &params{get: g.Param}
	var size settings
	if size.read(d, p); p.err != nil {
		return dst, p.err
	}
	c := &canvas{ctx: ctx, d: d, p: p, w: w}
	out, err := dst, error(nil)
	switch g.Format {
	case "", "png":
		r := d.rasters.Get().(*raster)
		defer d.rasters.Put(r)
		r.reset(size.width, size.height, size.ratio, size.background.a == 255)
		c.surface = r
		_, err = c.draw(&g)
	case "svg":
		o := d.svgs.Get().(*svg)
		defer d.svgs.Put(o)
		o.reset(&size, titleOf(&g, &size))
		c.surface = o
		var l *lineGraph
		if l, err = c.draw(&g); l != nil && err == nil {
			w.metadata = l.appendMetadata(w.metadata[:0])
			o.script = w.metadata
		}
	case "pdf":
		o := d.pdfs.Get().(*pdf)
		defer d.pdfs.Put(o)
		o.reset(&size, titleOf(&g, &size))
		c.surface = o
		_, err = c.draw(&g)
	default:
		return dst, &ParamError{Name: "format", Value: g.Format, Msg: "must be png, svg or pdf"}
	}
	if err == nil {
		out, err = c.finish(dst)
	}
	if err != nil {
		return dst, err
	}
	return out, nil
}

// draw draws g on the surface. The returned graph is nil for a pie and if there is no data.
func (c *canvas) draw(g *Graph) (*lineGraph, error) {
	if g.Pie {
		return nil, c.drawPie(g)
	}
	return c.drawLine(g)
}

// titleOf describes in a few words what a graph shows.
func titleOf(g *Graph, s *settings) string {
	if s.title != "" {
		return s.title
	}
	b := []byte("Graph of ")
	n := 0
	name := func(s string) bool {
		if n++; n > 1 {
			b = append(b, ", "...)
		}
		if n > 5 || len(b) > 200 {
			b = append(b, "..."...)
			return false
		}
		b = append(b, s...)
		return true
	}
	for _, x := range g.Slices {
		if !name(x.Name) {
			return string(b)
		}
	}
	for _, x := range g.Series {
		if !name(x.Name) {
			return string(b)
		}
	}
	if n == 0 {
		return "Graph without data"
	}
	return string(b)
}
