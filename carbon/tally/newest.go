package tally

import (
	"strings"
	"sync"
	"time"
)

// Newest remembers the last series whose files were created. It is safe for concurrent use.
type Newest struct {
	own  string // what the names of the daemon's own metrics begin with: they are not news to anybody, and would push out those that are
	mu   sync.Mutex
	ring [20]NewSeries
	n    int // of all that were ever added
}

// Ignore tells which series are not remembered, by what their names begin with: the daemon's own
// metrics, which are not news to anybody.
func (n *Newest) Ignore(prefix string) { n.own = prefix }

// NewSeries is a series and when its file was created, in Unix seconds.
type NewSeries struct {
	Name string `json:"name"`
	When int64  `json:"when"`
}

// Add notes that the file of a series was created.
func (n *Newest) Add(name string) {
	if n.own != "" && strings.HasPrefix(name, n.own) {
		return
	}
	now := time.Now().Unix()
	n.mu.Lock()
	defer n.mu.Unlock()
	n.ring[n.n%len(n.ring)] = NewSeries{name, now}
	n.n++
}

// List returns what is remembered, the newest first.
func (n *Newest) List() []NewSeries {
	n.mu.Lock()
	defer n.mu.Unlock()
	list := []NewSeries{}
	for i := n.n - 1; i >= max(0, n.n-len(n.ring)); i-- {
		list = append(list, n.ring[i%len(n.ring)])
	}
	return list
}
