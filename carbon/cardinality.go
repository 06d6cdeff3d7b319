package carbon

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"graphited/carbon/facts"
	"graphited/carbon/index"
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

// SenderCount is an address, the series that came from there first since the start, and those of
// them that were not known at all before.
type SenderCount struct {
	Address string `json:"address"`
	Series  int64  `json:"series"`
	New     int64  `json:"new"`
}

// QuotaCount is a quota with one of the groups that are nearest to it.
type QuotaCount struct {
	Name   string `json:"name"`
	Group  string `json:"group"` // a branch, or the value of a tag
	Series int    `json:"series"`
	Max    int    `json:"max"`
}

// CardinalityQuery is a question about where the series come from.
type CardinalityQuery = facts.CardinalityQuery

// Cardinality answers from the index. The price is a merge of it and a look at each branch of a
// level. It is safe for concurrent use.
func (d *Daemon) Cardinality(q CardinalityQuery) Cardinality {
	q.Depth = max(1, q.Depth)
	if q.Limit <= 0 {
		q.Limit = 50
	}
	before := d.growth.oldest()
	c := Cardinality{
		Series: d.names.Len(), Tagged: d.tags.Len(), Since: before.at.Unix(), Refused: d.stats.Dropped(wire.TooManySeries) + d.stats.Dropped(wire.OverQuota),
		Prefixes: []PrefixCount{}, Tags: []TagCount{}, Values: []ValueCount{}, Senders: d.senders.list(q.Limit), Quotas: d.limits.list(q.Limit),
	}
	if d.limits.most < math.MaxInt64 {
		c.Limit = d.limits.most
	}
	for _, b := range d.names.Largest(q.Branch, q.Depth, maxBranches) {
		c.Prefixes = append(c.Prefixes, PrefixCount{b.Path, b.Names, before.grown(b.Path, b.Names)})
	}
	for _, s := range d.tags.Sizes() {
		c.Tags = append(c.Tags, TagCount{s.Tag, s.Values, s.Series, s.Values - before.values[s.Tag]})
	}
	if q.Growing {
		slices.SortStableFunc(c.Prefixes, func(a, b PrefixCount) int { return cmp.Compare(b.Grown, a.Grown) })
		slices.SortStableFunc(c.Tags, func(a, b TagCount) int { return cmp.Compare(b.Grown, a.Grown) })
	}
	c.Prefixes, c.Tags = c.Prefixes[:min(q.Limit, len(c.Prefixes))], c.Tags[:min(q.Limit, len(c.Tags))]
	if q.Tag != "" {
		values, _ := d.tags.Values(q.Tag, "", 0) // no filter, no error
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
	every(ctx, growthInterval, func() { g.remember(names, tags) })
}

// maxSenders is how many addresses are told apart.
const maxSenders = 10000

// senders counts the series by the addresses from which they came first. It is safe for concurrent
// use.
type senders struct {
	mu   sync.Mutex
	from map[string]*sender
}

type sender struct{ series, fresh atomic.Int64 }

// note counts a series that came from a source; fresh tells that it was not known at all. Of two
// sources that send a new name at the same time either may be first to know it, and either first to
// have its series: made.
func (s *senders) note(src *connection, made, fresh bool) {
	if s == nil || !made && !fresh {
		return
	}
	if src.sender == nil {
		addr := src.Addr
		if src.Receiver == wire.ByUDP { // whose address is our own
			addr = "udp"
		}
		src.sender = s.of(addr)
	}
	if made {
		src.sender.series.Add(1)
	}
	if fresh {
		src.sender.fresh.Add(1)
	}
}

func (s *senders) of(addr string) *sender {
	if n := strings.LastIndexByte(addr, ':'); n >= 0 { // another connection has another port
		addr = strings.Trim(addr[:n], "[]")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from == nil {
		s.from = map[string]*sender{}
	}
	if s.from[addr] == nil && len(s.from) >= maxSenders {
		addr = "others"
	}
	if s.from[addr] == nil {
		s.from[strings.Clone(addr)] = new(sender)
	}
	return s.from[addr]
}

// list returns those with most series.
func (s *senders) list(limit int) []SenderCount {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]SenderCount, 0, len(s.from))
	for addr, x := range s.from {
		list = append(list, SenderCount{addr, x.series.Load(), x.fresh.Load()})
	}
	slices.SortFunc(list, func(a, b SenderCount) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), strings.Compare(a.Address, b.Address))
	})
	return list[:min(limit, len(list))]
}

// list returns the groups that have the largest part of their quota, as far as they were looked at.
func (l *limiter) list(limit int) []QuotaCount {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := make([]QuotaCount, 0, len(l.groups))
	for g, c := range l.groups {
		q := &l.rules[g.quota]
		list = append(list, QuotaCount{q.Name, g.name, c.series, q.MaxSeries})
	}
	share := func(q QuotaCount) float64 { return float64(q.Series) / float64(max(1, q.Max)) }
	slices.SortFunc(list, func(a, b QuotaCount) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), strings.Compare(a.Name, b.Name), strings.Compare(a.Group, b.Group))
	})
	return list[:min(limit, len(list))]
}
