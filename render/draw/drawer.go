package draw

import (
	"sync"
	"time"

	"graphited/render"
)

// Options are the settings of a Drawer, in the section [web] of carbon.conf. Zero values are not
// defaults, see DefaultOptions.
type Options struct {
	// Templates returns the templates that are in force. Nil means the built-in ones, and so does a
	// nil result.
	Templates      func() *Templates
	DateFormat     string `conf:"DATE_FORMAT" doc:"The format of days below the time axis of a picture. In carbon.conf % is written %%."`
	LegendMaxItems int    `conf:"LEGEND_MAX_ITEMS" is:"off" doc:"A picture with more series has no legend unless the request has hideLegend=false."`
	MaxPixels      int    `conf:"MAX_PICTURE_PIXELS" is:">0" unit:"pixels" own:"true" doc:"The pixels (width * height * pixelRatio²) that a picture may have."`
}

// DefaultOptions returns Graphite's defaults.
func DefaultOptions() Options {
	return Options{DateFormat: "%m/%d", LegendMaxItems: 10, MaxPixels: 4096 * 4096}
}

// Graph is a picture to draw.
type Graph struct {
	// Format is png, svg or pdf. "" means png.
	Format string
	// Pie draws a pie of Slices, then Series, instead of lines.
	Pie bool
	// Series are the lines, or slices whose sizes depend on pieMode.
	Series []*render.Series
	// Slices are the slices of a pie that are given by value, such as "name:12".
	Slices []Slice
	// From and Until are the requested Unix seconds. They are not used: as in Graphite, the time
	// axis is that of the series.
	From, Until int64
	// Location is the zone of the time axis. nil means UTC.
	Location *time.Location
	// Param returns the value of a parameter of the request. nil means that there are none.
	Param func(name string) (string, bool)
}

// Slice is a part of a pie.
type Slice struct {
	Name  string
	Value float64
}

// Drawer draws graphs. It is safe for concurrent use.
type Drawer struct {
	options Options
	faces   *faces
	builtIn *Templates
	works   sync.Pool // *work
	rasters sync.Pool // *raster
	svgs    sync.Pool // *svg
	pdfs    sync.Pool // *pdf
}

// template returns the template of a name.
func (d *Drawer) template(name string) *template {
	if d.options.Templates != nil {
		if t := d.options.Templates(); t != nil {
			return t.find(name)
		}
	}
	return d.builtIn.find(name)
}
