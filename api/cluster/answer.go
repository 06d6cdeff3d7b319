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

// isMsgpack distinguishes MessagePack from a pickle in the same way as graphite-web.
func isMsgpack(contentType string) bool { return contentType == "application/x-msgpack" }

func (s *server) format() string {
	if s.msgpack {
		return "msgpack"
	}
	return "pickle"
}

func compareNodes(a, b Node) int {
	if c := strings.Compare(a.Path, b.Path); c != 0 || a.Leaf == b.Leaf {
		return c
	}
	if b.Leaf {
		return -1
	}
	return 1
}

// readNodes reads the response to a find. An empty body means no nodes.
func readNodes(contentType string, body []byte) ([]Node, error) {
	switch {
	case len(body) == 0:
		return nil, nil
	case isMsgpack(contentType):
		return unpackNodes(body)
	}
	return unpickleNodes(body)
}

// readSeries reads the response to a render. An empty body means no series.
func readSeries(contentType string, body []byte) ([]entry, error) {
	switch {
	case len(body) == 0:
		return nil, nil
	case isMsgpack(contentType):
		return unpackSeries(body)
	}
	return unpickleSeries(body)
}

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

// span extends the interval of a node by another interval.
func (n *Node) span(start, end float64) {
	from, until := seconds(start), seconds(end)
	if n.Start == 0 && n.End == 0 || from < n.Start {
		n.Start = from
	}
	n.End = max(n.End, until)
}

// seconds truncates a time to whole seconds. Infinity becomes a time far in the future.
func seconds(t float64) int64 {
	const far = 1 << 40
	if !(math.Abs(t) < far) {
		if t > 0 {
			return far
		}
		return 0
	}
	return int64(t)
}
