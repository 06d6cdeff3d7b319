package carbon

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"
	"time"

	"graphited/carbon/naming"
	"graphited/whisper/vfs"
)

const (
	staleInterval = time.Hour // between two looks for stale series, and before the first: whoever still sends is heard within it
	staleBatch    = 1000      // series that are removed at once, so that points that come meanwhile wait for none of the others
)

// run removes the series that DELETE_STALE_AFTER is about, and empties the trash, until ctx
// ends.
func (k *Keeper) run(ctx context.Context) {
	stale, trash := time.NewTicker(staleInterval), time.NewTicker(trashInterval)
	defer stale.Stop()
	defer trash.Stop()
	k.emptyTrash()
	for {
		select {
		case <-ctx.Done():
			return
		case <-trash.C:
			k.emptyTrash()
		case <-stale.C:
			if k.o.StaleAfter > 0 {
				k.removeStale(ctx)
			}
		}
	}
}

func (k *Keeper) emptyTrash() {
	if k.o.TrashKeep <= 0 {
		return
	}
	files, err := emptyTrash(k.fsys, k.o.LocalDataDir, k.clock().Add(-k.o.TrashKeep))
	if err != nil {
		k.logs.Write.Error().Err(err).Msg("cannot empty the trash")
	}
	if files > 0 {
		k.logs.All.Info().Int("files", files).Msg("trash emptied")
	}
}

// removeStale removes the series whose files have not changed for DELETE_STALE_AFTER and that have
// no points waiting.
func (k *Keeper) removeStale(ctx context.Context) (removed int) {
	before := k.clock().Add(-k.o.StaleAfter).Unix()
	fresh := func(name string) bool {
		f, ok := k.file(name, naming.FileSuffix) // one that is packed alone has been put away, and stays
		return !ok || f.Modified >= before
	}
	var names []string
	flush := func() {
		gone, err := k.removeUnless(ctx, names, func(name string, waiting int) bool { return waiting > 0 || fresh(name) })
		if err != nil && ctx.Err() == nil {
			k.logs.Write.Error().Err(err).Msg("cannot remove all stale series")
		}
		removed, names = removed+len(gone), names[:0]
	}
	for name := range k.everySeries() {
		if ctx.Err() != nil {
			break
		}
		if fresh(name) || k.cache.Waiting(name) {
			continue
		}
		if names = append(names, strings.Clone(name)); len(names) == staleBatch {
			flush()
		}
	}
	flush()
	if removed > 0 {
		k.logs.All.Info().Int("series", removed).Dur("after", k.o.StaleAfter).Msg("stale series moved to the trash")
	}
	return removed
}

// everySeries yields the names of all series: those without tags as the tree has them, those with
// tags by their own names.
func (k *Keeper) everySeries() func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for name := range k.known.names.Names() {
			if !strings.HasPrefix(name, naming.TaggedFolder) && !yield(name) {
				return
			}
		}
		for _, name := range k.known.tags.Names() {
			if !yield(name) {
				return
			}
		}
	}
}

// StaleFile is a whisper file that has not changed for long.
type StaleFile struct {
	Path     string // below the folder of whisper files
	Size     int64
	Modified int64 // Unix seconds
}

// Stale returns the whisper files below root that have not changed since a time (Unix seconds),
// sorted by path. With remove they are moved to the trash, and the folders left empty are removed;
// then nobody else must work on the folder, or the error wraps ErrLocked.
func Stale(fsys vfs.FS, root string, since int64, remove bool, now time.Time) (found []StaleFile, err error) {
	if remove {
		place, err := lockFolder(fsys, root)
		if err != nil {
			return nil, err
		}
		defer place.Close()
	}
	if err := findStale(fsys, root, "", since, &found); err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b StaleFile) int { return strings.Compare(a.Path, b.Path) })
	if !remove {
		return found, nil
	}
	t := newTrash(fsys, root, now)
	defer t.tidy()
	for i, f := range found {
		_, err := t.take(f.Path)
		if err == nil {
			_, err = t.take(strings.TrimSuffix(f.Path, naming.FileSuffix) + naming.PackedSuffix) // a part of the series
		}
		if err != nil {
			return found[:i], err
		}
	}
	return found, nil
}

// findStale looks through one folder. As for the index, names with dots lead nowhere, and links are
// not followed: what they lead to is not ours to remove.
func findStale(fsys vfs.FS, root, below string, since int64, found *[]StaleFile) error {
	entries, err := fsys.ReadDir(root + "/" + below)
	if vfs.LostFound(fsys, root, root+"/"+below, err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		node, isFile := strings.CutSuffix(e.Name, naming.FileSuffix)
		switch path := below + e.Name; {
		case strings.Contains(node, "."):
		case e.Type.IsDir() && !isFile:
			if err := findStale(fsys, root, path+"/", since, found); err != nil {
				return err
			}
		case e.Type.IsRegular() && isFile:
			info, err := fsys.Stat(root + "/" + path)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			if m := info.Mtime / int64(time.Second); m < since {
				*found = append(*found, StaleFile{Path: path, Size: info.Size, Modified: m})
			}
		}
	}
	return nil
}
