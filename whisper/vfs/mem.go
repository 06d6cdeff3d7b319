package vfs

import (
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// Mem is a file system in memory. It knows what has been synced: Crash returns a file system that a
// power cut could leave. It may be used by many goroutines. Folders are durable at once and cannot
// be renamed. Permissions are stored but not enforced.
type Mem struct {
	Sector int64 // a crash leaves each sector of this many bytes old or new, as disks do; with 0 it may split writes anywhere. Set it before the first use

	mu      sync.Mutex
	unlock  *sync.Cond       // signaled when a file lock is released
	names   map[string]*node // as programs see them
	durable map[string]*node // the oldest state that a crash can leave
	pending []nameOp         // the operations that turn durable into names, in order
	inodes  uint64
	clock   int64
	lost    error // like lost of a node, for any file
}

// node is a file or folder. It may have several names.
type node struct {
	info    Info
	data    []byte   // as programs see it
	durable []byte   // the oldest state that a crash can leave
	pending []dataOp // the operations that turn durable into data, in order
	lost    error    // some writes were given up, and the next sync must return this

	owner   *memFile // the holder of the exclusive lock
	sharers int      // number of holders of the shared lock
}

// nameOp is a change of names: it removes the name old and gives node the name name. Either may be
// empty.
type nameOp struct {
	old, name string
	node      *node
}

// dataOp is a write of data at off, or with nil data a change of the size to off.
type dataOp struct {
	off  int64
	data []byte
}

// memFile is an open file of a Mem.
type memFile struct {
	fs     *Mem
	node   *node
	write  bool
	closed bool
	shared bool // holds a shared lock
}

// NewMem returns an empty file system with the folders "/" and ".".
func NewMem() *Mem {
	m := &Mem{names: map[string]*node{}, durable: map[string]*node{}}
	m.unlock = sync.NewCond(&m.mu)
	m.mkdir("/")
	m.mkdir(".")
	return m
}

func (m *Mem) mkdir(name string) {
	m.inodes++
	n := &node{info: Info{Inode: m.inodes, Mtime: m.tick(), Links: 1, Mode: fs.ModeDir | 0o755}}
	m.names[name], m.durable[name] = n, n
	m.touch(name)
}

// touch notes that the names in the folder of a name have changed.
func (m *Mem) touch(name string) {
	if up := m.names[filepath.Dir(name)]; up != nil && name != "" {
		up.info.Mtime = m.tick()
	}
}

// change applies a change of names and records it as not durable yet.
func (m *Mem) change(op nameOp) {
	op.apply(m.names)
	m.touch(op.old)
	m.touch(op.name)
	m.pending = append(m.pending, op)
}

func (op nameOp) apply(names map[string]*node) {
	if op.old != "" {
		delete(names, op.old)
	}
	if op.name != "" {
		names[op.name] = op.node
	}
}

// tick returns the time of a change. It never returns the same time twice, so that a test sees
// every change.
func (m *Mem) tick() int64 {
	m.clock++
	return m.clock
}

// Names lists all names, sorted; folders end in a slash.
func (m *Mem) Names() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []string
	for _, path := range slices.Sorted(maps.Keys(m.names)) {
		if m.names[path].info.IsDir() {
			path = strings.TrimSuffix(path, "/") + "/"
		}
		list = append(list, path)
	}
	return list
}

// resize makes data size bytes long. Added bytes are zeros.
func resize(data []byte, size int64) []byte {
	if size <= int64(len(data)) {
		return data[:size]
	}
	if size <= int64(cap(data)) {
		old := len(data)
		data = data[:size]
		clear(data[old:])
		return data
	}
	return append(data, make([]byte, size-int64(len(data)))...)
}

func (op dataOp) apply(data []byte) []byte {
	if op.data == nil {
		return resize(data, op.off)
	}
	data = resize(data, max(int64(len(data)), op.off+int64(len(op.data))))
	copy(data[op.off:], op.data)
	return data
}

func (n *node) stat() Info {
	info := n.info
	info.Size = int64(len(n.data))
	return info
}

func (n *node) change(op dataOp) {
	n.data = op.apply(n.data)
	n.pending = append(n.pending, op)
}

func (n *node) truncate(size int64) { n.change(dataOp{off: size}) }

func (n *node) sync() {
	for _, op := range n.pending {
		n.durable = op.apply(n.durable)
	}
	n.pending = nil
}
