package vfs

import "io/fs"

// FS is a file system: what is done with names. Names are paths as package os takes them.
type FS interface {
	// Open opens the named file with the flags of package os (O_RDONLY, O_RDWR, O_CREATE, O_EXCL, O_TRUNC; not O_APPEND).
	// perm, before umask, is used when the file is made. A new name is durable only after SyncDir.
	Open(name string, flag int, perm fs.FileMode) (File, error)
	// Stat describes the named file, following symbolic links.
	Stat(name string) (Info, error)
	// ReadDir lists a folder, sorted by name.
	ReadDir(name string) ([]Entry, error)
	// MkdirAll makes a folder and those above it. It is no error when they exist.
	MkdirAll(name string, perm fs.FileMode) error
	// Rename gives a file another name and replaces, atomically, what had that name. Old files stay readable for who has them open.
	Rename(oldname, newname string) error
	// RenameNew gives a file another name and never replaces: the error wraps fs.ErrExist when newname exists.
	RenameNew(oldname, newname string) error
	// Link gives a file a second name. The error wraps fs.ErrExist when newname exists.
	Link(oldname, newname string) error
	// Remove removes a file or an empty folder.
	Remove(name string) error
	// SyncDir makes the names in a folder durable: what was made, renamed and removed there before the call.
	SyncDir(name string) error
	// SyncFS makes everything durable, content and names, that was written before the call to the file system that holds name, whoever wrote it. One call
	// instead of a Sync for each of thousands of files. The error wraps errors.ErrUnsupported where there is no such thing.
	SyncFS(name string) error
	// Space tells how much room the file system that holds name has. The error wraps errors.ErrUnsupported where the system does not tell.
	Space(name string) (Space, error)
}

// Space is the room of a file system.
type Space struct {
	Free, Total           uint64 // bytes; Free is what an ordinary user may still write
	FreeFiles, TotalFiles uint64 // files there may still be, and in all; both 0 where there is no such limit
}

// File is an open file: what is done with bytes.
type File interface {
	// ReadAt is io.ReaderAt: fewer bytes than asked for come with an error, io.EOF at the end of the file.
	ReadAt(p []byte, off int64) (int, error)
	// WriteAt is io.WriterAt: fewer bytes than given come with an error. Not atomic, not durable before Sync. Extends the file where needed.
	WriteAt(p []byte, off int64) (int, error)
	// Stat describes the open file, even when its name is gone.
	Stat() (Info, error)
	// Truncate sets the size. What is added reads as zeros and has no disk space reserved.
	Truncate(size int64) error
	// Fallocate makes the file at least off+n bytes long with disk space reserved for [off, off+n), so that writing there does not run
	// out of space. The error wraps errors.ErrUnsupported where the file system has no such thing.
	Fallocate(off, n int64) error
	// Sync makes content and size durable. After an error nothing is known of what was written since the last Sync, and trying again proves nothing.
	Sync() error
	// SyncData is Sync without the timestamps: content and the size needed to read it.
	SyncData() error
	// Lock waits for the advisory lock (flock) on the file; Close releases it. A shared lock is for readers.
	Lock(shared bool) error
	// TryLock is Lock that does not wait: false when somebody else has it.
	TryLock(shared bool) (bool, error)
	// Fadvise says how the file will be read. A hint: nothing happens where there is no such thing.
	Fadvise(a Advice) error
	// Chmod sets mode and permission bits.
	Chmod(mode fs.FileMode) error
	// Chown sets owner and group; -1 leaves one as it is.
	Chown(uid, gid int) error
	// Close gives up the file and its locks. It must be called once.
	Close() error
}

// Info describes a file. Two open files with the same Dev and Inode at the same time are one file.
type Info struct {
	Size  int64
	Disk  int64  // bytes of disk that are reserved for it; 0 where the system does not tell
	Inode uint64 // the file's identity while it exists; reused by the system after its removal
	Dev   uint64
	Mtime int64  // last change of content, Unix nanoseconds
	Links uint64 // names the file has; 0 when it is open but removed
	UID   uint32
	GID   uint32
	Mode  fs.FileMode
}

// IsDir says whether the file is a folder.
func (i Info) IsDir() bool { return i.Mode.IsDir() }

// Entry is one name in a folder. Type has only type bits: fs.ModeDir, fs.ModeSymlink, ...; a symbolic link is not followed.
type Entry struct {
	Name string
	Type fs.FileMode
}

// Advice is a hint about reading, as posix_fadvise's.
type Advice uint8

// The hints: no special pattern, in random order (no read-ahead), from beginning to end, not needed again soon.
const (
	Normal Advice = iota
	Random
	Sequential
	DontNeed
)
