package vfs

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Open implements FS.
func (m *Mem) Open(name string, flag int, perm fs.FileMode) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	path := filepath.Clean(name)
	n := m.names[path]
	write := flag&(os.O_WRONLY|os.O_RDWR) != 0
	switch {
	case n == nil && flag&os.O_CREATE == 0:
		return nil, pathError("open", name, fs.ErrNotExist)
	case n == nil:
		if up := m.names[filepath.Dir(path)]; up == nil || !up.info.IsDir() {
			return nil, pathError("open", name, fs.ErrNotExist)
		}
		m.inodes++
		n = &node{info: Info{Inode: m.inodes, Mtime: m.tick(), Links: 1, Mode: perm.Perm()}}
		m.change(nameOp{name: path, node: n})
	case flag&os.O_CREATE != 0 && flag&os.O_EXCL != 0:
		return nil, pathError("open", name, fs.ErrExist)
	case n.info.IsDir() && write:
		return nil, pathError("open", name, fmt.Errorf("is a directory"))
	case flag&os.O_TRUNC != 0:
		n.truncate(0)
	}
	return &memFile{fs: m, node: n, write: write}, nil
}

// Stat implements FS.
func (m *Mem) Stat(name string) (Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n := m.names[filepath.Clean(name)]
	if n == nil {
		return Info{}, pathError("stat", name, fs.ErrNotExist)
	}
	return n.stat(), nil
}

// ReadDir implements FS.
func (m *Mem) ReadDir(name string) ([]Entry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir := filepath.Clean(name)
	if n := m.names[dir]; n == nil || !n.info.IsDir() {
		return nil, pathError("readdir", name, fs.ErrNotExist)
	}
	var list []Entry
	for path, n := range m.names {
		if filepath.Dir(path) == dir && path != dir {
			list = append(list, Entry{Name: filepath.Base(path), Type: n.info.Mode.Type()})
		}
	}
	slices.SortFunc(list, func(a, b Entry) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// MkdirAll implements FS.
func (m *Mem) MkdirAll(name string, perm fs.FileMode) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for path := filepath.Clean(name); ; path = filepath.Dir(path) {
		if n := m.names[path]; n == nil {
			m.mkdir(path)
		} else if !n.info.IsDir() {
			return pathError("mkdir", path, fs.ErrExist)
		}
		if path == filepath.Dir(path) {
			return nil
		}
	}
}

// Rename implements FS.
func (m *Mem) Rename(oldname, newname string) error { return m.move(oldname, newname, true, true) }

// RenameNew implements FS.
func (m *Mem) RenameNew(oldname, newname string) error { return m.move(oldname, newname, true, false) }

// Link implements FS.
func (m *Mem) Link(oldname, newname string) error { return m.move(oldname, newname, false, false) }

// move gives a file a new name. remove says whether it loses its old one, and replace says whether
// newname may belong to another file.
func (m *Mem) move(oldname, newname string, remove, replace bool) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	from, to := filepath.Clean(oldname), filepath.Clean(newname)
	n, up, target := m.names[from], m.names[filepath.Dir(to)], m.names[to]
	switch {
	case n == nil:
		return pathError("rename", oldname, fs.ErrNotExist)
	case up == nil || !up.info.IsDir():
		return pathError("rename", newname, fs.ErrNotExist)
	case n.info.IsDir():
		return pathError("rename", oldname, fmt.Errorf("is a directory"))
	case target != nil && !replace:
		return pathError("rename", newname, fs.ErrExist)
	case target != nil && target.info.IsDir():
		return pathError("rename", newname, fmt.Errorf("is a directory"))
	case from == to:
		return nil
	}
	if target != nil {
		target.info.Links--
	}
	op := nameOp{name: to, node: n}
	if remove {
		op.old = from
	} else {
		n.info.Links++
	}
	m.change(op)
	return nil
}

// Remove implements FS.
func (m *Mem) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	path := filepath.Clean(name)
	n := m.names[path]
	if n == nil {
		return pathError("remove", name, fs.ErrNotExist)
	}
	if n.info.IsDir() {
		for p := range m.names {
			if filepath.Dir(p) == path && p != path {
				return pathError("remove", name, fmt.Errorf("directory not empty"))
			}
		}
		delete(m.durable, path)
	}
	n.info.Links--
	m.change(nameOp{old: path})
	return nil
}

// SyncDir implements FS.
func (m *Mem) SyncDir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir := filepath.Clean(name)
	if n := m.names[dir]; n == nil || !n.info.IsDir() {
		return pathError("sync", name, fs.ErrNotExist)
	}
	m.pending = slices.DeleteFunc(m.pending, func(op nameOp) bool {
		within := op.old != "" && filepath.Dir(op.old) == dir || op.name != "" && filepath.Dir(op.name) == dir
		if within {
			op.apply(m.durable)
		}
		return within
	})
	return nil
}

// Space implements FS. It reports a fixed large size.
func (m *Mem) Space(string) (Space, error) { return Space{Free: 1 << 40, Total: 1 << 40}, nil }

// SyncFS implements FS.
func (m *Mem) SyncFS(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.names[filepath.Clean(name)] == nil {
		return pathError("syncfs", name, fs.ErrNotExist)
	}
	for _, op := range m.pending {
		op.apply(m.durable)
	}
	m.pending = nil
	for _, n := range m.names {
		n.sync()
	}
	err := m.lost
	m.lost = nil
	return err
}

func pathError(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: name, Err: err}
}
