package call

import (
	"net"

	"golang.org/x/sys/unix"
)

// peerOf tells how the other end of a connection is. What it has sent that was not
// read yet, such as its next request, is no matter.
func peerOf(c *net.TCPConn) peer {
	raw, err := c.SyscallConn()
	if err != nil {
		return gone
	}
	state := gone
	err = raw.Control(func(fd uintptr) {
		p := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLRDHUP}}
		_, err := unix.Poll(p, 0)
		switch {
		case err != nil || p[0].Revents == 0: // interrupted: the next look tells
			state = present
		case p[0].Revents&(unix.POLLERR|unix.POLLHUP) == 0:
			state = closed
		}
	})
	if err != nil {
		return gone // it was closed here
	}
	return state
}
