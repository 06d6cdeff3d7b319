package whisper

import (
	"errors"
	"fmt"
	"math"
)

// ErrNoData is the error of Fetch where whisper.fetch returns None: the range lies in the future or
// before everything the file keeps.
var ErrNoData = errors.New("no archive covers the range")

// Fetch returns the values in (from, until] at now, from the archive and for the range that
// Spec.Range says, as whisper.fetch. The error wraps ErrNoData where whisper.fetch returns None,
// and ErrInterval when from is after until. Costs one read, two where the ring wraps, and one
// allocation: the values. A NaN that was stored is a null.
func (f *File) Fetch(from, until, now int64) (Series, error) {
	if err := f.refresh(); err != nil {
		return Series{}, f.failed("fetch", f.path, err)
	}
	archive, r, ok, err := f.Spec().Range(from, until, now)
	if err == nil && !ok {
		err = ErrNoData
	}
	if err == nil {
		r, err = f.fetch(archive, r)
	}
	if err != nil {
		return Series{}, f.failed("fetch", f.path, err)
	}
	return r, nil
}

// fetch fills an aligned range from one archive, into r.Values where they have room. Beyond a whole
// ring there is nothing: those values are null.
func (f *File) fetch(archive int, r Series) (Series, error) {
	n := (r.Until - r.From) / r.Step
	if n > math.MaxInt/16 {
		return Series{}, fmt.Errorf("%d values are too many", n)
	}
	if r.Values = r.Values[:0]; int64(cap(r.Values)) < n {
		r.Values = make([]float64, n)
	}
	r.Values = r.Values[:n]
	base, err := f.base(archive)
	if err != nil {
		return Series{}, err
	}
	done := int64(0)
	if base != 0 {
		for n = min(n, f.layout.Archives[archive].Points); done < n; {
			part := min(n-done, chunk)
			packed, err := f.readRing(archive, base, r.From+done*r.Step, part)
			if err != nil {
				return Series{}, err
			}
			unpack(r.Values[done:done+part], packed, r.From+done*r.Step, r.Step)
			done += part
		}
	}
	for i := range r.Values[done:] {
		r.Values[done:][i] = math.NaN()
	}
	return r, nil
}

// unpack takes the values of consecutive intervals from their slots. What belongs to another lap is
// null.
func unpack(dst []float64, packed []byte, interval, step int64) {
	for i := range dst {
		v, ok := valueAt(packed, i, interval)
		if !ok {
			v = math.NaN()
		}
		dst[i] = v
		interval += step
	}
}
