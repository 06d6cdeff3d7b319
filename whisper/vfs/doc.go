// Package vfs is the file layer under everything that writes: whisper files, the write-ahead log,
// saved state.
//
// FS is a file system (operations on names) and File is an open file (bytes at offsets). There are
// three implementations: OS is the operating system, with as few system calls and allocations as
// possible. Mem is a file system in memory that can crash and then keeps, drops or garbles what was
// not synced. Fail is a wrapper that makes chosen operations fail.
//
// An FS may be used by many goroutines. A File may be used by many goroutines at distinct offsets.
// Its Close must come last and only once: OS recycles Files, so a File used after its Close may
// already be another file.
//
// Rename, RenameNew and Remove are atomic: they happen or do not happen, for every reader and
// across a crash. WriteAt is not: a crash may leave any part of it, and readers may see any part of
// it.
//
// The bytes of a file are durable after Sync. A name that was made, renamed or removed is durable
// after SyncDir of its folder. Both are durable after SyncFS. Nothing else makes them durable.
//
// Methods of FS return *fs.PathError with the operation and the name. Methods of File return the
// bare cause, since the holder of a file knows its name and adds it once. errors.Is works with
// fs.ErrNotExist, fs.ErrExist, fs.ErrPermission and, on the OS, errno values.
package vfs
