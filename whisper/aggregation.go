package whisper

import (
	"errors"
	"fmt"

	"graphited/whisper/vfs"
)

// SetAggregation changes in place how a file is rolled up from now on, as
// whisper.setAggregationMethod and setXFilesFactor do. Existing points do not change (see Rebuild).
// Method 0 keeps the method, and a negative xFilesFactor keeps the xFilesFactor. SetAggregation
// returns the spec that the file had before.
func SetAggregation(fsys vfs.FS, path string, m Method, xff float32, o Options) (before Spec, err error) {
	f, err := Open(fsys, path, o)
	if err != nil {
		return Spec{}, err
	}
	before = f.Spec()
	to := before
	if m != 0 {
		to.Method = m
	}
	if !(xff < 0) {
		to.XFilesFactor = xff
	}
	if err = to.Validate(); err == nil {
		head := newLayout(to).appendHeader(nil)[:headerSize]
		if _, err = f.h.WriteAt(head, 0); err == nil && o.Autoflush {
			err = f.h.Sync()
		}
	}
	if err != nil {
		err = fmt.Errorf("cannot set aggregation of whisper file %q: %w", path, err)
	}
	return before, errors.Join(err, f.Close())
}

// Rebuild computes the coarser archives again from the finest one, in place, as far back as the
// finest one reaches. It is for a changed method, and for holes that a resize, or points stored
// directly in coarse archives, have left. It does not change intervals of which the finer archive
// has only a part.
func Rebuild(fsys vfs.FS, path string, now int64, o Options) error {
	f, err := Open(fsys, path, o)
	if err != nil {
		return err
	}
	if err = f.rebuild(now); err == nil && o.Autoflush {
		err = f.h.Sync()
	}
	if err != nil {
		err = f.failed("rebuild", path, err)
	}
	return errors.Join(err, f.Close())
}

func (f *File) rebuild(now int64) error {
	archives := f.Spec().Archives
	oldest := now - archives[0].Retention()
	for coarse := 1; coarse < len(archives); coarse++ {
		a := archives[coarse]
		oldest = a.align(oldest) + a.Step
		f.intervals = f.intervals[:0]
		for t := oldest; t <= now; t += a.Step {
			f.intervals = append(f.intervals, t)
		}
		if len(f.intervals) == 0 {
			return nil
		}
		if _, err := f.propagate(coarse, f.intervals); err != nil {
			return err
		}
	}
	return nil
}
