//go:build !linux

package call

import "net"

// peerOf knows nothing here: a query whose client has left goes on to its end.
func peerOf(*net.TCPConn) peer { return present }
