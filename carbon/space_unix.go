//go:build linux || darwin || freebsd

package carbon

import "syscall"

// diskSpace returns the bytes of a folder's disk that are free for this process, and all of them.
func diskSpace(folder string) (free, total uint64, ok bool) {
	var st syscall.Statfs_t
	if syscall.Statfs(folder, &st) != nil {
		return 0, 0, false
	}
	return uint64(st.Bavail) * uint64(st.Bsize), uint64(st.Blocks) * uint64(st.Bsize), true
}
