package whisper

// chunk is the greatest number of slots in one read of a range that may need several reads.
const chunk = 1 << 16

// rollUp updates the archives coarser than the given one with points, oldest first, that were just
// stored there. Like whisper.py, it goes from archive to archive and computes every interval that
// contains a point from the next finer archive. It stops when an archive has stored nothing.
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

// propagate computes the given intervals of one archive, in the order of time, from the next finer
// archive. stored reports whether at least one interval had enough known points.
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
	most := max(1, int(min(fine.Points, chunk)/slots)) // intervals for which one read of the finer ring is enough
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

// propagateRun computes adjacent intervals. It needs one read of the finer ring, and one write for
// each stretch with enough known points.
func (f *File) propagateRun(coarse int, fineBase, base int64, run []int64) (stored bool, err error) {
	step := f.layout.Archives[coarse-1].Step
	slots := int(f.layout.Archives[coarse].Step / step)
	packed, err := f.readRing(coarse-1, fineBase, run[0], int64(len(run)*slots))
	if err != nil {
		return false, err
	}
	f.out = f.out[:0]
	start := int64(0) // of the stretch that f.out holds
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

// aggregate computes one value from the packed slots of a finer archive that begin at interval. ok
// is false when no slot has a value, or fewer than the xFilesFactor requires.
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

// anchor chooses the interval for slot 0 of an empty coarse archive: the first one with enough
// known points, in whisper.py's order, so that the ring begins at the same slot as in whisper.py. 0
// means that no interval can be stored.
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
