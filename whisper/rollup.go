package whisper

// chunk is the number of slots, at most, read at once where more than one read is needed anyway.
const chunk = 1 << 16

// rollUp brings the archives coarser than the given one up to date with points, oldest first, just
// stored there. As whisper.py it goes archive by archive through every interval that a point fell
// into, each from the next finer archive, and ends when a whole archive took nothing.
func (f *File) rollUp(archive int, pts []Point) error {
	archives := f.layout.Archives
	for coarse := archive + 1; coarse < len(archives); coarse++ {
		f.intervals = f.intervals[:0]
		for _, p := range pts {
			t := archives[coarse].align(p.Time)
			if n := len(f.intervals); n == 0 || f.intervals[n-1] != t {
				f.intervals = append(f.intervals, t)
			}
		}
		stored, err := f.propagate(coarse, f.intervals)
		if err != nil || !stored {
			return err
		}
	}
	return nil
}

// propagate rolls up the given intervals, in order of time, of one archive from the next finer.
// stored says that at least one had enough known points.
func (f *File) propagate(coarse int, intervals []int64) (stored bool, err error) {
	fineBase, err := f.base(coarse - 1)
	if err != nil || fineBase == 0 {
		return false, err
	}
	base, err := f.base(coarse)
	if err != nil {
		return false, err
	}
	if base == 0 {
		base, err = f.anchor(coarse, fineBase, intervals)
		if err != nil || base == 0 {
			return false, err
		}
	}
	fine, a := f.layout.Archives[coarse-1], f.layout.Archives[coarse]
	slots := a.Step / fine.Step
	most := max(1, int(min(fine.Points, chunk)/slots)) // intervals that one read of the finer ring can serve
	for len(intervals) > 0 {
		n := 1
		for n < min(most, len(intervals)) && intervals[n] == intervals[n-1]+a.Step {
			n++
		}
		some, err := f.propagateRun(coarse, fineBase, base, intervals[:n])
		if err != nil {
			return false, err
		}
		stored = stored || some
		intervals = intervals[n:]
	}
	f.keepBase(coarse, uint32(base))
	return stored, nil
}

// propagateRun rolls up adjacent intervals: one read of the finer ring, and one write for each
// stretch with enough known points.
func (f *File) propagateRun(coarse int, fineBase, base int64, run []int64) (stored bool, err error) {
	step := f.layout.Archives[coarse-1].Step
	slots := int(f.layout.Archives[coarse].Step / step)
	packed, err := f.readRing(coarse-1, fineBase, run[0], int64(len(run)*slots))
	if err != nil {
		return false, err
	}
	f.out = f.out[:0]
	start := int64(0) // of the stretch in f.out
	for i, interval := range run {
		v, ok := f.aggregate(packed[i*slots*pointSize:][:slots*pointSize], step, interval)
		if ok {
			if len(f.out) == 0 {
				start = interval
			}
			f.out = appendPoint(f.out, interval, v)
			stored = true
		}
		if len(f.out) > 0 && (!ok || i == len(run)-1) {
			if err := f.writeRing(coarse, base, start, f.out); err != nil {
				return stored, err
			}
			f.out = f.out[:0]
		}
	}
	return stored, nil
}

// aggregate makes one value of the packed slots of a finer archive that begin at interval. ok is
// false where none is known or fewer than the xFilesFactor asks for.
func (f *File) aggregate(packed []byte, step, interval int64) (v float64, ok bool) {
	slots := len(packed) / pointSize
	f.values = f.values[:0]
	for i := range slots {
		if v, ok := valueAt(packed, i, interval); ok {
			f.values = append(f.values, v)
		}
		interval += step
	}
	l := f.layout
	if len(f.values) == 0 || float64(len(f.values))/float64(slots) < float64(l.XFilesFactor) {
		return 0, false
	}
	return l.Method.Aggregate(f.values, slots), true
}

// anchor chooses the interval that goes to slot 0 of an empty coarse archive: the first that has
// enough known points, in whisper.py's order, so that the ring is turned as its would be. 0 means
// that no interval can be stored.
func (f *File) anchor(coarse int, fineBase int64, intervals []int64) (int64, error) {
	fine := f.layout.Archives[coarse-1]
	slots := f.layout.Archives[coarse].Step / fine.Step
	for _, interval := range pythonSetOrder(intervals) {
		packed, err := f.readRing(coarse-1, fineBase, interval, slots)
		if err != nil {
			return 0, err
		}
		if _, ok := f.aggregate(packed, fine.Step, interval); ok {
			return interval, nil
		}
	}
	return 0, nil
}
