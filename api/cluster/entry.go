package cluster

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"strings"

	"graphited/whisper"
)

// errNoNode and errNoSeries describe invalid entries of a response.
var (
	errNoNode   = errors.New("an entry is not a node: it has no path")
	errNoSeries = errors.New("an entry is not a series: it has no name, no step or no values")
)

// entry is a series of a response. Until is not read because it follows from the other fields.
type entry struct {
	name   string
	path   string // the target it belongs to, or the name if the server does not say
	series whisper.Series
}

// check completes an entry and returns an error if it cannot be a series.
func (e *entry) check(start, step float64) error {
	if e.name == "" || !(step >= 1 && step <= math.MaxUint32) || !(math.Abs(start) <= 1<<40) || e.series.Values == nil {
		return errNoSeries
	}
	if len(e.name) > 64<<10 {
		return fmt.Errorf("an entry has a name of %d bytes", len(e.name))
	}
	e.name = strings.ToValidUTF8(e.name, "\uFFFD")
	e.path = cmp.Or(e.path, e.name)
	s := &e.series
	s.From, s.Step = int64(start), int64(step)
	s.Until = s.From + s.Step*int64(len(s.Values))
	return nil
}
