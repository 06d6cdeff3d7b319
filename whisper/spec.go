package whisper

import (
	"errors"
	"fmt"
)

// Spec describes a file: its archives, finest first, and how they are rolled up.
type Spec struct {
	Archives     []Archive
	Method       Method
	XFilesFactor float32 // the share of slots, 0 to 1, that must have a value for a roll-up to be stored
}

// Point is a value at a time in Unix seconds.
type Point struct {
	Time  int64
	Value float64
}

// Series is a sequence of values: Values[i] belongs to the time From + i*Step. From is inclusive,
// Until is exclusive, and NaN is null.
type Series struct {
	From, Until, Step int64
	Values            []float64
}

// ErrInterval is the error that Range and Fetch return when from is after until.
var ErrInterval = errors.New("from is after until")

// MaxRetention returns the longest time that any archive covers, in seconds.
func (s Spec) MaxRetention() int64 {
	longest := int64(0)
	for _, a := range s.Archives {
		longest = max(longest, a.Retention())
	}
	return longest
}

// FileSize returns the size of a file with this spec, in bytes.
func (s Spec) FileSize() int64 {
	size := int64(headerSize + archiveSize*len(s.Archives))
	for _, a := range s.Archives {
		size += a.size()
	}
	return size
}

// Validate reports what is wrong with the spec. The archives must be valid by ValidateArchives and
// in the order of their steps, at most 2^24 points may make one point of the next archive, the
// method must be known, and xFilesFactor must be from 0 to 1.
func (s Spec) Validate() error {
	if err := ValidateArchives(s.Archives); err != nil {
		return err
	}
	for i := 1; i < len(s.Archives); i++ {
		if s.Archives[i].Step < s.Archives[i-1].Step {
			return fmt.Errorf("archive %d is finer than archive %d", i, i-1)
		}
		if s.Archives[i].Step/s.Archives[i-1].Step > maxSlots {
			return fmt.Errorf("a point of archive %d would be made of more than %d points", i, maxSlots)
		}
	}
	if !s.Method.valid() {
		return fmt.Errorf("unknown aggregation method %d", uint32(s.Method))
	}
	if !(s.XFilesFactor >= 0 && s.XFilesFactor <= 1) {
		return fmt.Errorf("xFilesFactor %v is not between 0 and 1", s.XFilesFactor)
	}
	return nil
}

// Range computes what whisper.fetch reads, without the file: the archive that answers (from, until]
// at the time now, and the aligned range of the answer. The archive is the finest one that reaches
// back to from; only one archive answers. Range limits from to the longest retention and until to
// now. The result begins one step after the interval of from and ends one step after the interval
// of until, and is never empty. ok is false where whisper.fetch returns None: the range is in the
// future or before all archives. The only error is ErrInterval.
func (s Spec) Range(from, until, now int64) (archive int, r Series, ok bool, err error) {
	if from > until {
		return 0, Series{}, false, ErrInterval
	}
	oldest := now - s.MaxRetention()
	if from > now || until < oldest || len(s.Archives) == 0 {
		return 0, Series{}, false, nil
	}
	from, until = max(from, oldest), min(until, now)
	for archive < len(s.Archives)-1 && s.Archives[archive].Retention() < now-from {
		archive++
	}
	return archive, s.Archives[archive].window(from, until), true, nil
}

// window returns the aligned range of the archive that answers (from, until].
func (a Archive) window(from, until int64) Series {
	r := Series{From: a.align(from) + a.Step, Until: a.align(until) + a.Step, Step: a.Step}
	if r.From == r.Until {
		r.Until += a.Step
	}
	return r
}
