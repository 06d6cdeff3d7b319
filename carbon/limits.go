package carbon

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"

	"graphited/carbon/index"
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
		if isTagged(name) {
			group = index.TagOf(name, q.Tag)
		}
		return group, group != ""
	case isTagged(name):
		return "", false
	}
	return q.branch.Branch(name)
}

const (
	recountTime    = time.Minute // after which a group is counted anew: series also come and go otherwise
	recountFull    = time.Second // after which one that is full is
	maxQuotaGroups = 1 << 16     // that are remembered
)

// limiter decides which new series are taken in. It is safe for concurrent use.
type limiter struct {
	most   int64 // MAX_SERIES
	quotas func() Quotas
	names  *index.Tree
	tags   *index.Tags
	hash   bool

	mu     sync.Mutex
	rules  Quotas                   // what groups is about; guarded by mu
	groups map[quotaKey]*quotaGroup // guarded by mu
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

func newLimiter(o Options, quotas func() Quotas, names *index.Tree, tags *index.Tags) *limiter {
	if quotas == nil {
		quotas = func() Quotas { return nil }
	}
	l := &limiter{most: math.MaxInt64, quotas: quotas, names: names, tags: tags, hash: o.HashTagged}
	if o.MaxSeries < math.MaxInt64/2 {
		l.most = int64(math.Ceil(o.MaxSeries))
	}
	return l
}

// admit takes a series into the tree of names, or says why not. fresh tells that it was not there.
// Series that are known are always admitted.
func (l *limiter) admit(name string) (fresh bool, reason wire.Reason, ok bool) {
	file := treeName(name, l.hash)
	quotas := l.quotas()
	if l.most == math.MaxInt64 && len(quotas) == 0 {
		return l.names.Add(file), 0, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.names.Has(file) {
		return false, 0, true
	}
	if int64(l.names.Len()) >= l.most {
		return false, wire.TooManySeries, false
	}
	full, in := l.look(quotas, name)
	if full {
		return false, wire.OverQuota, false
	}
	for _, c := range in {
		c.series++
	}
	return l.names.Add(file), 0, true
}

// look returns the groups of a new series, and whether one of them is full. The caller holds l.mu.
func (l *limiter) look(quotas Quotas, name string) (full bool, in []*quotaGroup) {
	if len(quotas) != len(l.rules) || len(quotas) > 0 && &quotas[0] != &l.rules[0] || len(l.groups) > maxQuotaGroups {
		l.rules, l.groups = quotas, nil
	}
	if l.groups == nil {
		l.groups = map[quotaKey]*quotaGroup{}
	}
	for i := range quotas {
		q := &quotas[i]
		of, ok := q.of(name)
		if !ok {
			continue
		}
		c := l.groups[quotaKey{i, of}]
		if c == nil {
			c = &quotaGroup{}
			l.groups[quotaKey{i, strings.Clone(of)}] = c
		}
		if age := time.Since(c.at); age > recountTime || c.series >= q.MaxSeries && age > recountFull {
			c.series, c.at = l.count(q, of), time.Now()
		}
		if c.series >= q.MaxSeries {
			return true, nil
		}
		in = append(in, c)
	}
	return false, in
}

func (l *limiter) count(q *Quota, group string) int {
	if q.Tag != "" {
		return l.tags.Count(q.Tag, group)
	}
	return l.names.Count(group)
}
