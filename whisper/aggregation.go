package whisper

import (
	"errors"
	"fmt"

	"graphited/whisper/vfs"
)

// SetAggregation changes how a file is rolled up from now on, in place, as
// whisper.setAggregationMethod and setXFilesFactor: points that are there stay as they are (see
// Rebuild). Method 0 and a negative xFilesFactor leave the one or the other alone. Returns what the
// file was before.
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

// Rebuild makes the coarser archives anew from the finest one, as far back as that reaches, in
// place: after a change of method, or to close the holes that points stored directly in coarse
// archives, or a resize, have left. Intervals of which the finer archive has only a part are left
// alone.
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
