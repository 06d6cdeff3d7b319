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

// NowTime as a Sample's Time asks for the time of reception, as carbon's timestamp -1 does.
const NowTime = -1

// Batch is what one read of a connection brought: the unit that travels through the channels. It is
// pooled: whoever receives it from the intake channel releases it, and nothing may point into it
// afterwards.
type Batch struct {
	Points  []Sample
	Rejects []Reject // in order, at most MaxRejects of them with their text
	Dropped [NumReasons]int

	Buf    []byte   // what was read: names point into it
	Source *Source  // the connection; nil for points of our own
	Sender net.Addr // of a datagram, which has no connection
}

// Reject is one refused piece of input. Text points into the batch's buffer, shortened to what a
// log line bears.
type Reject struct {
	Reason Reason
	Text   []byte
}

// The sizes of a batch.
const (
	BatchBuffer = 64 << 10 // bytes read at once
	MaxRejects  = 16       // refused pieces a batch remembers by their text; the others are only counted
	RejectText  = 200      // bytes of a refused piece that are kept
)

var batchPool = sync.Pool{New: func() any { return &Batch{Buf: make([]byte, BatchBuffer)} }}

// NewBatch takes an empty batch from the pool. Its buffer has at least BatchBuffer bytes.
func NewBatch() *Batch { return batchPool.Get().(*Batch) }

// Add appends one point. Name must stay unchanged until the batch is released: a slice of the
// batch's own buffer, or of memory nobody writes to. A NaN value is no point: carbon ignores it
// without a word, and so does the intake, which counts it.
func (b *Batch) Add(name []byte, time int64, value float64) {
	b.Points = append(b.Points, Sample{Name: name, Time: time, Value: value})
}

// Reject counts one refused piece of input under its reason and keeps the beginning of its text for
// the log.
func (b *Batch) Reject(r Reason, text []byte) {
	b.Dropped[r]++
	if len(b.Rejects) < MaxRejects {
		b.Rejects = append(b.Rejects, Reject{Reason: r, Text: text[:min(len(text), RejectText)]})
	}
}

// From returns who has sent the batch, "" for points of our own.
func (b *Batch) From() string {
	switch {
	case b.Sender != nil:
		return b.Sender.String()
	case b.Source != nil:
		return b.Source.Addr
	}
	return ""
}

// Release empties the batch and gives it back to the pool. Buffers that an oversized frame has
// grown are left to the garbage collector.
func (b *Batch) Release() {
	if len(b.Buf) > 4*BatchBuffer || cap(b.Points) > 1<<16 {
		return
	}
	b.Points, b.Rejects, b.Source, b.Sender = b.Points[:0], b.Rejects[:0], nil, nil
	b.Dropped = [NumReasons]int{}
	batchPool.Put(b)
}

// Decoder turns bytes of a connection into points. It keeps state of its connection and is not safe
// for concurrent use.
type Decoder interface {
	// Decode appends the points in src to b and returns what of src is not complete yet, which the
	// caller hands in again, followed by more bytes. Bad input within intact framing is refused
	// through b.Reject and is no error. An error means that the framing is lost: the connection
	// must be closed.
	Decode(b *Batch, src []byte) (rest []byte, err error)

	// Ready reports whether Decode could do something with src, which begins where Decode has left
	// off. It looks, and changes nothing: a long frame that comes in small pieces is neither copied
	// nor decoded before it is complete.
	Ready(src []byte) bool

	// MaxPending is the longest unfinished input, in bytes, that makes sense: the buffer never
	// grows beyond it.
	MaxPending() int
}
