package whisper

import (
	"cmp"
	"errors"
	"math"
	"slices"

	"graphited/whisper/vfs"
)

// ErrUnalike is the error of operations on two files that must have the same archives.
var ErrUnalike = errors.New("the files have different archives: resize one first")

// MergeOptions say what Merge takes from a file, and how it writes to the other.
type MergeOptions struct {
	Options       // for the file that is written
	From    int64 // take values after this time; 0 takes all
	Until   int64 // take values up to this time; 0 is now
}

// openPair opens two files with the same archives, the second with o.
func openPair(fsys vfs.FS, read, write string, o Options, readOnly bool) (a, b *File, err error) {
	a, err = OpenRead(fsys, read)
	if err != nil {
		return nil, nil, err
	}
	if readOnly {
		b, err = OpenRead(fsys, write)
	} else {
		b, err = Open(fsys, write, o)
	}
	if err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	return a, b, nil
}

// Merge stores the known values of one file in another, as whisper.merge does. It overwrites
// existing values, goes from the finest archive to the coarsest, and rolls up. The error wraps
// ErrUnalike when the archives differ, and ErrInterval when from is after until.
func Merge(fsys vfs.FS, from, to string, now int64, o MergeOptions) error {
	src, dst, err := openPair(fsys, from, to, o.Options, false)
	if err != nil {
		return err
	}
	if err = merge(src, dst, o.From, cmp.Or(o.Until, now), now); err == nil && o.Autoflush {
		err = dst.h.Sync()
	}
	if err != nil {
		err = dst.failed("merge "+from+" into", to, err)
	}
	return errors.Join(err, src.Close(), dst.Close())
}

func merge(src, dst *File, from, until, now int64) error {
	if !slices.Equal(src.Spec().Archives, dst.Spec().Archives) {
		return ErrUnalike
	}
	if until < from {
		return ErrInterval
	}
	for i, a := range src.Spec().Archives {
		oldest := now - a.Retention()
		if until < oldest {
			continue
		}
		s, err := src.fetch(i, a.window(max(from, oldest), until))
		if err != nil {
			return err
		}
		pts := s.appendPoints(nil)
		if len(pts) == 0 {
			continue
		}
		if err := dst.store(i, pts); err != nil {
			return err
		}
	}
	return nil
}

// Fill stores values of one file in another where the other has none, and overwrites no value. It
// fills the gaps of each archive from the finest archive of the first file that reaches back to
// them. The archives may differ. Fill does what whisper-fill does, except that zero counts as a
// value and that it also fills gaps of a single step. filled is the number of points stored.
func Fill(fsys vfs.FS, from, to string, now int64, o Options) (filled int, err error) {
	src, dst, err := openPair(fsys, from, to, o, false)
	if err != nil {
		return 0, err
	}
	pts, err := missing(src, dst, now)
	if err == nil {
		err = dst.Update(now, pts)
	} else {
		err = dst.failed("fill", to, err)
	}
	return len(pts), errors.Join(err, src.Close(), dst.Close())
}

// missing collects the points of src for the gaps of dst. In each archive of dst it considers only
// times that finer archives do not reach back to.
func missing(src, dst *File, now int64) ([]Point, error) {
	var pts []Point
	newest := now
	for i, a := range dst.Spec().Archives {
		oldest := now - a.Retention()
		have, err := dst.fetch(i, a.window(oldest, newest))
		if err != nil {
			return nil, err
		}
		upTo := newest
		for k, b := range src.Spec().Archives {
			since := max(oldest, now-b.Retention())
			if since >= upTo {
				continue
			}
			s, err := src.fetch(k, b.window(since, upTo))
			if err != nil {
				return nil, err
			}
			for _, p := range s.appendPoints(nil) {
				slot := floorDiv(p.Time-have.From, have.Step)
				if slot >= 0 && slot < int64(len(have.Values)) && math.IsNaN(have.Values[slot]) {
					pts = append(pts, p)
				}
			}
			upTo = since
		}
		newest = oldest
	}
	return pts, nil
}

// Difference is a time at which two files differ. NaN is null.
type Difference struct {
	Time int64
	A, B float64
}

// ArchiveDiff describes how one archive of two files differs.
type ArchiveDiff struct {
	Points []Difference
	Total  int // compared times: those at which at least one file has a value, or with IgnoreEmpty both
}

// DiffOptions say what Diff compares.
type DiffOptions struct {
	IgnoreEmpty bool  // skip times at which one file has no value
	Until       int64 // compare times up to this one; 0 is now
}

// Diff compares two files with the same archives, as whisper.diff does. It compares each archive at
// the times that finer archives do not reach back to, and returns one result for each archive. The
// error wraps ErrUnalike when the archives differ.
func Diff(fsys vfs.FS, pathA, pathB string, now int64, o DiffOptions) ([]ArchiveDiff, error) {
	a, b, err := openPair(fsys, pathA, pathB, Options{}, true)
	if err != nil {
		return nil, err
	}
	result, err := diff(a, b, now, o)
	if err != nil {
		err = b.failed("compare "+pathA+" with", pathB, err)
	}
	return result, errors.Join(err, a.Close(), b.Close())
}

func diff(a, b *File, now int64, o DiffOptions) ([]ArchiveDiff, error) {
	until := cmp.Or(o.Until, now)
	if !slices.Equal(a.Spec().Archives, b.Spec().Archives) {
		return nil, ErrUnalike
	}
	result := make([]ArchiveDiff, len(a.Spec().Archives))
	for i, archive := range a.Spec().Archives {
		oldest := now - archive.Retention()
		if until < oldest {
			continue
		}
		r := archive.window(oldest, until)
		sa, err := a.fetch(i, r)
		if err != nil {
			return nil, err
		}
		sb, err := b.fetch(i, r)
		if err != nil {
			return nil, err
		}
		d := &result[i]
		for k, va := range sa.Values {
			vb := sb.Values[k]
			hasA, hasB := va == va, vb == vb
			if !hasA && !hasB || o.IgnoreEmpty && !(hasA && hasB) {
				continue
			}
			d.Total++
			if va != vb {
				d.Points = append(d.Points, Difference{r.From + int64(k)*r.Step, va, vb})
			}
		}
		until = min(oldest, until)
	}
	return result, nil
}
