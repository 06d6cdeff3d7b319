package vfs

import "io/fs"

// FS is a file system: the operations on names. Names are paths as package os uses them.
type FS interface {
	// Open opens the named file with the flags of package os (O_RDONLY, O_RDWR, O_CREATE, O_EXCL,
	// O_TRUNC; not O_APPEND). perm, before umask, is used if Open creates the file. A new name is
	// durable only after SyncDir.
	Open(name string, flag int, perm fs.FileMode) (File, error)
	// Stat describes the named file. It follows symbolic links.
	Stat(name string) (Info, error)
	// ReadDir lists a folder, sorted by name.
	ReadDir(name string) ([]Entry, error)
	// MkdirAll creates a folder and its parents. It is not an error if they exist.
	MkdirAll(name string, perm fs.FileMode) error
	// Rename renames a file and atomically replaces the file that had the new name. A replaced file
	// stays readable for those who have it open.
	Rename(oldname, newname string) error
	// RenameNew renames a file but never replaces another: the error wraps fs.ErrExist if newname
	// exists.
	RenameNew(oldname, newname string) error
	// Link gives a file a second name. The error wraps fs.ErrExist if newname exists.
	Link(oldname, newname string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// SyncDir makes the names in a folder durable that were created, renamed or removed before the
	// call.
	SyncDir(name string) error
	// SyncFS makes everything durable, content and names, that any process has written before the
	// call to the file system that holds name. One call replaces a Sync of each of thousands of
	// files. The error wraps errors.ErrUnsupported if the system cannot do it.
	SyncFS(name string) error
	// Space returns the free and total space of the file system that holds name. The error wraps
	// errors.ErrUnsupported if the system does not report it.
	Space(name string) (Space, error)
}

// Space is the free and total space of a file system.
type Space struct {
	Free, Total           uint64 // in bytes; Free is what an ordinary user may still write
	FreeFiles, TotalFiles uint64 // number of files; both are 0 if there is no such limit
}

// File is an open file: the operations on bytes.
type File interface {
	// ReadAt implements io.ReaderAt. If it reads fewer bytes than requested, it returns an error,
	// io.EOF at the end of the file.
	ReadAt(p []byte, off int64) (int, error)
	// WriteAt implements io.WriterAt. If it writes fewer bytes than given, it returns an error. It
	// is not atomic, and not durable before Sync. It extends the file if necessary.
	WriteAt(p []byte, off int64) (int, error)
	// Stat describes the open file, even after its name was removed.
	Stat() (Info, error)
	// Truncate sets the size. Added bytes read as zeros and have no reserved disk space.
	Truncate(size int64) error
	// Fallocate makes the file at least off+n bytes long and reserves disk space for [off, off+n),
	// so that writes there do not run out of space. The error wraps errors.ErrUnsupported if the
	// file system cannot do it.
	Fallocate(off, n int64) error
	// Sync makes content and size durable. After an error anything written since the last Sync may
	// be lost, and a later success proves nothing about it.
	Sync() error
	// SyncData is Sync without the timestamps: it syncs the content and the size needed to read it.
	SyncData() error
	// Lock waits for the advisory lock (flock) on the file. Close releases it. A shared lock is for
	// readers.
	Lock(shared bool) error
	// TryLock is like Lock but does not wait: it returns false if somebody else has the lock.
	TryLock(shared bool) (bool, error)
	// Fadvise says how the file will be read. It is only a hint and may do nothing.
	Fadvise(a Advice) error
	// Chmod sets mode and permission bits.
	Chmod(mode fs.FileMode) error
	// Chown sets owner and group. -1 leaves one as it is.
	Chown(uid, gid int) error
	// Close closes the file and releases its locks. It must be called once.
	Close() error
}

// Info describes a file. Two open files are the same file if they have the same Dev and Inode at
// the same time.
type Info struct {
	Size  int64
	Disk  int64  // bytes of disk reserved for it; 0 if the system does not report it
	Inode uint64 // the file's identity while it exists; the system may reuse it after the removal
	Dev   uint64
	Mtime int64  // time of the last change of content, in Unix nanoseconds
	Links uint64 // number of names; 0 if the file is open but removed
	UID   uint32
	GID   uint32
	Mode  fs.FileMode
}

// IsDir reports whether the file is a folder.
func (i Info) IsDir() bool { return i.Mode.IsDir() }

// Entry is one name in a folder. Type has only type bits: fs.ModeDir, fs.ModeSymlink and so on. It
// describes a symbolic link itself, not its target.
type Entry struct {
	Name string
	Type fs.FileMode
}

// Advice is a hint about reading, like posix_fadvise's.
type Advice uint8

// The hints are: no special pattern, random order (no read-ahead), sequential order, and not needed
// again soon.
const (
	Normal Advice = iota
	Random
	Sequential
	DontNeed
)
