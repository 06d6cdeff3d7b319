package call

// peer is what the system knows about the other end of a connection.
type peer int

const (
	present peer = iota
	closed       // has closed its side: it may be gone, or still wait for an answer
	gone         // does not read any more
)
