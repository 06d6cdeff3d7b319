package whisper

import (
	"errors"
	"fmt"
	"math"
)

// ErrNoData is the error of Fetch where whisper.fetch returns None: the range is in the future or
// before everything that the file keeps.
var ErrNoData = errors.New("no archive covers the range")

// Fetch returns the values in (from, until] at the time now, as whisper.fetch does. Spec.Range
// determines the archive and the range. The error wraps ErrNoData where whisper.fetch returns None,
// and ErrInterval when from is after until. Fetch costs one read, or two where the ring wraps, and
// allocates only the values. A stored NaN is a null.
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

// fetch reads an aligned range from one archive, into r.Values if they have room. Values beyond a
// whole ring are null.
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

// unpack reads the values of consecutive intervals from their slots. A slot of another lap is null.
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
