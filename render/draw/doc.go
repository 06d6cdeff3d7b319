// Package draw draws Graphite's graphs, LineGraph and PieGraph, as PNG, SVG and
// PDF, without cairo.
//
// A Drawer, created once by New, holds fonts, templates and pools of buffers. Its Append draws a
// Graph: series with the drawing options of Graphite's functions, and the parameters of the
// request. A canvas does the layout, in pixels and identical for all formats, and draws on a
// surface. There are three surfaces: raster (antialiased with golang.org/x/image/vector; its rows
// are stored as PNG needs them), svg (texts are text, parts are groups with the names that
// graphite-web uses, metadata is in a script) and pdf (texts are outlines).
//
// The layout follows graphite-web's glyph.py when it draws an SVG, where the widths of letters are
// not rounded to pixels: plot area, labels, grid and legend are in the same places. testdata/draw
// holds recordings of it. The intended differences are:
//
//   - A PNG has the layout of the SVG. Grid lines are on whole pixels, and so are the tops and
//     feet of letters.
//   - Adjacent areas have no gap between them. A stacked series that is drawn after one with
//     drawAsInfinite does not hide it.
//   - A legend or margins that would leave no room for the graph are omitted; glyph.py then draws
//     upside down. vtitle with yAxisSide=right works.
//   - Labels of the time axis follow local time across a change of the clocks. They are also drawn
//     for two days on a wide picture, and do not overlap for decades.
//   - A PDF has the same layout, with one point per pixel; glyph.py scales the page but not the
//     type.
//   - An invalid parameter gives a *ParamError that names the parameter. Some graphs that glyph.py
//     fails to draw are drawn: axes with one label or none, logarithmic axes without data, values
//     near the largest float, pies with a sum of zero ("No Data"). minorY draws no lines that are
//     less than a pixel apart.
//   - There are more parameters: pixelRatio enlarges a PNG for sharp screens (0.1 to 16), and the
//     templates modern and modern-dark have a quiet grid, colours that colour-blind readers can
//     distinguish, and lines that are blended as light.
//   - Labels of a low graph, names of a legend with two axes and long titles neither overlap nor
//     are cut (docs/differences.md).
//
// The fonts are DejaVu Sans, Sans Bold and Sans Mono; italics are slanted. Other families are drawn
// in Sans, as on a system that lacks them. An SVG names the requested family first.
//
// A Drawer is safe for concurrent use. It only reads series.
package draw
