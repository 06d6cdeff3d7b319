package carbon

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"graphited/carbon/facts"
	"graphited/carbon/index"
	"graphited/carbon/pace"
	"graphited/carbon/wire"
)

// Cardinality tells where the series come from. Its JSON is the answer of /metrics/cardinality.
type Cardinality struct {
	Series  int   `json:"series"` // all, tagged ones included
	Tagged  int   `json:"tagged"`
	Limit   int64 `json:"limit"`   // MAX_SERIES; 0: none
	Since   int64 `json:"since"`   // Unix seconds: what has grown, has since then
	Refused int64 `json:"refused"` // points of new series that a limit has refused since the start

	Prefixes []PrefixCount `json:"prefixes"`
	Tags     []TagCount    `json:"tags"`
	Values   []ValueCount  `json:"values"` // of the tag that was asked for
	Senders  []SenderCount `json:"senders"`
	Quotas   []QuotaCount  `json:"quotas"`
}

// PrefixCount is a branch, the series below it, and how many more they are than they were.
type PrefixCount struct {
	Path   string `json:"path"`
	Series int    `json:"series"`
	Grown  int    `json:"grown"`
}

// TagCount is a tag, its distinct values and the series that have it, and how many more values
// there are than there were.
type TagCount struct {
	Tag    string `json:"tag"`
	Values int    `json:"values"`
	Series int    `json:"series"`
	Grown  int    `json:"grown"`
}

// ValueCount is a value of a tag and the series that have it.
type ValueCount struct {
	Value  string `json:"value"`
	Series int    `json:"series"`
}

// Cardinality answers from the index. The price is a merge of it and a look at each branch of a
// level. It is safe for concurrent use.
func (r *Report) Cardinality(q facts.CardinalityQuery) Cardinality {
	q.Depth = max(1, q.Depth)
	if q.Limit <= 0 {
		q.Limit = 50
	}
	before := r.growth.oldest()
	c := Cardinality{
		Series: r.names.Len(), Tagged: r.tags.Len(), Since: before.at.Unix(), Refused: r.stats.Dropped(wire.TooManySeries) + r.stats.Dropped(wire.OverQuota),
		Prefixes: []PrefixCount{}, Tags: []TagCount{}, Values: []ValueCount{}, Senders: r.senders.list(q.Limit), Quotas: r.quotas.list(q.Limit),
	}
	if r.quotas.most < math.MaxInt64 {
		c.Limit = r.quotas.most
	}
	for _, b := range r.names.Largest(q.Branch, q.Depth, maxBranches) {
		c.Prefixes = append(c.Prefixes, PrefixCount{b.Path, b.Names, before.grown(b.Path, b.Names)})
	}
	for _, s := range r.tags.Sizes() {
		c.Tags = append(c.Tags, TagCount{s.Tag, s.Values, s.Series, s.Values - before.values[s.Tag]})
	}
	if q.Growing {
		slices.SortStableFunc(c.Prefixes, func(a, b PrefixCount) int { return cmp.Compare(b.Grown, a.Grown) })
		slices.SortStableFunc(c.Tags, func(a, b TagCount) int { return cmp.Compare(b.Grown, a.Grown) })
	}
	c.Prefixes, c.Tags = c.Prefixes[:min(q.Limit, len(c.Prefixes))], c.Tags[:min(q.Limit, len(c.Tags))]
	if q.Tag != "" {
		values, _ := r.tags.Values(q.Tag, "", 0) // no filter, no error
		slices.SortStableFunc(values, func(a, b index.TagValue) int { return cmp.Compare(b.Count, a.Count) })
		for _, v := range values[:min(q.Limit, len(values))] {
			c.Values = append(c.Values, ValueCount{v.Value, v.Count})
		}
	}
	return c
}

const (
	growthInterval = 5 * time.Minute // between two samples
	growthSamples  = 13              // an hour
	growthDepth    = 3               // levels of branches that are sampled
	maxBranches    = 2000            // of each level: the largest
)

// growth remembers how many series there were. It is safe for concurrent use.
type growth struct {
	mu      sync.Mutex
	samples []sample // oldest first
}

// sample is what there was at one time.
type sample struct {
	at     time.Time
	series map[string]int   // by branch
	least  [growthDepth]int // series of the smallest branch of a level, where not all were counted; else 0
	values map[string]int   // by tag
}

// grown tells how many series more a branch has. One that was too small to be counted then, is
// taken to have been as large as the smallest that was.
func (s *sample) grown(path string, now int) int {
	then, known := s.series[path]
	if !known {
		level := strings.Count(path, ".")
		if level >= growthDepth {
			return 0
		}
		then = min(now, s.least[level])
	}
	return now - then
}

func (g *growth) oldest() sample {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.samples) == 0 {
		return sample{at: time.Now()}
	}
	return g.samples[0]
}

func (g *growth) remember(names *index.Tree, tags *index.Tags) {
	s := sample{at: time.Now(), series: map[string]int{}, values: map[string]int{}}
	for level := range growthDepth {
		largest := names.Largest("", level+1, maxBranches)
		for _, b := range largest {
			s.series[b.Path] = b.Names
		}
		if len(largest) == maxBranches {
			s.least[level] = largest[maxBranches-1].Names
		}
	}
	for _, t := range tags.Sizes() {
		s.values[t.Tag] = t.Values
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.samples = append(g.samples, s)
	if len(g.samples) > growthSamples {
		g.samples = slices.Delete(g.samples, 0, 1)
	}
}

// run takes samples until ctx ends.
func (g *growth) run(ctx context.Context, names *index.Tree, tags *index.Tags) {
	g.remember(names, tags)
	pace.Every(ctx, growthInterval, func() { g.remember(names, tags) })
}
