package whisper

import (
	"cmp"
	"math"
	"slices"
)

// Update stores points and rolls them up, as whisper.update_many does. Each point goes into the
// finest archive that reaches back to it. Points of the future go into the finest archive, and
// points older than every archive are dropped. Of several points in one interval the latest stays.
// Of several points with the same time the last in pts stays; in whisper.py the first stays, but
// carbon never passes two. Update skips NaN values and times that do not fit 32 bits. It does not
// change pts. When it returns an error, any of the points may be stored.
//
// Update costs one write for each run of adjacent intervals, or two where the ring wraps. For each
// coarser archive it costs one read and one write, as long as the xFilesFactor allows roll-ups. It
// allocates nothing once the buffers have grown.
func (f *File) Update(now int64, pts []Point) error {
	err := f.refresh()
	if err == nil {
		err = f.update(now, pts)
	}
	if err == nil && f.options.Autoflush {
		err = f.h.Sync()
	}
	if err != nil {
		return f.failed("update", f.path, err)
	}
	return nil
}

func (f *File) update(now int64, pts []Point) error {
	rest := f.sorted(pts)
	for i, a := range f.layout.Archives {
		if len(rest) == 0 {
			break
		}
		// The newest points are at the end: this archive covers the end of the list.
		oldest := now - a.Retention()
		n := len(rest)
		for n > 0 && rest[n-1].Time >= oldest {
			n--
		}
		if n < len(rest) {
			if err := f.store(i, rest[n:]); err != nil {
				return err
			}
		}
		rest = rest[:n]
	}
	return nil
}

// sorted copies the points that can be stored into scratch, oldest first. Points with equal times
// keep their order.
func (f *File) sorted(pts []Point) []Point {
	f.points = f.points[:0]
	inOrder, last := true, int64(0)
	for _, p := range pts {
		if p.Value != p.Value || p.Time < 0 || p.Time > math.MaxUint32 {
			continue
		}
		inOrder = inOrder && p.Time >= last
		last = p.Time
		f.points = append(f.points, p)
	}
	if !inOrder {
		slices.SortStableFunc(f.points, func(a, b Point) int { return cmp.Compare(a.Time, b.Time) })
	}
	return f.points
}

// store writes points, oldest first, to one archive and rolls them up from there.
func (f *File) store(archive int, pts []Point) error {
	a := f.layout.Archives[archive]
	base, err := f.base(archive)
	if err != nil {
		return err
	}
	if base == 0 {
		base = a.align(pts[0].Time)
	}
	f.out = f.out[:0]
	start, next := int64(0), int64(-1) // of the run that f.out holds
	for i, p := range pts {
		interval := a.align(p.Time)
		if i+1 < len(pts) && a.align(pts[i+1].Time) == interval {
			continue
		}
		if interval != next && len(f.out) > 0 {
			if err = f.writeRing(archive, base, start, f.out); err != nil {
				return err
			}
			f.out = f.out[:0]
		}
		if len(f.out) == 0 {
			start = interval
		}
		f.out = appendPoint(f.out, interval, p.Value)
		next = interval + a.Step
	}
	if err = f.writeRing(archive, base, start, f.out); err != nil {
		return err
	}
	f.keepBase(archive, uint32(base))
	return f.rollUp(archive, pts)
}
