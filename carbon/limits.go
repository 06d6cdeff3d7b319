package carbon

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/carbon/wire"
)

// Quota limits how many series there may be in each branch that a pattern matches, or with each
// value of a tag.
type Quota struct {
	Name      string
	Pattern   string // of branches, as in find: servers.*
	Tag       string // without a pattern: the tag
	MaxSeries int

	branch *index.BranchPattern
}

// Quotas are the quotas that are in force. They belong to one Daemon.
type Quotas []Quota

// NewQuota checks a quota and makes it ready.
func NewQuota(name, pattern, tag string, maxSeries int) (Quota, error) {
	q := Quota{Name: name, Pattern: pattern, Tag: tag, MaxSeries: maxSeries}
	if (pattern == "") == (tag == "") {
		return q, errors.New("either a pattern or a tag must be given")
	}
	if pattern != "" {
		var ok bool
		if q.branch, ok = index.NewBranchPattern(pattern); !ok {
			return q, fmt.Errorf("%q is no pattern for branches: nodes between dots, without **", pattern)
		}
	}
	return q, nil
}

// of returns what a series is counted with, its branch or the value of the tag; ok is false when
// the quota is not about it.
func (q *Quota) of(name string) (group string, ok bool) {
	switch {
	case q.Tag != "":
		if naming.IsTagged(name) {
			group = index.TagOf(name, q.Tag)
		}
		return group, group != ""
	case naming.IsTagged(name):
		return "", false
	}
	return q.branch.Branch(name)
}

const (
	recountTime    = time.Minute // after which a group is counted again: series also come and go otherwise
	recountFull    = time.Second // after which one that is full is
	maxQuotaGroups = 1 << 16     // that are remembered
)

// quotas decides which new series are taken in. It is safe for concurrent use.
type quotas struct {
	most    int64 // MAX_SERIES
	inForce func() Quotas
	known   catalog

	mu      sync.Mutex
	counted Quotas                   // what groups is about; guarded by mu
	groups  map[quotaKey]*quotaGroup // guarded by mu
}

// quotaKey names what a quota counts together.
type quotaKey struct {
	quota int
	name  string
}

// quotaGroup is how many series it has, and when they were counted.
type quotaGroup struct {
	series int
	at     time.Time
}

func newQuotas(o conf.Options, inForce func() Quotas, known catalog) *quotas {
	if inForce == nil {
		inForce = func() Quotas { return nil }
	}
	q := &quotas{most: math.MaxInt64, inForce: inForce, known: known}
	if o.MaxSeries < math.MaxInt64/2 {
		q.most = int64(math.Ceil(o.MaxSeries))
	}
	return q
}

// admit takes a series into the tree of names, or says why not. fresh tells that it was not there.
// Series that are known are always admitted.
func (q *quotas) admit(name string) (fresh bool, reason wire.Reason, ok bool) {
	file, names := naming.TreeName(name, q.known.hash), q.known.names
	inForce := q.inForce()
	if q.most == math.MaxInt64 && len(inForce) == 0 {
		return names.Add(file), 0, true
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if names.Has(file) {
		return false, 0, true
	}
	if int64(names.Len()) >= q.most {
		return false, wire.TooManySeries, false
	}
	full, in := q.look(inForce, name)
	if full {
		return false, wire.OverQuota, false
	}
	for _, c := range in {
		c.series++
	}
	return names.Add(file), 0, true
}

// look returns the groups of a new series, and whether one of them is full. The caller holds q.mu.
func (q *quotas) look(inForce Quotas, name string) (full bool, in []*quotaGroup) {
	if len(inForce) != len(q.counted) || len(inForce) > 0 && &inForce[0] != &q.counted[0] || len(q.groups) > maxQuotaGroups {
		q.counted, q.groups = inForce, nil
	}
	if q.groups == nil {
		q.groups = map[quotaKey]*quotaGroup{}
	}
	for i := range inForce {
		quota := &inForce[i]
		of, ok := quota.of(name)
		if !ok {
			continue
		}
		c := q.groups[quotaKey{i, of}]
		if c == nil {
			c = &quotaGroup{}
			q.groups[quotaKey{i, strings.Clone(of)}] = c
		}
		if age := time.Since(c.at); age > recountTime || c.series >= quota.MaxSeries && age > recountFull {
			c.series, c.at = q.count(quota, of), time.Now()
		}
		if c.series >= quota.MaxSeries {
			return true, nil
		}
		in = append(in, c)
	}
	return false, in
}

func (q *quotas) count(quota *Quota, group string) int {
	if quota.Tag != "" {
		return q.known.tags.Count(quota.Tag, group)
	}
	return q.known.names.Count(group)
}

// QuotaCount is a quota with one of the groups that are nearest to it.
type QuotaCount struct {
	Name   string `json:"name"`
	Group  string `json:"group"` // a branch, or the value of a tag
	Series int    `json:"series"`
	Max    int    `json:"max"`
}

// list returns the groups that have the largest part of their quota, as far as they were looked at.
func (q *quotas) list(limit int) []QuotaCount {
	q.mu.Lock()
	defer q.mu.Unlock()
	list := make([]QuotaCount, 0, len(q.groups))
	for g, c := range q.groups {
		quota := &q.counted[g.quota]
		list = append(list, QuotaCount{quota.Name, g.name, c.series, quota.MaxSeries})
	}
	share := func(q QuotaCount) float64 { return float64(q.Series) / float64(max(1, q.Max)) }
	slices.SortFunc(list, func(a, b QuotaCount) int {
		return cmp.Or(cmp.Compare(share(b), share(a)), strings.Compare(a.Name, b.Name), strings.Compare(a.Group, b.Group))
	})
	return list[:min(limit, len(list))]
}
