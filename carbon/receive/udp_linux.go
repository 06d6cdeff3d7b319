package receive

import (
	"bytes"
	"net"
	"os"
	"strconv"
	"syscall"
)

// udpLost returns how many datagrams the kernel has dropped because the receive buffer of a socket
// was full, as /proc/net/udp has it; ok is false when that cannot be told.
func udpLost(c net.PacketConn) (datagrams int64, ok bool) {
	inode := socketInode(c)
	for _, table := range [...]string{"/proc/net/udp", "/proc/net/udp6"} {
		text, err := os.ReadFile(table)
		if err != nil {
			continue
		}
		for line := range bytes.Lines(text) {
			// sl local_address rem_address st queues timer retrnsmt uid timeout inode ref pointer
			// drops
			if f := bytes.Fields(line); len(f) >= 13 && string(f[9]) == inode {
				n, err := strconv.ParseInt(string(f[12]), 10, 64)
				return n, err == nil
			}
		}
	}
	return 0, false
}

// socketInode returns the number that a socket has in the tables of the system; "" when it has
// none.
func socketInode(c net.PacketConn) (inode string) {
	s, ok := c.(syscall.Conn)
	if !ok {
		return ""
	}
	raw, err := s.SyscallConn()
	if err != nil {
		return ""
	}
	_ = raw.Control(func(fd uintptr) { // a socket that is closed has no number
		var st syscall.Stat_t
		if syscall.Fstat(int(fd), &st) == nil {
			inode = strconv.FormatUint(st.Ino, 10)
		}
	})
	return inode
}
