package carbon

import (
	"sync"
	"time"

	"graphited/carbon/index"
	"graphited/carbon/naming"
)

// foundFile looks for the file of a metric without tags that the index does not know. What is found
// the index knows from then on.
func (st *Store) foundFile(name string) bool {
	canon, ok := naming.Canonical([]byte(name)) // nothing else may lead to a file
	if !ok || string(canon) != name || !st.missed.try(name, st.clock()) {
		return false
	}
	return st.found(name, index.MetricFile(name))
}

// foundTagged looks for the file of a tagged series that the index does not know: its path is made
// from the name, though the name cannot be made from that.
func (st *Store) foundTagged(name string) bool {
	canon, ok := naming.Canonical([]byte(name))
	if st.names.Has(name) || st.cache.Waiting(name) { // a plain file with such a name, or points that wait
		return true
	}
	if !ok || string(canon) != name {
		return false
	}
	for rel := range naming.AllPlaces(name, st.o.HashTagged) {
		if file := naming.Nodes(rel); st.names.Has(file) {
			st.know(name, file)
			return true
		}
	}
	if !st.missed.try(name, st.clock()) {
		return false
	}
	for rel := range naming.AllPlaces(name, st.o.HashTagged) {
		if st.found(name, rel) {
			return true
		}
	}
	return false
}

// found looks whether there is a file, packed or not, by its path below the data folder.
func (st *Store) found(name, rel string) bool {
	for _, suffix := range [...]string{naming.FileSuffix, naming.PackedSuffix} {
		info, err := st.fsys.Stat(st.o.LocalDataDir + "/" + rel + suffix)
		if err != nil || info.IsDir() {
			continue
		}
		if suffix == naming.PackedSuffix {
			st.packed.see()
		}
		st.know(name, naming.Nodes(rel))
		st.missed.forget(name)
		return true
	}
	return false
}

// know makes a series known that has a file.
func (st *Store) know(name, file string) {
	if learn := st.learns.Load(); learn != nil {
		(*learn)(name, file)
	}
}

const (
	missPause = time.Second // after which a name that was missing is looked for again
	maxMisses = 4096        // names that are looked for within missPause
)

// misses remembers for a second which names were looked for among the files, so that a name costs
// one look a second however often it is asked for, and names without end cost only so many. It is
// safe for concurrent use.
type misses struct {
	mu          sync.Mutex
	since       time.Time // when now was begun
	now, before map[string]time.Time
}

// try tells whether a name is to be looked for at a time, and remembers that it is.
func (m *misses) try(name string, at time.Time) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if age := at.Sub(m.since); age >= missPause || age < 0 {
		m.before, m.now, m.since = m.now, map[string]time.Time{}, at
	}
	for _, looked := range [...]map[string]time.Time{m.now, m.before} {
		if last, ok := looked[name]; ok && at.Sub(last) < missPause && !at.Before(last) {
			return false
		}
	}
	if len(m.now) >= maxMisses {
		return false
	}
	m.now[name] = at
	return true
}

// forget takes back what try has remembered of a name, which was not missing.
func (m *misses) forget(name string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.now, name)
}
