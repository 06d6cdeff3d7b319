//go:build !linux

package receive

import "net"

// udpLost would return how many datagrams the kernel has dropped. Only Linux tells.
func udpLost(net.PacketConn) (datagrams int64, ok bool) { return 0, false }
