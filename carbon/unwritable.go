package carbon

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/tally"
)

const (
	unwritableShare    = 100              // one in so many series that were due may fail without the daemon being unwell
	unwritablePatience = 60 * time.Second // for more, and for one update that does not end
	dueWindow          = 10 * time.Minute // how far back a series that was written counts as one that was due, at most
	maxReasons         = 8                // that are told one by one
)

// unwritable knows the series that were due and could not be written, whatever the reason, and how
// many were due. A series is due when the writer takes it: how old its points are, and how long
// they were to wait, makes no difference. It is safe for concurrent use; an update costs a lock and
// some additions, a point nothing.
type unwritable struct {
	clock func() time.Time

	mu      sync.Mutex
	failed  map[*cache.Series]*failure
	groups  map[string]*failures        // of failed, by reason
	lost    int                         // of failed, those whose points are not tried again
	swept   int64                       // Unix seconds when those were looked through
	held    [2]held                     // series that are not even tried: updates, creates
	began   int64                       // Unix seconds since when some have failed
	over    int64                       // since when they are too many; 0: they are not
	written census                      // series, by when they were written last
	ever    bool                        // one was written since the start
	working map[*cache.Series]time.Time // the updates under way, since when
}

// failure is the last outcome of one series.
type failure struct {
	group *failures
	when  int64
	lost  bool
}

// failures are the series that fail for one reason.
type failures struct {
	reason  string
	series  int
	since   int64
	example *cache.Series
}

// held are series that are due and not tried, because the disk takes nothing.
type held struct {
	series  int
	example string
	reason  string
	since   int64
}

func newUnwritable(clock func() time.Time) *unwritable {
	return &unwritable{clock: clock, failed: map[*cache.Series]*failure{}, groups: map[string]*failures{}, working: map[*cache.Series]time.Time{}}
}

// begin notes that the update of a series is under way.
func (u *unwritable) begin(s *cache.Series) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.working[s] = u.clock()
}

// postponed ends an update that was not tried after all.
func (u *unwritable) postponed(s *cache.Series) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.working, s)
}

// wrote ends an update that worked, at a time of the writer's clock; before is when the series was
// written the last time, 0: never.
func (u *unwritable) wrote(s *cache.Series, before, now int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.working, s)
	u.ever = true
	if !u.drop(s) {
		u.written.leave(before)
	}
	u.written.enter(now)
	u.judge(u.clock().Unix())
}

// fail ends an update that did not work. lost says that its points are not tried again.
func (u *unwritable) fail(s *cache.Series, err error, before int64, lost bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.working, s)
	now, reason := u.clock().Unix(), reasonOf(err)
	defer func() { u.judge(now) }()
	switch f := u.failed[s]; {
	case f != nil && f.group.reason == reason:
		f.when = now
		return
	case f == nil:
		u.written.leave(before)
	}
	if len(u.failed) == 0 {
		u.began = now
	}
	u.drop(s)
	g := u.groups[reason]
	if g == nil {
		g = &failures{reason: reason, since: now}
		u.groups[reason] = g
	}
	g.series++
	g.example = s
	u.failed[s] = &failure{g, now, lost}
	if lost {
		u.lost++
	}
}

// forget forgets a series that was removed.
func (u *unwritable) forget(s *cache.Series) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.drop(s) {
		u.judge(u.clock().Unix())
	}
}

// drop takes a series out of those that failed; false when it was not one. The caller holds u.mu.
func (u *unwritable) drop(s *cache.Series) bool {
	f := u.failed[s]
	if f == nil {
		return false
	}
	delete(u.failed, s)
	if f.lost {
		u.lost--
	}
	g := f.group
	if g.series--; g.series == 0 {
		delete(u.groups, g.reason)
		return true
	}
	if g.example == s {
		for other, f := range u.failed {
			if f.group == g {
				g.example = other
				break
			}
		}
	}
	return true
}

// hold tells what the next round of the writer does not even try.
func (u *unwritable) hold(updates, creates held) {
	u.mu.Lock()
	defer u.mu.Unlock()
	now := u.clock().Unix()
	for i, h := range [...]held{updates, creates} {
		if h.since = now; u.held[i].reason == h.reason && u.held[i].series > 0 {
			h.since = u.held[i].since
		}
		u.held[i] = h
	}
	u.judge(now)
}

// judge notes since when too many series fail. The caller holds u.mu.
func (u *unwritable) judge(now int64) {
	if u.lost > 0 && (now-u.swept >= int64(unwritablePatience/time.Second) || now < u.swept) {
		u.swept = now
		for s, f := range u.failed { // nobody sends these any more
			if f.lost && now-f.when >= int64(dueWindow/time.Second) {
				u.drop(s)
			}
		}
	}
	switch n := len(u.failed); {
	case n == 0:
		u.over = 0
	case n*unwritableShare <= u.due(now) || n == 1 && u.ever: // one bad file is no reason, however few others are due
		u.over = 0
	case u.over == 0 || u.over > now: // or the clock was put back
		u.over = now
	}
}

// due returns how many series were due: those that fail, and those that were written since a minute
// before the first of them failed. The caller holds u.mu.
func (u *unwritable) due(now int64) int {
	since := now - int64(unwritablePatience/time.Second)
	if len(u.failed) > 0 {
		since = max(min(since, u.began-int64(unwritablePatience/time.Second)), now-int64(dueWindow/time.Second))
	}
	return len(u.failed) + u.written.since(since)
}

// UnwritableStatus is about the series that were due and could not be written. As long as that is
// so their points wait in the cache.
type UnwritableStatus struct {
	Series  int                `json:"series"`
	Due     int                `json:"due"`     // series that were due lately, these included
	Over    int64              `json:"over"`    // seconds for which they have been more than one in a hundred
	Hung    string             `json:"hung"`    // the series whose update has not ended for a minute; "": there is none
	Reasons []UnwritableReason `json:"reasons"` // the most frequent first
}

// UnwritableReason is one reason why series cannot be written.
type UnwritableReason struct {
	Reason  string `json:"reason"`
	Series  int    `json:"series"`
	Example string `json:"example"` // one of them
	Since   int64  `json:"since"`   // Unix seconds
}

// status returns how it is now.
func (u *unwritable) status() UnwritableStatus {
	u.mu.Lock()
	defer u.mu.Unlock()
	clock := u.clock()
	now := clock.Unix()
	u.judge(now)
	st := UnwritableStatus{Series: len(u.failed), Due: u.due(now), Reasons: []UnwritableReason{}}
	if u.over != 0 {
		st.Over = now - u.over
	}
	for s, since := range u.working {
		if clock.Sub(since) >= unwritablePatience {
			st.Hung = s.Name
		}
	}
	for _, g := range u.groups {
		st.add(UnwritableReason{g.reason, g.series, g.example.Name, g.since})
	}
	for _, h := range u.held {
		if h.series > 0 {
			st.Series += h.series
			st.Due += h.series
			st.add(UnwritableReason{h.reason, h.series, h.example, h.since})
		}
	}
	slices.SortFunc(st.Reasons, func(a, b UnwritableReason) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), cmp.Compare(a.Reason, b.Reason))
	})
	return st
}

// add adds series to those of a reason.
func (st *UnwritableStatus) add(r UnwritableReason) {
	for i := range st.Reasons {
		if same := &st.Reasons[i]; same.Reason == r.Reason {
			same.Series += r.Series
			same.Since = min(same.Since, r.Since)
			return
		}
	}
	st.Reasons = append(st.Reasons, r)
}

// well says whether so few series fail, or for so short a time, that the daemon is well.
func (st UnwritableStatus) well() bool {
	return st.Over < int64(unwritablePatience/time.Second) && st.Hung == ""
}

// String is a sentence such as: 2 of 90 series that were due cannot be written: permission denied
// (2, such as a.b); "" when there are none.
func (st UnwritableStatus) String() string {
	var b strings.Builder
	if st.Series > 0 {
		fmt.Fprintf(&b, "%d of %d series that were due cannot be written: ", st.Series, st.Due)
	}
	for i, r := range st.Reasons {
		if i == maxReasons {
			fmt.Fprintf(&b, "; and %d reasons more", len(st.Reasons)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (%d, such as %s)", r.Reason, r.Series, r.Example)
	}
	if st.Hung != "" {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "the update of %s has not ended for more than %d s", st.Hung, int64(unwritablePatience/time.Second))
	}
	return b.String()
}

// errAside tells that a damaged file could not be moved out of the way.
var errAside = errors.New("the file is damaged and cannot be set aside")

// reasonOf is what is wrong, without the name of the file, so that many files may have one reason.
func reasonOf(err error) string {
	if errors.Is(err, errAside) {
		return errAside.Error() + ": " + tally.Cause(err)
	}
	return tally.Cause(err)
}

const (
	censusStep  = 10 // seconds
	censusSteps = 64 // more than dueWindow
)

// census counts series by when they were written last. Times are Unix seconds.
type census struct {
	newest int64 // the step that is the last one
	series [censusSteps]int
}

func (c *census) enter(now int64) {
	step := now / censusStep
	if step <= c.newest-censusSteps || step >= c.newest+censusSteps { // the clock was put back, or nothing was written for long
		*c = census{newest: step}
	}
	for c.newest < step {
		c.newest++
		c.series[c.newest%censusSteps] = 0
	}
	c.series[step%censusSteps]++
}

// leave takes a series out that was written at a time, if that is not too long ago.
func (c *census) leave(then int64) {
	if step := then / censusStep; step > c.newest-censusSteps && step <= c.newest && c.series[step%censusSteps] > 0 {
		c.series[step%censusSteps]--
	}
}

// since counts those that were written at a time or after it.
func (c *census) since(then int64) (n int) {
	for step := max(then/censusStep, c.newest-censusSteps+1); step <= c.newest; step++ {
		n += c.series[step%censusSteps]
	}
	return n
}
