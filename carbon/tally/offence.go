package tally

import (
	"sync"
	"time"

	"graphited/carbon/wire"
)

// Offence is the latest input that was refused or lost for a reason.
type Offence struct {
	Text string `json:"text"` // the line, name or frame, at most its first 200 bytes
	From string `json:"from"` // the sender's address; "" when there was none any more, as for points that were on their way to a file
	When int64  `json:"when"` // Unix seconds; 0: nothing was refused for this reason yet
}

// offences remembers the latest Offence for each reason, in memory of a fixed size. It is safe for
// concurrent use.
type offences struct {
	mu   sync.Mutex
	last [wire.NumReasons]struct {
		text [wire.RejectText]byte
		n    int
		from string
		when int64
	}
}

// note remembers what was refused; it copies text.
func (o *offences) note(r wire.Reason, text []byte, from string) {
	now := time.Now().Unix()
	o.mu.Lock()
	defer o.mu.Unlock()
	l := &o.last[r]
	l.n, l.from, l.when = copy(l.text[:], text), from, now
}

// latest returns what was refused last for a reason.
func (o *offences) latest(r wire.Reason) Offence {
	o.mu.Lock()
	defer o.mu.Unlock()
	l := &o.last[r]
	return Offence{Text: string(l.text[:l.n]), From: l.from, When: l.when}
}
