// Package draw draws Graphite's graphs, LineGraph and PieGraph, as PNG, SVG and
// PDF, without cairo.
//
// A Drawer, made once by New, holds fonts, templates and pools of buffers. Its
// Append draws a Graph: series with the drawing options that the Graph functions
// of a target gave them, and the parameters of the request. A canvas does the
// layout, in pixels and the same for all formats, and draws on a surface, which
// there are three of: raster (antialiased with golang.org/x/image/vector, its
// rows lie in memory as a PNG wants them), svg (texts are text, parts are groups
// of the names that graphite-web uses, metadata in a script) and pdf (texts are
// outlines).
//
// What goes where follows graphite-web's glyph.py as it draws on an SVG, where
// the widths of letters are not rounded to pixels: plot area, labels, grid and
// legend are in the same places. testdata/draw holds what it was recorded to do.
// Different on purpose:
//
//   - A PNG has the layout of the SVG. Lines of the grid lie on whole pixels, and
//     so do tops and feet of letters.
//   - Areas that meet leave no seam. A stacked series drawn after one that is
//     drawn as infinite does not hide it.
//   - A legend or margins that would leave nothing for the graph are left out;
//     glyph.py then draws upside down. vtitle with yAxisSide=right works.
//   - Labels of the time axis follow the clock on the wall across a change of the
//     clocks, are there for two days on a wide picture too, and do not overlap for
//     decades.
//   - A PDF has the layout of the others, a point a pixel; glyph.py scales the page
//     but not the type.
//   - Bad values of parameters are a *ParamError that names the parameter. Some
//     graphs that glyph.py fails to draw are drawn: axes with one label or none,
//     logarithmic axes without data, values near the largest float, pies that add
//     up to nothing ("No Data"). minorY gives no lines less than a pixel apart.
//   - More parameters: pixelRatio enlarges a PNG for sharp screens (0.1 to 16), and
//     the templates modern and modern-dark have a quiet grid, colours that
//     colour-blind readers can tell apart, and lines that are blended as light.
//   - Labels of a low graph, names of a legend with two axes and long titles are
//     not written over one another, nor cut (docs/differences.md).
//
// Fonts are DejaVu: Sans, Sans Bold and Sans Mono; italics are slanted. Other
// families are drawn in Sans, as on a system that has none; an SVG names the
// family that was asked for first.
//
// A Drawer is safe for concurrent use; series are only read.
package draw
