package carbon

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"time"

	"graphited/carbon/naming"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// BackupEnd is the name of the last file of a backup: one that lacks it is not whole. It holds a
// BackupSummary as JSON.
const BackupEnd = ".graphited.backup.json"

// BackupSummary tells what a backup holds.
type BackupSummary struct {
	Time  int64 `json:"time"`  // when it was begun, in Unix seconds: all points that were received before are in it
	Files int   `json:"files"` // whisper files
	Bytes int64 `json:"bytes"` // in all files
}

// Backup writes a tar with what the folder of whisper files is to hold for another daemon to go on:
// every whisper file as of one moment between two updates of it, with the points laid in that wait
// in the cache; the names of tagged series; what more adds, given a function that begins a file of
// so many bytes; and, last, BackupEnd. Every point that was received before the call is in it.
// Receiving and writing go on meanwhile; the update of a file waits while it is read. A damaged
// file is copied as it is. It is safe for concurrent use, once the start is over; the error wraps
// ErrNotRunning before that.
func (k *Keeper) Backup(ctx context.Context, w io.Writer, more func(begin func(name string, size int64) (io.Writer, error)) error) error {
	if !k.started() {
		return fmt.Errorf("cannot back up: %w", ErrNotRunning)
	}
	b := &backup{k: k, ctx: ctx, tar: tar.NewWriter(w), now: k.clock().Unix(), done: map[string]bool{}}
	b.Time = b.now
	err := b.waiting()
	if err == nil {
		err = b.folder("")
	}
	if err == nil {
		err = b.tagged()
	}
	if err == nil && more != nil {
		err = more(b.begin)
	}
	if err == nil {
		err = b.end()
	}
	if err != nil {
		return fmt.Errorf("cannot back up: %w", err)
	}
	return nil
}

// backup is one that is being written.
type backup struct {
	BackupSummary
	k    *Keeper
	ctx  context.Context
	tar  *tar.Writer
	now  int64
	done map[string]bool // files that had points waiting, by their path below the folder
}

// begin begins a file of so many bytes.
func (b *backup) begin(name string, size int64) (io.Writer, error) {
	b.Bytes += size
	return b.tar, b.tar.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: filepath.ToSlash(name), Size: size, Mode: 0o644, ModTime: time.Unix(b.now, 0)})
}

func (b *backup) file(name string, data []byte) error {
	w, err := b.begin(name, int64(len(data)))
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// waiting writes the files of the series that have points in the cache, with these.
func (b *backup) waiting() error {
	for _, s := range b.k.cache.Unwritten() {
		if err := b.ctx.Err(); err != nil {
			return context.Cause(b.ctx)
		}
		rel := strings.TrimPrefix(naming.ExistingPath(b.k.fsys, b.k.o.LocalDataDir, s.Name, b.k.o.HashTagged), b.k.o.LocalDataDir+"/")
		points := s.Unwritten() // before the file: a point that moves meanwhile is there twice, not never
		data, err := b.read(rel)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		if data, err = b.lay(s.Name, data, points); err != nil {
			return fmt.Errorf("%q: %w", s.Name, err)
		}
		b.done[filepath.ToSlash(rel)] = true
		b.Files++
		if err := b.file(rel, data); err != nil {
			return err
		}
	}
	return nil
}

// read reads a whisper file between two updates.
func (b *backup) read(rel string) ([]byte, error) {
	path := filepath.Join(b.k.o.LocalDataDir, rel)
	mu := b.k.writer.reading(path)
	mu.Lock()
	defer mu.Unlock()
	return vfs.ReadFile(b.k.fsys, path)
}

// lay returns a whisper file with points in it: the given one, or a new one where there is none or
// a damaged one.
func (b *backup) lay(metric string, data []byte, points []whisper.Point) ([]byte, error) {
	const name = "/file"
	mem := vfs.NewMem()
	if data != nil {
		if err := vfs.WriteFile(mem, name, data, 0o644); err != nil {
			return nil, err
		}
		f, err := whisper.Open(mem, name, whisper.Options{})
		if err == nil {
			err = errors.Join(f.Update(b.now, points), f.Close())
		}
		var damaged *whisper.CorruptError
		if errors.As(err, &damaged) {
			err, data = mem.Remove(name), nil
		}
		if err != nil {
			return nil, err
		}
	}
	if data == nil {
		if err := whisper.Create(mem, name, b.k.spec(metric), b.now, points, whisper.Options{}); err != nil {
			return nil, err
		}
	}
	return vfs.ReadFile(mem, name)
}

// folder writes the files in a folder and those below it that have not been written. What is ours
// alone, and begins with a dot, is left out.
func (b *backup) folder(rel string) error {
	in := filepath.Join(b.k.o.LocalDataDir, rel)
	if err := b.k.place.HereFor(in + string(filepath.Separator)); err != nil { // what is there instead is not to be kept
		return err
	}
	list, err := b.k.fsys.ReadDir(in)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !vfs.LostFound(b.k.fsys, b.k.o.LocalDataDir, in, err) {
		return err
	}
	for _, e := range list {
		if err := b.ctx.Err(); err != nil {
			return context.Cause(b.ctx)
		}
		below := path.Join(rel, e.Name)
		kind := e.Type
		if kind&fs.ModeSymlink != 0 {
			if info, err := b.k.fsys.Stat(filepath.Join(b.k.o.LocalDataDir, below)); err == nil {
				kind = info.Mode.Type()
			}
		}
		switch {
		case strings.HasPrefix(e.Name, ".") && e.Name != naming.FileSuffix: // which is the file of disk;mount=/
		case kind.IsDir():
			if strings.Count(below, "/") < maxDepth {
				err = b.folder(below)
			}
		case (strings.HasSuffix(e.Name, naming.FileSuffix) || strings.HasSuffix(e.Name, naming.PackedSuffix)) && !b.done[below]:
			err = b.copy(below)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// maxDepth is how deep folders are followed: symbolic links may go in circles.
const maxDepth = 256

func (b *backup) copy(rel string) error {
	data, err := b.read(rel)
	if errors.Is(err, fs.ErrNotExist) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	b.Files++
	return b.file(rel, data)
}

// tagged writes the names of the tagged series: their files' names do not tell.
func (b *backup) tagged() error {
	var lines []byte
	for _, name := range b.k.known.tags.Names() {
		lines = append(append(lines, name...), '\n')
	}
	return b.file(tagLogFile, lines)
}

func (b *backup) end() error {
	data, err := json.Marshal(b.BackupSummary)
	if err == nil {
		err = b.file(BackupEnd, data)
	}
	if err == nil {
		err = b.tar.Close()
	}
	return err
}
