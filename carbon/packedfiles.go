package carbon

import "sync/atomic"

// packedFiles tells whether there can be packed files at all, so that where there are none nobody
// looks for one beside each file. A nil one does not know.
type packedFiles struct {
	listed atomic.Bool // all folders have been listed once
	seen   atomic.Bool
}

// see notes that there is one.
func (p *packedFiles) see() {
	if p != nil {
		p.seen.Store(true)
	}
}

func (p *packedFiles) possible() bool { return p == nil || p.seen.Load() || !p.listed.Load() }
