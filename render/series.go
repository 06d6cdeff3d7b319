package render

import (
	"fmt"
	"strings"

	"graphited/carbon/pyvalue"
	"graphited/whisper"
)

// Tag is one key and value of a series.
type Tag struct{ Key, Value string }

// Series is one line of a graph. It is immutable once handed out: whoever wants
// another name, tag or value makes a shallow copy and replaces what differs.
type Series struct {
	// From is inclusive, Until exclusive; NaN is null. As in graphite-web the
	// number of values can differ from (Until-From)/Step: a constant line has
	// three points, and a shifted series keeps the range that it was asked for.
	whisper.Series

	Name         string        // what the reader sees
	Path         string        // graphite-web's pathExpression: aggregates are named by it
	Tags         []Tag         // in order of insertion; never changed in place
	Consolidate  string        // "sum", "max", ...: how points are merged; "" is average
	XFilesFactor float64       // share of known points that a merged point needs
	Int          bool          // values print as integers, where graphite-web computes with Python ints
	Graph        *GraphOptions // how to draw it; nil: as the graph says
}

// GraphOptions is what the Graph functions say about drawing one series.
// It is immutable like the series that carries it.
type GraphOptions struct {
	Color          string   // name or hex; "" is the next of the colour list
	Alpha          *float64 // nil: opaque
	LineWidth      *float64 // nil: the graph's
	Dashed         float64  // dash length; 0 is a solid line
	Stacked        bool
	Invisible      bool // drawn as the lower bound of an area only
	SecondYAxis    bool
	DrawAsInfinite bool
}

// Tag returns the value of a tag and whether the series has it.
func (s *Series) Tag(key string) (string, bool) {
	for _, t := range s.Tags {
		if t.Key == key {
			return t.Value, true
		}
	}
	return "", false
}

// Edited is the series as a graphite-web function leaves it that works in
// place: new name (which becomes the path) and values, all else kept.
func (s *Series) Edited(name string, values []float64) *Series {
	t := *s
	t.Name, t.Path, t.Values = name, name, values
	return &t
}

// Copied is the series as graphite-web's TimeSeries.copy gives it: as edited,
// but drawing options stay behind.
func (s *Series) Copied(name string, values []float64) *Series {
	t := s.Edited(name, values)
	t.Graph = nil
	return t
}

// Renamed changes the name alone: the path stays.
func (s *Series) Renamed(name string) *Series {
	t := *s
	t.Name = name
	return &t
}

// Tagged sets one tag of a series that nobody else holds yet.
func (s *Series) Tagged(key, value string) *Series {
	s.Tags = WithTag(s.Tags, key, value)
	return s
}

// Drawn changes drawing options of a series that nobody else holds yet.
func (s *Series) Drawn(change func(*GraphOptions)) *Series {
	var g GraphOptions
	if s.Graph != nil {
		g = *s.Graph
	}
	change(&g)
	s.Graph = &g
	return s
}

// WithTag returns a copy of tags in which key has value; a known key keeps its place.
func WithTag(tags []Tag, key, value string) []Tag {
	out := make([]Tag, len(tags), len(tags)+1)
	copy(out, tags)
	for i := range out {
		if out[i].Key == key {
			out[i].Value = value
			return out
		}
	}
	return append(out, Tag{key, value})
}

// WithoutTag returns tags without key.
func WithoutTag(tags []Tag, key string) []Tag {
	out := make([]Tag, 0, len(tags))
	for _, t := range tags {
		if t.Key != key {
			out = append(out, t)
		}
	}
	return out
}

// tagsOf reads the tags of a name as graphite-web's TimeSeries does: those of
// "metric;a=1;b=2" with the metric as "name". The text of a call, and a name
// that cannot be parsed, is its own "name".
func tagsOf(name string) []Tag {
	if name != "" && name[0] != '~' && !strings.ContainsAny(name, ";{") {
		return []Tag{{"name", name}} // as most are: nothing to parse
	}
	if !isCallText(name) {
		if tags, err := ParseTags(name); err == nil {
			return tags
		}
	}
	return []Tag{{"name", name}}
}

// isCallText reports whether name looks like "word(...)", ASCII letters only.
func isCallText(name string) bool {
	i := 0
	for i < len(name) && (name[i]|0x20 >= 'a' && name[i]|0x20 <= 'z') {
		i++
	}
	return i > 0 && i+2 < len(name) && name[i] == '(' && name[len(name)-1] == ')' && !strings.Contains(name, "\n")
}

const SeriesByTag = "seriesByTag"

// seriesPoints is what a series takes beside its values and a long name, in points.
const seriesPoints = 24

// namePoints is what a name takes, in points.
func namePoints(name string) int64 { return int64(len(name) / 8) }

// ParseTags splits "metric;tag=value;..." into tags in the order given, then
// "name". A later duplicate wins and keeps the first one's place.
func ParseTags(path string) ([]Tag, error) {
	name, texts, err := pyvalue.SplitTags(path)
	if err != nil {
		return nil, fmt.Errorf("cannot parse the tags of %q: %w", path, err)
	}
	tags := make([]Tag, 0, len(texts)+1)
	for _, t := range texts {
		key, value, _ := strings.Cut(t, "=")
		tags = WithTag(tags, key, value)
	}
	return WithTag(tags, "name", name), nil
}
