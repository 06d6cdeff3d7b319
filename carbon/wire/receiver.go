package wire

// Receiver is a way on which points come in.
type Receiver uint8

// The receivers.
const (
	ByLine       Receiver = iota // lines over TCP
	ByLineSocket                 // lines on a Unix socket
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

// Source is where batches come from: one connection, or the port for datagrams.
type Source struct {
	Addr     string // of the sender
	Receiver Receiver
	In       chan<- *Batch // to one intake goroutine for all of its life, so its points stay in order
	Pausable bool          // it waits while the cache is full. UDP cannot, and has an intake goroutine of its own
	Memory   any           // what the intake remembers of it. Only the intake goroutine uses it
}
