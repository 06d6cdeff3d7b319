package carbon

import "sync"

// maxTroubles is how many series' last errors are remembered.
const maxTroubles = 4096

// Trouble is the last error of a series' file, and when that was.
type Trouble struct {
	Text string
	When int64 // Unix seconds; 0: there was none since the start, or it is forgotten
}

// troubles remembers the last error of each series, of some thousand at most. It is safe for
// concurrent use.
type troubles struct {
	mu   sync.Mutex
	last map[string]Trouble
}

// note remembers an error. When there are too many, any one is forgotten.
func (t *troubles) note(series string, err error, now int64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.last == nil {
		t.last = map[string]Trouble{}
	}
	if len(t.last) >= maxTroubles {
		for one := range t.last {
			delete(t.last, one)
			break
		}
	}
	t.last[series] = Trouble{err.Error(), now}
}

func (t *troubles) of(series string) Trouble {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.last[series]
}
