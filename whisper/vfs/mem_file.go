package vfs

import (
	"io"
	"io/fs"
)

// maxMem is the largest size of a file of a Mem, so that a wrong offset does not use up the
// machine's memory.
const maxMem = 1 << 32

// enter locks the file system and reports whether the file may be read, or written if write is set.
func (f *memFile) enter(write bool) error {
	f.fs.mu.Lock()
	switch {
	case f.closed:
		return fs.ErrClosed
	case write && !f.write:
		return fs.ErrPermission
	}
	return nil
}

func (f *memFile) leave() { f.fs.mu.Unlock() }

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, fs.ErrInvalid
	}
	n := 0
	if off < int64(len(f.node.data)) {
		n = copy(p, f.node.data[off:])
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	defer f.leave()
	if err := f.enter(true); err != nil {
		return 0, err
	}
	if off < 0 || off+int64(len(p)) > maxMem {
		return 0, fs.ErrInvalid
	}
	f.node.info.Mtime = f.fs.tick()
	if len(p) > 0 {
		f.node.change(dataOp{off, append([]byte(nil), p...)})
	}
	return len(p), nil
}

func (f *memFile) Stat() (Info, error) {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return Info{}, err
	}
	return f.node.stat(), nil
}

func (f *memFile) Truncate(size int64) error {
	defer f.leave()
	if err := f.enter(true); err != nil {
		return err
	}
	if size < 0 || size > maxMem {
		return fs.ErrInvalid
	}
	f.node.info.Mtime = f.fs.tick()
	f.node.truncate(size)
	return nil
}

func (f *memFile) Fallocate(off, n int64) error {
	defer f.leave()
	if err := f.enter(true); err != nil {
		return err
	}
	if off < 0 || n <= 0 || off+n > maxMem {
		return fs.ErrInvalid
	}
	if off+n > int64(len(f.node.data)) {
		f.node.truncate(off + n)
	}
	return nil
}

func (f *memFile) Sync() error {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return err
	}
	f.node.sync()
	err := f.node.lost
	f.node.lost = nil
	return err
}

func (f *memFile) SyncData() error { return f.Sync() }

func (f *memFile) Lock(shared bool) error {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return err
	}
	for !f.lock(shared) {
		f.fs.unlock.Wait()
	}
	return nil
}

func (f *memFile) TryLock(shared bool) (bool, error) {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return false, err
	}
	return f.lock(shared), nil
}

// lock locks the file if possible. It converts a lock that f already holds.
func (f *memFile) lock(shared bool) bool {
	n := f.node
	others := n.sharers
	if f.shared {
		others--
	}
	if n.owner != nil && n.owner != f || !shared && others > 0 {
		return false
	}
	f.release()
	if f.shared = shared; shared {
		n.sharers++
	} else {
		n.owner = f
	}
	return true
}

func (f *memFile) release() {
	if f.node.owner == f {
		f.node.owner = nil
	}
	if f.shared {
		f.node.sharers--
	}
	f.shared = false
	f.fs.unlock.Broadcast()
}

func (f *memFile) Fadvise(Advice) error { return nil }

func (f *memFile) Chmod(mode fs.FileMode) error {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return err
	}
	f.node.info.Mode = f.node.info.Mode.Type() | mode.Perm()
	return nil
}

func (f *memFile) Chown(uid, gid int) error {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return err
	}
	if uid >= 0 {
		f.node.info.UID = uint32(uid)
	}
	if gid >= 0 {
		f.node.info.GID = uint32(gid)
	}
	return nil
}

func (f *memFile) Close() error {
	defer f.leave()
	if err := f.enter(false); err != nil {
		return err
	}
	f.release()
	f.closed = true
	return nil
}
