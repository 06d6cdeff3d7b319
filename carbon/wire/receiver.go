package wire

// Receiver is a way in which points arrive.
type Receiver uint8

// The receivers.
const (
	ByLine       Receiver = iota // lines over TCP
	ByLineSocket                 // lines over a Unix socket
	ByUDP                        // lines in datagrams
	ByPickle                     // pickles over TCP
	ByProtobuf                   // protobuf messages over TCP
	ByHTTP                       // POST /api/ingest
	ByOwn                        // the daemon's own metrics
	NumReceivers
)

// String returns the receiver's name in counters and in Daemon.Addrs.
func (r Receiver) String() string {
	return [...]string{"line", "line_socket", "udp", "pickle", "protobuf", "http", "own"}[r]
}
