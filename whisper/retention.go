package whisper

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Archive is one resolution of a file: Points slots, Step seconds apart.
type Archive struct{ Step, Points int64 }

// Retention returns the time that the archive covers, in seconds.
func (a Archive) Retention() int64 { return a.Step * a.Points }

// String formats the archive for ParseRetentions.
func (a Archive) String() string {
	return strconv.FormatInt(a.Step, 10) + ":" + strconv.FormatInt(a.Points, 10)
}

func (a Archive) size() int64 { return a.Points * pointSize }

// align returns the beginning of the interval of t.
func (a Archive) align(t int64) int64 { return t - floorMod(t, a.Step) }

var units = [...]struct {
	name    string
	seconds int64
}{{"seconds", 1}, {"minutes", 60}, {"hours", 3600}, {"days", 86400}, {"weeks", 7 * 86400}, {"years", 365 * 86400}}

// ParseRetentions parses a list of retentions as in storage-schemas.conf, "10s:6h, 60:1440, 1h:1y",
// and sorts it by step. The step is before the colon, the time to cover after it. Each may have a
// unit: s, m, h, d, w, y or any prefix of seconds ... years, as in whisper.py (carbon accepts only
// the single letters). Without a unit, the step is in seconds and the second number is a number of
// points. A year has 365 days. ParseRetentions does not check the list further: see
// ValidateArchives.
func ParseRetentions(s string) ([]Archive, error) {
	var list []Archive
	for _, def := range strings.Split(s, ",") {
		a, err := parseRetention(strings.TrimSpace(def))
		if err != nil {
			return nil, fmt.Errorf("bad retention %q: %w", def, err)
		}
		list = append(list, a)
	}
	sortArchives(list)
	return list, nil
}

func parseRetention(def string) (Archive, error) {
	step, span, ok := strings.Cut(def, ":")
	if !ok {
		return Archive{}, errors.New("must be step:retention")
	}
	n, _, err := parseSpan(step)
	if err != nil {
		return Archive{}, err
	}
	if n == 0 {
		return Archive{}, errors.New("the step is zero")
	}
	points, timed, err := parseSpan(span)
	if err != nil {
		return Archive{}, err
	}
	if timed {
		points /= n
	}
	return Archive{Step: n, Points: points}, nil
}

// parseSpan parses digits with an optional unit. timed reports whether there is a unit.
func parseSpan(s string) (n int64, timed bool, err error) {
	digits := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyz")
	u, err := strconv.ParseUint(digits, 10, 32)
	if err != nil {
		return 0, false, fmt.Errorf("%q is not a number with a unit", s)
	}
	unit := s[len(digits):]
	if unit == "" {
		return int64(u), false, nil
	}
	for _, k := range units {
		if strings.HasPrefix(k.name, unit) {
			return int64(u) * k.seconds, true, nil
		}
	}
	return 0, false, fmt.Errorf("unknown unit %q", unit)
}

func sortArchives(list []Archive) {
	slices.SortStableFunc(list, func(a, b Archive) int { return cmp.Compare(a.Step, b.Step) })
}

// ValidateArchives reports what is wrong with a list of archives, in any order, by the rules of
// whisper.validateArchiveList. There must be at least one archive, and no two with the same step.
// Each step must be a multiple of the next finer one. Each retention must be longer than that of
// the next finer archive, and the finer archive must have at least the points that make one point
// of the coarser. In addition to whisper.py's rules, steps and points must be at least 1, and
// steps, retentions and the size of the file must fit the format's 32 bits.
func ValidateArchives(list []Archive) error {
	if len(list) == 0 {
		return errors.New("there is no archive")
	}
	if !slices.IsSortedFunc(list, func(a, b Archive) int { return cmp.Compare(a.Step, b.Step) }) {
		list = slices.Clone(list)
		sortArchives(list)
	}
	size := int64(headerSize + archiveSize*len(list))
	for i, a := range list {
		if a.Step < 1 || a.Points < 1 || a.Step > math.MaxUint32 || a.Points > math.MaxUint32 || a.Retention() > math.MaxUint32 {
			return fmt.Errorf("archive %d (%v): step and points must be at least 1, and the retention below 2^32 seconds", i, a)
		}
		if size += a.size(); size > math.MaxUint32 {
			return fmt.Errorf("archive %d (%v): the file would be over 4 GiB", i, a)
		}
		if i == 0 {
			continue
		}
		finer := list[i-1]
		switch {
		case finer.Step == a.Step:
			return fmt.Errorf("archives %d (%v) and %d (%v) have the same step", i-1, finer, i, a)
		case a.Step%finer.Step != 0:
			return fmt.Errorf("archive %d: its step of %d s is not a multiple of the next finer one of %d s", i, a.Step, finer.Step)
		case a.Retention() <= finer.Retention():
			return fmt.Errorf("archive %d (%v) must cover more time than the next finer archive (%v)", i, a, finer)
		case finer.Points < a.Step/finer.Step:
			return fmt.Errorf("archive %d (%v) lacks the %d points that make one point of archive %d (%v)", i-1, finer, a.Step/finer.Step, i, a)
		}
	}
	return nil
}

// floorMod is a modulo that is never negative, because times before the base of a ring have slots,
// too.
func floorMod(a, b int64) int64 {
	if m := a % b; m < 0 {
		return m + b
	} else {
		return m
	}
}

// floorDiv is the division that goes with floorMod.
func floorDiv(a, b int64) int64 { return (a - floorMod(a, b)) / b }
