package carbon

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"graphited/carbon/cache"
	"graphited/carbon/facts"
	"graphited/carbon/naming"
	"graphited/carbon/wire"
)

// Remove takes series out of everything: their files go to the trash, see TRASH_KEEP, and their
// points that wait in the cache are dropped and counted under Removed. A point that comes later
// begins a new series. Names are as Find and Tags give them; one that there is not is left out.
//
// It returns the names that were removed, also beside an error. An error about one series does not
// keep the others; that of ctx, and ErrNotRunning, end it. It is safe for concurrent use. The price
// is a rename for each file.
func (k *Keeper) Remove(ctx context.Context, names []string) (removed []string, err error) {
	return k.removeUnless(ctx, names, func(string, int) bool { return false })
}

// removeUnless is Remove but for the series that keep wants to stay, of which so many points wait.
// It is asked with the series locked and not being written.
func (k *Keeper) removeUnless(ctx context.Context, names []string, keep func(name string, waiting int) bool) (removed []string, err error) {
	ctx, done, err := k.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	t := newTrash(k.fsys, k.o.LocalDataDir, k.clock())
	var errs []error
	for _, name := range k.taggedNames(names) {
		if err := context.Cause(ctx); err != nil {
			errs = append(errs, err)
			break
		}
		switch ok, err := k.remove(ctx, t, name, keep); {
		case errors.Is(err, errKept):
		case err != nil && len(errs) < 10:
			errs = append(errs, fmt.Errorf("cannot remove %q: %w", name, err))
		case ok:
			removed = append(removed, name)
		}
	}
	t.tidy()
	return removed, errors.Join(errs...)
}

// taggedNames puts the names of tagged series in the place of those under which find shows their
// files.
func (k *Keeper) taggedNames(names []string) []string {
	files := map[string]string{}
	out := make([]string, 0, len(names))
	for _, name := range names {
		if strings.HasPrefix(name, naming.TaggedFolder) {
			if len(files) == 0 {
				for _, canon := range k.known.tags.Names() {
					files[naming.TreeName(canon, true)], files[naming.TreeName(canon, false)] = canon, canon
				}
			}
			if canon, ok := files[name]; ok {
				name = canon
			}
		}
		out = append(out, name)
	}
	return out
}

// errKept tells that a series was to stay.
var errKept = errors.New("kept")

// remove removes one series; false when there is none of this name.
func (k *Keeper) remove(ctx context.Context, t *trash, name string, keep func(name string, waiting int) bool) (found bool, err error) {
	defer k.writer.removing()()
	s, made := k.cache.Create([]byte(name))
	if made {
		s.Lose() // the intake has not made it known: if it stays, its first point does
	}
	points, err := k.cache.Retire(ctx, s, func(waiting int) error {
		if keep(s.Name, waiting) {
			return errKept
		}
		for rel := range naming.AllPlaces(name, k.o.HashTagged) {
			for _, suffix := range [...]string{naming.FileSuffix, naming.PackedSuffix} {
				moved, err := t.take(rel + suffix)
				if err != nil {
					return err
				}
				found = found || moved
			}
		}
		for rel := range naming.AllPlaces(name, k.o.HashTagged) { // after the files: an error leaves the index as it is, and the scanner sees which of them are gone
			found = k.known.names.Delete(naming.Nodes(rel)) || found
		}
		found = k.known.tags.Delete(name) || found
		if !made {
			k.journal.remove(k.clock().Unix(), s)
		}
		return nil
	})
	if err == nil {
		k.writer.forget(s)
	}
	k.stats.Drop(wire.Removed, points)
	return found, err
}

// forgetRemoved takes the series that an earlier process has removed, and that have no points
// since, out of cache and index again: the log has just named them.
func (k *Keeper) forgetRemoved(all map[*cache.Series]bool) {
	for s := range all {
		if len(s.Unwritten()) > 0 {
			continue
		}
		if _, exists := k.File(s.Name); !exists {
			_, _ = k.cache.Retire(context.Background(), s, func(int) error { return nil })
			k.known.forget(s.Name)
		}
	}
}

// File looks at the file of a series, which may be a packed one; ok is false when there is none.
func (k *Keeper) File(name string) (f facts.File, ok bool) {
	if f, ok = k.file(name, naming.FileSuffix); !ok {
		f, ok = k.file(name, naming.PackedSuffix)
	}
	return f, ok
}

func (k *Keeper) file(name, suffix string) (f facts.File, ok bool) {
	for rel := range naming.AllPlaces(name, k.o.HashTagged) {
		info, err := k.fsys.Stat(k.o.LocalDataDir + "/" + rel + suffix)
		if err == nil {
			return facts.File{Size: info.Size, RealSize: info.Disk, Modified: info.Mtime / int64(time.Second)}, true
		}
	}
	return facts.File{}, false
}

// Space returns the bytes of the disk that the whisper files are on: those that may still be used,
// and all; zeros where that is not known.
func (k *Keeper) Space() (free, total uint64) {
	s, err := k.fsys.Space(k.o.LocalDataDir)
	if err != nil {
		return 0, 0
	}
	return s.Free, s.Total
}
