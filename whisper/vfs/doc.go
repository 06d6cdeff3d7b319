// Package vfs is the file layer under everything that writes: whisper files, the write-ahead log, saved state.
//
// The nouns are FS (a file system: names), File (one open file: bytes at offsets) and three implementations:
// OS, the operating system with as few system calls and allocations as can be; Mem, a file system in memory that can be crashed
// and keeps, drops or garbles what was not synced; Fail, a wrapper that makes chosen operations fail.
//
// Concurrency: an FS may be used by many goroutines. A File may be used by many goroutines at distinct offsets; its Close must come last and once:
// OS recycles Files, so a File used after its Close may be somebody else's.
//
// What is atomic: Rename, RenameNew and Remove happen or do not happen, for every reader and across a crash. A WriteAt is neither:
// a crash may keep any part of it, readers may see any part of it.
// What is durable: the bytes of a file after Sync, a name (made, renamed, removed) after SyncDir of its folder, both after SyncFS. Nothing else.
//
// Errors: methods of FS return *fs.PathError with the operation and the name. Methods of File return the bare cause, since whoever
// holds a file knows its name and says it once. errors.Is works with fs.ErrNotExist, fs.ErrExist, fs.ErrPermission and, on the OS, errno values.
package vfs
