package whisper

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"

	"graphited/whisper/vfs"
)

// ResizeOptions say how Resize gives a file another Spec.
type ResizeOptions struct {
	Options          // for the new file; Lock locks the old one meanwhile
	Aggregate bool   // fill each new archive with the best data of the old ones, see Resize
	Backup    bool   // keep the old file as path.bak
	NewFile   string // the path of the result; "" replaces the old file
}

// Resize gives a file other archives, another method or another xFilesFactor, and keeps the points
// for which the new archives have room. The new file replaces the old one atomically. It is synced
// and has the owner and permissions of the old one.
//
// Without Aggregate, Resize does what whisper-resize does. It stores the points of the old
// archives, coarsest first, in the new file as an update would. So points of a coarse archive may
// end up in a finer one, and coarse archives have holes where there are no fine points.
//
// With Aggregate, each interval of a new archive gets the first known value from these sources: the
// old archive with the same step; finer old archives, rolled up by the new spec; coarser old
// archives, but only for times that no old archive of the same or a finer step reaches back to.
// (whisper-resize --aggregate fails under Python 3, and took nearly all points from the coarsest
// archive.)
//
// Resize does not keep points of the future. It needs memory for the old and the new file.
func Resize(fsys vfs.FS, path string, to Spec, now int64, o ResizeOptions) error {
	err := to.Validate()
	if err == nil && to.FileSize() > math.MaxInt/4 {
		err = errors.New("the new file does not fit in memory")
	}
	if err != nil {
		return fmt.Errorf("cannot resize whisper file %q: %w", path, err)
	}
	f, err := Open(fsys, path, Options{Lock: o.Lock})
	if err != nil {
		return err
	}
	write := func(h vfs.File) error {
		if o.Aggregate {
			return f.resample(h, to, now, o.Options)
		}
		return f.reinsert(h, to, now, o.Options)
	}
	if o.NewFile == "" {
		err = f.replace(fsys, o.Backup, write)
	} else {
		var temp string
		if temp, err = newContent(fsys, o.NewFile, vfs.Info{}, write); err == nil {
			if err = fsys.RenameNew(temp, o.NewFile); err != nil {
				_ = fsys.Remove(temp) // the first error is the one that counts
			}
		}
	}
	if err != nil {
		err = f.failed("resize", path, err)
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// reinsert builds the new file in memory and writes it to h. It updates an empty file with the
// points of the old archives, coarsest first.
func (f *File) reinsert(h vfs.File, to Spec, now int64, o Options) error {
	s := samplers.Get().(*sampler)
	defer s.recycle()
	l := newLayout(to)
	s.image = extend(l.appendHeader(s.image[:0]), l.size)
	n := newFileOf(image{b: s.image}, f.path, l, Options{})
	defer n.recycle()
	for _, a := range slices.Backward(f.layout.Archives) {
		i, r, ok, err := f.Spec().Range(now-a.Retention()+a.Step, now, now)
		if err != nil || !ok {
			continue // the archive has a single point, whose interval contains now
		}
		r.Values = s.new.Values
		if s.new, err = f.fetch(i, r); err != nil {
			return err
		}
		s.points = s.new.appendPoints(s.points[:0])
		if err = n.update(now, s.points); err != nil {
			return err
		}
	}
	return s.write(h, l.size, o)
}

// image is a file of fixed size in memory. It implements the part of vfs.File that an update needs.
type image struct {
	vfs.File // nil
	b        []byte
}

// ReadAt implements io.ReaderAt.
func (m image) ReadAt(p []byte, off int64) (int, error) { return copy(p, m.b[off:]), nil }

// WriteAt implements io.WriterAt.
func (m image) WriteAt(p []byte, off int64) (int, error) { return copy(m.b[off:], p), nil }

// appendPoints appends the known values as points.
func (s Series) appendPoints(dst []Point) []Point {
	for i, v := range s.Values {
		if v == v {
			dst = append(dst, Point{s.From + int64(i)*s.Step, v})
		}
	}
	return dst
}

// resample builds the new archives from the old ones and writes the file to h with one write.
func (f *File) resample(h vfs.File, to Spec, now int64, o Options) error {
	s := samplers.Get().(*sampler)
	defer s.recycle()
	if n := len(f.layout.Archives) - len(s.old); n > 0 {
		s.old = append(s.old, make([]Series, n)...)
	}
	old := s.old[:len(f.layout.Archives)]
	for i, a := range f.layout.Archives {
		r := a.window(now-a.Retention(), now)
		r.Values = old[i].Values
		var err error
		if old[i], err = f.fetch(i, r); err != nil {
			return err
		}
	}
	l := newLayout(to)
	s.image = l.appendHeader(s.image[:0])
	for i, a := range to.Archives {
		s.image = extend(s.image, l.offsets[i])
		s.gather(a.window(now-a.Retention(), now), to, old, now)
		s.image = appendRing(s.image, s.new)
	}
	s.image = extend(s.image, l.size)
	return s.write(h, l.size, o)
}

// write writes the image to an empty file: the whole image, or only the blocks that are not empty.
func (s *sampler) write(h vfs.File, size int64, o Options) error {
	if o.Fallocate && h.Fallocate(0, size) == nil {
		o.Sparse = true // the space for empty blocks is reserved
	}
	if !o.Sparse {
		_, err := h.WriteAt(s.image, 0)
		return err
	}
	const block = 4096
	for off := 0; off < len(s.image); {
		end := off
		for end < len(s.image) && !allZero(s.image[end:min(end+block, len(s.image))]) {
			end += block
		}
		if end = min(end, len(s.image)); end > off {
			if _, err := h.WriteAt(s.image[off:end], int64(off)); err != nil {
				return err
			}
		}
		off = end + block
	}
	return h.Truncate(size)
}

// sampler holds the buffers of a resize. Without reuse, they would be most of its cost.
type sampler struct {
	old    []Series
	new    Series
	known  []float64
	points []Point
	image  []byte
}

func (s *sampler) recycle() {
	if int64(cap(s.image)) > keepImage {
		*s = sampler{}
	}
	samplers.Put(s)
}

// keepImage is the largest size of a file, in bytes, whose buffers are worth keeping.
const keepImage = 16 << 20

var samplers = sync.Pool{New: func() any { return new(sampler) }}

// extend extends b with zeros to the given size.
func extend(b []byte, size int64) []byte {
	n := len(b)
	b = slices.Grow(b, int(size)-n)[:size]
	clear(b[n:])
	return b
}

// appendRing packs a series with its first known value in slot 0, which anchors the ring.
func appendRing(dst []byte, r Series) []byte {
	last := len(r.Values) - 1
	for last >= 0 && r.Values[last] != r.Values[last] {
		last--
	}
	started := false
	var empty [pointSize]byte
	for i, v := range r.Values[:last+1] {
		if v == v {
			dst = appendPoint(dst, r.From+int64(i)*r.Step, v)
			started = true
		} else if started {
			dst = append(dst, empty[:]...)
		}
	}
	return dst
}

// gather fills s.new, an aligned range of one new archive, from the old series. It takes the best
// source first.
func (s *sampler) gather(r Series, to Spec, old []Series, now int64) {
	n := int((r.Until - r.From) / r.Step)
	r.Values = slices.Grow(s.new.Values[:0], n)[:n]
	for i := range r.Values {
		r.Values[i] = math.NaN()
	}
	s.new = r
	covered := int64(0) // how far back old archives with this or a finer step reach
	for _, o := range slices.Backward(old) {
		switch {
		case o.Step < r.Step:
			s.condense(o, to)
		case o.Step == r.Step:
			overlay(r, o)
		default:
			continue
		}
		covered = max(covered, o.Step*int64(len(o.Values)))
	}
	for _, o := range old {
		if o.Step <= r.Step {
			continue
		}
		for i, v := range o.Values {
			t := o.From + int64(i)*o.Step
			if t >= now-covered {
				break
			}
			if k := (t - r.From) / r.Step; v == v && t >= r.From && r.Values[k] != r.Values[k] {
				r.Values[k] = v
			}
		}
	}
}

// overlay fills nulls in r from a series with the same step.
func overlay(r, o Series) {
	from, until := max(r.From, o.From), min(r.Until, o.Until)
	if from >= until {
		return
	}
	dst, src := r.Values[(from-r.From)/r.Step:(until-r.From)/r.Step], o.Values[(from-o.From)/o.Step:]
	for i, v := range dst {
		if v != v {
			dst[i] = src[i]
		}
	}
}

// condense fills nulls in s.new from a series with a finer step, rolled up.
func (s *sampler) condense(o Series, to Spec) {
	r := s.new
	first := max(0, (o.From-r.From)/r.Step) // o has no values before it
	i, t := 0, o.From                       // the next value of o and its time
	for k := first; k < int64(len(r.Values)); k++ {
		start := r.From + k*r.Step
		for ; i < len(o.Values) && t < start; i++ {
			t += o.Step
		}
		s.known = s.known[:0]
		for ; i < len(o.Values) && t < start+r.Step; i++ {
			if v := o.Values[i]; v == v {
				s.known = append(s.known, v)
			}
			t += o.Step
		}
		if r.Values[k] == r.Values[k] || len(s.known) == 0 {
			continue
		}
		slots := floorDiv(start+r.Step-1, o.Step) - floorDiv(start-1, o.Step)
		if float64(len(s.known))/float64(slots) >= float64(to.XFilesFactor) {
			r.Values[k] = to.Method.Aggregate(s.known, int(slots))
		}
	}
}
