package receive

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"time"

	"graphited/carbon/wire"
)

const (
	idleBuffer = 512         // bytes that a silent connection holds for its input, beside what it has begun
	busyRead   = 2 << 10     // a read of so many bytes makes a connection busy: it reads into batches directly, 64 KiB at once
	busyWait   = time.Second // a busy connection that is silent for so long gives its batch back
)

// feed reads one connection into batches, for as long as it lives.
//
// Its memory: a silent connection holds idleBuffer bytes; one that has begun a line or frame twice
// what has arrived of it, at most the decoder's MaxPending; a busy one a batch of 64 KiB. What a
// length prefix promises costs nothing until it comes.
//
// Its time: what has been begun must be complete within patience, counting only the time in which
// the sender was waited for, and not that in which it was paused.
type feed struct {
	conn     net.Conn
	in       io.Reader // conn, or what unpacks it
	dec      wire.Decoder
	src      *wire.Source
	idle     time.Duration // METRIC_CLIENT_IDLE_TIMEOUT; 0: none
	patience time.Duration
	wait     func() // returns when the cache has room, or all ends

	own   []byte        // what has been begun, while there is no batch
	held  int           // bytes of it
	left  time.Duration // of patience
	last  time.Time     // when something came
	armed bool          // a read deadline is set
}

// errTooSlow ends a connection whose sender does not complete what it has begun.
var errTooSlow = errors.New("a line or frame was begun and not completed in time")

// run reads until the connection ends, its framing is lost, or ctx ends. The error is nil when
// sender or ctx ended it.
func (f *feed) run(ctx context.Context) error {
	f.own, f.left, f.last = make([]byte, idleBuffer), f.patience, time.Now()
	var b *wire.Batch // to read into, while the sender is busy
	for {
		f.wait()
		buf := f.room(b)
		n, err := f.read(ctx, buf, b != nil)
		total := f.held + n
		if err != nil && n == 0 && b != nil { // the batch goes back; what it holds stays
			f.keep(b.Buf[:f.held])
			b.Release()
			b = nil
		}
		if errors.Is(err, os.ErrDeadlineExceeded) && ctx.Err() == nil {
			if err = f.overdue(); err == nil && n == 0 {
				continue
			}
		}
		if b == nil {
			if err == nil && !f.dec.Ready(f.own[:total]) {
				f.held = total
				continue
			}
			b = f.batch(total)
		}
		rest, lost := f.dec.Decode(b, b.Buf[:total])
		b.Source = f.src
		if err != nil || lost != nil {
			if r, ok := f.endReason(err, len(rest) > 0 && lost == nil); ok {
				b.Reject(r, rest)
			}
			f.src.In <- b
			if err == io.EOF || err == errIdle || errors.Is(err, os.ErrDeadlineExceeded) {
				err = nil
			}
			return errors.Join(err, lost)
		}
		if len(rest) < total {
			f.left = f.patience
		}
		next := f.carry(rest, n >= busyRead || n == len(buf))
		f.src.In <- b
		b = next
	}
}

// endReason says what is lost with a connection that has ended with err; held tells that something
// was begun.
func (f *feed) endReason(err error, held bool) (r wire.Reason, ok bool) {
	var network *net.OpError
	switch {
	case err == errTooSlow:
		return wire.TooSlow, true
	case f.in == io.Reader(f.conn) || err == nil || err == io.EOF || err == errIdle || errors.As(err, &network) || errors.Is(err, os.ErrDeadlineExceeded):
		return wire.Truncated, held
	case errors.Is(err, io.ErrUnexpectedEOF):
		return wire.Truncated, true
	}
	return wire.BadCompression, true
}

// errIdle ends a connection after METRIC_CLIENT_IDLE_TIMEOUT.
var errIdle = errors.New("idle")

// overdue says why a read that has run into its deadline ends the connection; nil when it does not.
func (f *feed) overdue() error {
	switch {
	case f.held > 0 && f.left <= 0:
		return errTooSlow
	case f.idle > 0 && time.Since(f.last) >= f.idle:
		return errIdle
	}
	return nil
}

// room gives the memory to read into, behind what is held. It grows only as input really arrives.
func (f *feed) room(b *wire.Batch) []byte {
	if b != nil {
		return b.Buf[f.held:]
	}
	if len(f.own)-f.held < idleBuffer/2 {
		own := make([]byte, max(f.held+idleBuffer, min(2*f.held, f.dec.MaxPending())))
		copy(own, f.own[:f.held])
		f.own = own
	}
	return f.own[f.held:]
}

// read reads once, within what is left of the time.
func (f *feed) read(ctx context.Context, buf []byte, busy bool) (int, error) {
	start := time.Now()
	limit := time.Duration(0)
	lower := func(d time.Duration) {
		if d = max(d, time.Millisecond); limit == 0 || d < limit {
			limit = d
		}
	}
	if f.held > 0 {
		lower(f.left)
	}
	if f.idle > 0 {
		lower(f.idle - start.Sub(f.last))
	}
	if busy && f.in == io.Reader(f.conn) { // what unpacks a stream cannot go on after an error
		lower(busyWait)
	}
	if ctx.Err() == nil && (limit > 0 || f.armed) {
		deadline := time.Time{}
		if limit > 0 {
			deadline = start.Add(limit)
		}
		f.conn.SetReadDeadline(deadline) // a connection that is gone says so when it is read
		if f.armed = limit > 0; ctx.Err() != nil {
			f.conn.SetReadDeadline(start.Add(stopGrace)) // the end's own deadline may have been overwritten
		}
	}
	n, err := f.in.Read(buf)
	now := time.Now()
	if f.held > 0 {
		f.left -= now.Sub(start)
	}
	if n > 0 {
		f.last = now
	}
	return n, err
}

// batch puts what is held into a batch.
func (f *feed) batch(total int) *wire.Batch {
	b := wire.NewBatch()
	if total > len(b.Buf) {
		b.Buf, f.own = f.own, make([]byte, idleBuffer)
	} else {
		copy(b.Buf, f.own[:total])
	}
	return b
}

// carry takes over what is not decoded yet: into a batch for a busy sender, which is returned, else
// into memory of just that size.
func (f *feed) carry(rest []byte, busy bool) *wire.Batch {
	f.held = len(rest)
	if busy && len(rest) <= wire.BatchBuffer*3/4 {
		next := wire.NewBatch()
		copy(next.Buf, rest)
		return next
	}
	f.keep(rest)
	return nil
}

func (f *feed) keep(rest []byte) {
	if need := len(rest) + idleBuffer; len(f.own) < need || len(f.own) > 4*need {
		f.own = make([]byte, max(idleBuffer, need))
	}
	copy(f.own, rest)
}

// stopGrace is how long a connection may go on reading what has already arrived when the daemon
// stops.
const stopGrace = 100 * time.Millisecond
