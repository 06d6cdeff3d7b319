package vfs

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
)

var (
	// ErrLocked says that another process has locked a folder.
	ErrLocked = errors.New("another process uses it")
	// ErrAway reports that a folder is not where it was when it was taken: somebody has unmounted,
	// moved, replaced or removed it.
	ErrAway = errors.New("the folder is away")
)

// Place is a folder that this process has locked, under the name that it had then. It checks
// whether the name still leads to the folder. A file system can be unmounted below an open file,
// and a folder can be renamed or replaced; a file created under the name would then be elsewhere.
//
// Both the folder and a file in it are locked. The lock of the file excludes processes that know
// only that lock, and the lock of the folder stays if the file is removed. While another folder has
// the name, that one is locked, too, so that no second process can start there unnoticed. Systems
// without locks on folders use only the file. All methods are safe for concurrent use. A nil Place
// is always there.
type Place struct {
	fsys      FS
	dir, lock string
	id        []byte // the content of the lock file: a folder that was mounted again has another device and the same id

	away    atomic.Pointer[error]
	returns atomic.Int64

	mu        sync.Mutex
	folder    File // nil: it cannot be opened
	file      File // the lock file
	self, up  Info // the folder and its parent
	locked    Info // the lock file
	decoy     File // another folder that has the name; nil: there is none, or it cannot be locked
	decoyInfo Info
	mounts    map[string]Info // folders below this one at which other file systems begin
}

// TakePlace locks an existing folder, with a lock file of the given base name. The error wraps
// ErrLocked if another process has locked it.
func TakePlace(fsys FS, dir, lockName string) (*Place, error) {
	p := &Place{fsys: fsys, dir: filepath.Clean(dir), id: []byte("graphited " + rand.Text() + "\n")}
	p.lock = filepath.Join(p.dir, lockName)
	if err := p.take(); err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// take locks the folder that has the name now and records which one it is. The caller must hold
// p.mu, or p must not be shared yet.
func (p *Place) take() (err error) {
	if p.self, err = p.fsys.Stat(p.dir); err != nil {
		return err
	}
	p.up, _ = p.fsys.Stat(filepath.Dir(p.dir)) // the zero Info if this fails
	free := true
	if p.folder, free = p.lockFolder(); !free {
		return ErrLocked
	}
	return p.takeFile()
}

// lockFolder opens the folder and locks it, if the system supports both. free is false if another
// process has locked it.
func (p *Place) lockFolder() (f File, free bool) {
	f, err := p.fsys.Open(p.dir, os.O_RDONLY, 0)
	if err != nil {
		return nil, true
	}
	if got, err := f.TryLock(false); err == nil && !got {
		_ = f.Close() // nothing was written
		return nil, false
	}
	return f, true
}

// takeFile creates the lock file if it does not exist, and locks it.
func (p *Place) takeFile() error {
	f, err := p.fsys.Open(p.lock, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return err
	}
	got, err := f.TryLock(false)
	if err == nil && !got {
		err = ErrLocked
	}
	var info Info
	if err == nil {
		info, err = f.Stat()
	}
	if err != nil {
		return errors.Join(err, f.Close())
	}
	if p.file != nil {
		_ = p.file.Close() // the file that was removed
	}
	p.file, p.locked = f, info
	if err := f.Truncate(0); err == nil {
		_, _ = f.WriteAt(p.id, 0) // without the id, only the inode identifies the folder
	}
	return nil
}

// same reports whether two descriptions are of the same file. On systems without inodes it always
// returns true.
func same(a, b Info) bool {
	return a.Inode == b.Inode && a.Dev == b.Dev || a.Inode == 0 || b.Inode == 0
}

// Here returns nil if the name leads to the folder now. Otherwise the error wraps ErrAway, or
// ErrLocked if another process has locked the folder. It makes one system call.
func (p *Place) Here() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if info, err := p.fsys.Stat(p.dir); err == nil && p.away.Load() == nil && same(info, p.self) {
		return nil
	}
	return p.setAway(p.look())
}

// Check is like Here, but also checks the lock file, and creates and locks it again if somebody has
// removed it.
func (p *Place) Check() error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.setAway(p.look())
}

// Away returns the result of the last Here, Check or Restore. It makes no system call.
func (p *Place) Away() error {
	if p == nil {
		return nil
	}
	if err := p.away.Load(); err != nil {
		return *err
	}
	return nil
}

// Returns returns how often the folder was away and came back.
func (p *Place) Returns() int64 { return p.returns.Load() }

// Restore is like Here, but creates the folder again, empty, if it was removed and its parent is
// still there.
func (p *Place) Restore() error {
	err := p.Here()
	if err == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, gone := p.fsys.Stat(p.dir); !errors.Is(gone, fs.ErrNotExist) {
		return err
	}
	if up, uerr := p.fsys.Stat(filepath.Dir(p.dir)); uerr != nil || !same(up, p.up) {
		return err
	}
	if err := p.fsys.MkdirAll(p.dir, 0o755); err != nil {
		return err
	}
	return p.setAway(p.retake())
}

// Create opens a file in the folder, which may be new, unless the folder is away. If the folder
// goes away meanwhile, Create removes a file that it has created elsewhere with O_EXCL.
func (p *Place) Create(name string, flag int, perm fs.FileMode) (File, error) {
	if err := p.HereFor(name); err != nil {
		return nil, refuse("open", name, err)
	}
	f, err := p.fsys.Open(name, flag, perm)
	if away := p.HereFor(name); away != nil {
		if err == nil {
			_ = f.Close() // nothing was written
		}
		if err == nil && flag&os.O_EXCL != 0 {
			_ = p.fsys.Remove(name) // this fails if the file went to the right folder
		}
		return nil, refuse("open", name, away)
	}
	return f, err
}

// Below records a folder below this one that a walk has reached. begins reports that another file
// system begins there. The error wraps ErrAway when a file system began there before and no longer
// does: it was unmounted, and the folder has other content now.
func (p *Place) Below(path string, info Info, begins bool) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.below(filepath.Clean(path), info, begins)
}

func (p *Place) below(path string, info Info, begins bool) error {
	known, ok := p.mounts[path]
	switch {
	case begins && p.mounts == nil:
		p.mounts = map[string]Info{path: info}
	case begins:
		p.mounts[path] = info
	case ok && !same(known, info):
		return fmt.Errorf("%w: nothing is mounted at %q any more", ErrAway, path)
	}
	return nil
}

// HereFor is like Here for a file with the given name, or, with a separator at the end, for the
// files in a folder. It checks file systems that are mounted between, too.
func (p *Place) HereFor(name string) error {
	if err := p.Here(); err != nil || p == nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for path := range p.mounts {
		if !strings.HasPrefix(name, path+string(filepath.Separator)) {
			continue
		}
		info, err := p.fsys.Stat(path)
		if err != nil {
			delete(p.mounts, path) // the folder itself was removed; after an unmount it would still exist
			continue
		}
		up, err := p.fsys.Stat(filepath.Dir(path))
		if err := p.below(path, info, err == nil && up.Dev != info.Dev); err != nil {
			return err
		}
	}
	return nil
}

// setAway records whether the folder is away, and returns err. The caller must hold p.mu.
func (p *Place) setAway(err error) error {
	switch before := p.away.Load(); {
	case err != nil:
		p.away.Store(&err)
	case before != nil:
		p.away.Store(nil)
		p.returns.Add(1)
	}
	return err
}

// look checks what has the name now. The caller must hold p.mu.
func (p *Place) look() error {
	info, err := p.fsys.Stat(p.dir)
	switch {
	case err != nil:
		p.drop(&p.decoy)
		return fmt.Errorf("%w: %v", ErrAway, err) // not wrapped: a caller that sees fs.ErrNotExist might create the file
	case same(info, p.self) && p.file != nil:
	case p.ours():
		if err := p.retake(); err != nil {
			return err
		}
	default:
		return p.replaced(info)
	}
	p.drop(&p.decoy)
	if info, err := p.fsys.Stat(p.lock); err == nil && same(info, p.locked) {
		return nil
	}
	if err := p.takeFile(); errors.Is(err, ErrLocked) {
		return fmt.Errorf("%w: cannot lock the folder %q again: %w", ErrAway, p.dir, err)
	}
	return nil // without a lock file the folder is still locked
}

// ours reports whether the folder that has the name is this one, mounted again. The caller must
// hold p.mu.
func (p *Place) ours() bool {
	got, err := ReadFile(p.fsys, p.lock)
	return err == nil && bytes.Equal(got, p.id)
}

// retake locks the folder that has the name now instead of the one that had it. The caller must
// hold p.mu.
func (p *Place) retake() error {
	p.drop(&p.decoy)
	p.drop(&p.folder)
	p.drop(&p.file)
	if err := p.take(); err != nil {
		p.drop(&p.folder)
		return fmt.Errorf("%w: cannot lock the folder %q again: %w", ErrAway, p.dir, err)
	}
	return nil
}

// replaced locks the folder that has this one's name and returns an error that says so. The caller
// must hold p.mu.
func (p *Place) replaced(info Info) error {
	free := true
	if p.decoy == nil || !same(info, p.decoyInfo) {
		p.drop(&p.decoy)
		p.decoy, free = p.lockFolder()
		p.decoyInfo = info
	}
	if !free {
		return fmt.Errorf("%w: another folder has the name %q, and another process uses it", ErrAway, p.dir)
	}
	return fmt.Errorf("%w: another folder has the name %q", ErrAway, p.dir)
}

// drop closes a file, ignores the error and forgets the file.
func (p *Place) drop(f *File) {
	if *f != nil {
		_ = (*f).Close()
		*f = nil
	}
}

// Close unlocks the folder.
func (p *Place) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, f := range [...]*File{&p.decoy, &p.file, &p.folder} {
		if *f != nil {
			errs = append(errs, (*f).Close())
			*f = nil
		}
	}
	return errors.Join(errs...)
}

// Guard is a file system for the files in a folder. While the folder is away, nothing is created,
// renamed, removed, synced or opened for writing, but everything can be read. An operation that
// changes names checks the folder first; opening for writing uses the result of the last check.
type Guard struct {
	FS
	Place *Place
}

// refuse returns the error of an operation on a folder that is away.
func refuse(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &fs.PathError{Op: op, Path: name, Err: err}
}

// Open implements FS.
func (g *Guard) Open(name string, flag int, perm fs.FileMode) (File, error) {
	if flag&os.O_CREATE != 0 {
		return g.Place.Create(name, flag, perm)
	}
	if flag&(os.O_RDWR|os.O_WRONLY) != 0 {
		if err := g.Place.Away(); err != nil {
			return nil, refuse("open", name, err)
		}
	}
	return g.FS.Open(name, flag, perm)
}

// MkdirAll implements FS.
func (g *Guard) MkdirAll(name string, perm fs.FileMode) error {
	if err := g.Place.HereFor(name); err != nil {
		return refuse("mkdir", name, err)
	}
	err := g.FS.MkdirAll(name, perm)
	if away := g.Place.HereFor(name); away != nil {
		for path := filepath.Clean(name); path != g.Place.dir && path != filepath.Dir(path) && g.FS.Remove(path) == nil; path = filepath.Dir(path) { // this fails for folders that are not empty
		}
		return refuse("mkdir", name, away)
	}
	return err
}

// Rename implements FS.
func (g *Guard) Rename(oldname, newname string) error {
	if err := g.Place.HereFor(oldname); err != nil { // otherwise a file in a folder that is away seems not to exist
		return refuse("rename", oldname, err)
	}
	return g.FS.Rename(oldname, newname)
}

// RenameNew implements FS.
func (g *Guard) RenameNew(oldname, newname string) error {
	if err := g.Place.HereFor(oldname); err != nil {
		return refuse("rename", oldname, err)
	}
	return g.FS.RenameNew(oldname, newname)
}

// Link implements FS.
func (g *Guard) Link(oldname, newname string) error {
	if err := g.Place.Here(); err != nil {
		return refuse("link", oldname, err)
	}
	return g.FS.Link(oldname, newname)
}

// Remove implements FS.
func (g *Guard) Remove(name string) error {
	if err := g.Place.Here(); err != nil {
		return refuse("remove", name, err)
	}
	return g.FS.Remove(name)
}

// SyncDir implements FS.
func (g *Guard) SyncDir(name string) error {
	if err := g.Place.Here(); err != nil {
		return refuse("sync", name, err)
	}
	return g.FS.SyncDir(name)
}

// SyncFS implements FS.
func (g *Guard) SyncFS(name string) error {
	if err := g.Place.Here(); err != nil {
		return refuse("syncfs", name, err)
	}
	return g.FS.SyncFS(name)
}
