package carbon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"math"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/carbon/tally"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// Store is the read view: the files on disk, overlaid by the points that are not in them yet. It is
// safe for concurrent use.
type Store struct {
	o     conf.Options
	fsys  vfs.FS
	cache *cache.Cache
	names *index.Tree
	tags  *index.Tags
	spec  func(metric string) whisper.Spec
	clock func() time.Time
	stats *tally.Stats

	packed *packedFiles
	learns atomic.Pointer[func(name, file string)] // makes a series known whose file was found by its name, and the name of that in the tree; nil while the index is being read
	missed misses
}

// storeDeps is what a Store needs from outside.
type storeDeps struct {
	FS    vfs.FS
	Cache *cache.Cache
	Names *index.Tree
	Tags  *index.Tags
	Spec  func(metric string) whisper.Spec // how the file of a new metric is laid out
	Clock func() time.Time
	Stats *tally.Stats
}

func newStore(o conf.Options, deps storeDeps) *Store {
	return &Store{o: o, fsys: deps.FS, cache: deps.Cache, names: deps.Names, tags: deps.Tags, spec: deps.Spec, clock: deps.Clock, stats: deps.Stats, packed: &packedFiles{}}
}

// packedFiles returns what is known of packed files, for the scanner.
func (st *Store) packedFiles() *packedFiles { return st.packed }

// OpenStore returns the read view of a folder of whisper files that may be another process's:
// nothing in it is locked or changed. It knows the names that are there now, and no points that are
// not in files yet.
func OpenStore(o conf.Options, fsys vfs.FS, clock func() time.Time) (*Store, error) {
	names := index.New()
	known := catalog{names: names, tags: index.NewTags(names), hash: o.HashTagged}
	st := newStore(o, storeDeps{
		FS: fsys, Cache: cache.New(cache.Options{Limit: o.MaxCacheSize, FlowControl: o.FlowControl}, nil, nil), Names: names, Tags: known.tags, Spec: func(string) whisper.Spec { return whisper.Spec{} }, Clock: clock, Stats: new(tally.Stats),
	})
	s := newScanner(scannerDeps{FS: fsys, Root: o.LocalDataDir, Known: known, Forget: st.cache.Forget, Clock: clock, Packed: st.packed})
	if _, err := fsys.Stat(o.LocalDataDir); err != nil {
		return nil, fmt.Errorf("cannot read the data folder: %w", err)
	}
	if err := s.scan(); err != nil {
		return nil, fmt.Errorf("cannot look at all whisper files: %w", err)
	}
	tagged, err := readTagLog(fsys, filepath.Join(o.LocalDataDir, tagLogFile))
	if err != nil {
		return nil, err
	}
	addTagged(tagged, st.tags, known.hasFile)
	st.learn(known)
	return st, nil
}

// learn lets the index learn what is found by name from now on.
func (st *Store) learn(known catalog) {
	f := func(name, file string) {
		known.names.Add(file)
		if file != name { // a plain file is no tagged series, whatever it is called
			known.learnTags(name)
		}
	}
	st.learns.Store(&f)
}

// Find returns the paths that match a pattern, sorted, each with whether it is a leaf. A path that
// is branch and leaf comes twice. A name without wildcards that the index does not have is looked
// for among the files, as graphite-web does: another process may just have put it there.
func (st *Store) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	if naming.IsTagged(pattern) {
		return func(yield func(string, bool) bool) {
			if st.tags.Has(pattern) || st.foundTagged(pattern) {
				yield(pattern, true)
			}
		}
	}
	if pattern == "**" {
		pattern = "*" // as in graphite-web: all names at once are asked for by /metrics/index.json
	}
	found := st.names.Find(pattern)
	if strings.ContainsAny(pattern, "*?[]{}") {
		return found
	}
	return func(yield func(string, bool) bool) {
		hit := false
		for path, leaf := range found {
			if hit = hit || leaf; !yield(path, leaf) {
				return
			}
		}
		if !hit && st.foundFile(pattern) {
			yield(pattern, true)
		}
	}
}

// FindTagged returns the names of the series that match all tag expressions, sorted, as seriesByTag
// does.
func (st *Store) FindTagged(_ context.Context, exprs []string) (iter.Seq[string], error) {
	found, err := st.tags.Find(exprs)
	if err != nil {
		return nil, err
	}
	return slices.Values(found), nil
}

// Search returns what has all words of a text somewhere in its name, series with tags included, as
// index.Search.
func (st *Store) Search(text string, limit int) ([]index.Found, error) {
	return index.Search(st.names, st.tags, text, limit)
}

// Fetch reads a series as whisper.fetch does, at the time now, and lays the points over it that are
// not in the file yet. The error wraps whisper.ErrNoData when there is nothing to answer with: the
// metric is unknown, or its retention does not reach so far.
func (st *Store) Fetch(_ context.Context, name string, from, until, now int64) (whisper.Series, error) {
	// First the points, then the file: a point that moves from one to the other in between is seen
	// twice, not never.
	points := st.cache.Pending(name)
	s, spec, known, err := st.fetchFile(name, from, until, now)
	switch {
	case err == nil:
		overlay(s, points, spec)
		return s, nil
	case known || !errors.Is(err, whisper.ErrNoData) || len(points) == 0:
		return whisper.Series{}, err
	}
	return st.unwritten(name, points, from, until, now)
}

// open opens the file of a series, wherever it is.
func (st *Store) open(name string) (*whisper.File, error) {
	f, err := whisper.OpenRead(st.fsys, naming.FilePath(st.o.LocalDataDir, name, st.o.HashTagged))
	if errors.Is(err, fs.ErrNotExist) {
		for rel := range naming.OtherPlaces(name, st.o.HashTagged) {
			if f, err = whisper.OpenRead(st.fsys, st.o.LocalDataDir+"/"+rel+naming.FileSuffix); !errors.Is(err, fs.ErrNotExist) {
				break
			}
		}
	}
	return f, err
}

// unwritten answers for a series that has no file yet, with the shape that its file is going to
// have.
func (st *Store) unwritten(name string, points []whisper.Point, from, until, now int64) (whisper.Series, error) {
	spec := st.spec(name)
	_, s, ok, err := spec.Range(from, until, now)
	if err != nil {
		return s, err
	}
	if !ok {
		return s, whisper.ErrNoData
	}
	s.Values = make([]float64, (s.Until-s.From)/s.Step)
	for i := range s.Values {
		s.Values[i] = math.NaN()
	}
	overlay(s, points, spec)
	return s, nil
}

// Names returns every leaf, sorted.
func (st *Store) Names() iter.Seq[string] { return st.names.Names() }

// Interval returns the times between which a metric can have points: what its longest archive
// reaches back to, until now.
func (st *Store) Interval(name string) (start, end int64, ok bool) {
	spec, ok := st.Spec(name)
	if !ok {
		return 0, 0, false
	}
	longest := spec.MaxRetention()
	if st.packed.possible() {
		if f, err := st.openPacked(name); err == nil {
			longest = max(longest, f.Spec().MaxRetention())
			f.Close()
		}
	}
	end = st.clock().Unix()
	return end - longest, end, true
}

// Spec returns how the file of a metric is laid out, or is going to be; ok is false when there is
// neither a file nor a point of it.
func (st *Store) Spec(name string) (spec whisper.Spec, ok bool) {
	f, err := st.open(name)
	if err != nil {
		f, err = st.openPacked(name)
	}
	if err != nil {
		return st.spec(name), st.cache.Lookup([]byte(name)) != nil
	}
	defer f.Close()
	return f.Spec(), true
}

// noData tells a file that is not there as there being no data, and one that is damaged, too: the
// writer sets that aside at the series' next update.
func (st *Store) noData(err error) error {
	var damaged *whisper.CorruptError
	if errors.As(err, &damaged) {
		st.stats.Unreadable.Add(1)
		return errors.Join(whisper.ErrNoData, err)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return errors.Join(whisper.ErrNoData, err)
	}
	return err
}

// overlay writes points over the values of s as graphite-web lays the answers of carbon's cache
// over a file's: of the points in one slot of the finest archive the last counts; where s is
// coarser, those of one slot are aggregated with the file's own method, whatever its xFilesFactor,
// and take the place of the value from the file.
func overlay(s whisper.Series, points []whisper.Point, spec whisper.Spec) {
	if len(points) == 0 {
		return
	}
	fine := spec.Archives[0].Step
	for i := range points {
		points[i].Time -= points[i].Time % fine
	}
	slices.SortStableFunc(points, func(a, b whisper.Point) int { return int(a.Time - b.Time) })
	known := make([]float64, 0, s.Step/fine)
	for i := 0; i < len(points); {
		slot := points[i].Time - points[i].Time%s.Step
		known = known[:0]
		for ; i < len(points) && points[i].Time < slot+s.Step; i++ {
			if i+1 == len(points) || points[i+1].Time != points[i].Time {
				known = append(known, points[i].Value)
			}
		}
		if slot < s.From || slot >= s.Until {
			continue
		}
		v := known[len(known)-1]
		if s.Step > fine {
			v = spec.Method.Aggregate(known, len(known)) // avg_zero, too, is over the cached points alone
		}
		s.Values[(slot-s.From)/s.Step] = v
	}
}
