package whisper

import (
	"cmp"
	"math"
	"slices"
)

// Update stores points and rolls them up, as whisper.update_many: each point goes into the finest
// archive that reaches back to it, points of the future into the finest, points older than every
// archive are dropped. Of points in one interval the latest stays, and of points with the same time
// the last in pts (whisper.py: the first; but carbon hands it no two). NaN is no value: such points
// are skipped, as are times that 32 bits cannot hold. pts is not changed. An error may leave any of
// the points stored.
//
// Costs one write for each run of adjacent intervals, two where the ring wraps, then for each
// coarser archive one read and one write as long as the xFilesFactor lets the roll-up go on.
// Allocates nothing once the buffers have grown.
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
		// Newest first: what this archive covers is the end of the list.
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

// sorted copies what can be stored of pts into scratch, oldest first, the last of equals last.
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
	start, next := int64(0), int64(-1) // of the run in f.out
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
