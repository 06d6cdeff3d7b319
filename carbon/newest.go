package carbon

import (
	"strings"
	"sync"
	"time"
) // newest remembers the last series whose files were created. It is safe for concurrent use.
type newest struct {
	own  string // what the names of the daemon's own metrics begin with: they are not news to anybody, and would push out those that are
	mu   sync.Mutex
	ring [20]NewSeries
	n    int // of all that were ever added
}

// ignore tells which series are not remembered, by what their names begin with: the daemon's own
// metrics, which are not news to anybody.
func (n *newest) ignore(prefix string) { n.own = prefix }

// NewSeries is a series and when its file was created, in Unix seconds.
type NewSeries struct {
	Name string `json:"name"`
	When int64  `json:"when"`
}

func (n *newest) add(name string) {
	if n.own != "" && strings.HasPrefix(name, n.own) {
		return
	}
	now := time.Now().Unix()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ring[n.n%len(n.ring)] = NewSeries{name, now}
	n.n++
}

// list returns what is remembered, the newest first.
func (n *newest) list() []NewSeries {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := []NewSeries{}
	for i := n.n - 1; i >= max(0, n.n-len(n.ring)); i-- {
		list = append(list, n.ring[i%len(n.ring)])
	}
	return list
}
