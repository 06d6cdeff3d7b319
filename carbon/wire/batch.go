package wire

import (
	"net"
	"sync"
)

// Sample is one received point. Name points into the buffer of its Batch and is valid only as long
// as the batch is.
type Sample struct {
	Name  []byte
	Time  int64 // Unix seconds; NowTime means "when received"
	Value float64
}

// NowTime as a Sample's Time stands for the time of reception, as carbon's timestamp -1 does.
const NowTime = -1

// Batch holds what one read of a connection brought. Channels carry batches, not points. Batches
// are pooled: the receiver of the intake channel releases the batch, and nothing may point into it
// afterwards.
type Batch struct {
	Points  []Sample
	Rejects []Reject // the first MaxRejects refused pieces, in order
	Dropped [NumReasons]int

	Buf    []byte   // what was read; names point into it
	Source *Source  // the connection; nil for the daemon's own points
	Sender net.Addr // the sender of a datagram, which has no connection
}

// Source is where batches come from: a connection, or the port for datagrams.
type Source struct {
	Addr     string // of the sender
	Receiver Receiver
	In       chan<- *Batch // always to the same intake goroutine, so that its points stay in order
	Pausable bool          // it waits while the cache is full; UDP cannot wait and has its own intake goroutine
	Memory   any           // what the intake goroutine remembers of the source; only that goroutine uses it
}

// Reject is a refused piece of input. Text points into the batch's buffer and has at most
// RejectText bytes.
type Reject struct {
	Reason Reason
	Text   []byte
}

// The sizes of a batch.
const (
	BatchBuffer = 64 << 10 // bytes read at once
	MaxRejects  = 16       // refused pieces whose text a batch holds; the others are only counted
	RejectText  = 200      // bytes of a refused piece that a batch holds
)

var batchPool = sync.Pool{New: func() any { return &Batch{Buf: make([]byte, BatchBuffer)} }}

// NewBatch returns an empty batch from the pool. Its buffer has at least BatchBuffer bytes.
func NewBatch() *Batch { return batchPool.Get().(*Batch) }

// Add appends a point. The name must not change until the batch is released, so it is a slice of
// the batch's own buffer or of memory that nobody writes to. A NaN value is accepted here; the
// intake drops and counts it, where carbon only drops it.
func (b *Batch) Add(name []byte, time int64, value float64) {
	b.Points = append(b.Points, Sample{Name: name, Time: time, Value: value})
}

// Reject counts a refused piece of input under its reason and stores the beginning of its text for
// log messages.
func (b *Batch) Reject(r Reason, text []byte) {
	b.Dropped[r]++
	if len(b.Rejects) < MaxRejects {
		b.Rejects = append(b.Rejects, Reject{Reason: r, Text: text[:min(len(text), RejectText)]})
	}
}

// From returns the address of the batch's sender, or "" for the daemon's own points.
func (b *Batch) From() string {
	switch {
	case b.Sender != nil:
		return b.Sender.String()
	case b.Source != nil:
		return b.Source.Addr
	}
	return ""
}

// Release empties the batch and returns it to the pool. It leaves a batch with an unusually large
// buffer to the garbage collector.
func (b *Batch) Release() {
	if len(b.Buf) > 4*BatchBuffer || cap(b.Points) > 1<<16 {
		return
	}
	b.Points, b.Rejects, b.Source, b.Sender = b.Points[:0], b.Rejects[:0], nil, nil
	b.Dropped = [NumReasons]int{}
	batchPool.Put(b)
}

// Decoder turns the bytes of a connection into points. It holds the state of its connection and is
// not safe for concurrent use.
type Decoder interface {
	// Decode appends the points in src to b and returns the rest of src that is not complete yet.
	// The caller passes the rest again, followed by more bytes. Decode refuses bad input within
	// intact framing by b.Reject, which is not an error. An error means that the framing is lost
	// and the connection must be closed.
	Decode(b *Batch, src []byte) (rest []byte, err error)

	// Ready reports whether Decode would consume a part of src, which begins with the rest that
	// Decode has returned. It changes nothing, so a long frame that arrives in small pieces is
	// neither copied nor decoded before it is complete.
	Ready(src []byte) bool

	// MaxPending returns the longest rest, in bytes, that Decode can return. The buffer never grows
	// beyond it.
	MaxPending() int
}
