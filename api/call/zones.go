package call

import (
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so that tz= works where the system has no zones
)

// Zones finds time zones by name and remembers those it has found. It is safe for concurrent use.
type Zones struct {
	def *time.Location

	mu    sync.Mutex
	found map[string]*time.Location // by spelling, maxZones at most
}

// maxZones is above the number of zones that exist. A file system that ignores case has very many
// spellings of each.
const maxZones = 1000

// NewZones returns the zones with the one that is used where a request names none.
func NewZones(def string) (*Zones, error) {
	z := &Zones{def: time.UTC, found: make(map[string]*time.Location)}
	if def == "" {
		return z, nil
	}
	if z.def = z.lookup(def); z.def == nil {
		return nil, fmt.Errorf("cannot find time zone %q", def)
	}
	return z, nil
}

// Default returns the zone of requests that name none.
func (z *Zones) Default() *time.Location { return z.def }

// Get returns the zone of a request's tz. Like in graphite-web an unknown name means the default.
func (z *Zones) Get(name string) *time.Location {
	if name == "" {
		return z.def
	}
	if l := z.lookup(name); l != nil {
		return l
	}
	return z.def
}

// lookup finds a zone as it is spelled, else in the usual spellings, because pytz ignores case.
// Local is not a zone because it would depend on the machine.
func (z *Zones) lookup(name string) *time.Location {
	if len(name) > 40 || strings.EqualFold(name, "local") {
		return nil
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	for _, spelling := range [...]string{name, strings.ToUpper(name), titled(name)} {
		if l := z.found[spelling]; l != nil {
			return l
		}
		if l, err := time.LoadLocation(spelling); err == nil {
			if len(z.found) < maxZones {
				z.found[spelling] = l
			}
			return l
		}
	}
	return nil
}

// titled spells europe/BERLIN as Europe/Berlin.
func titled(s string) string {
	b := []byte(strings.ToLower(s))
	for i, c := range b {
		if c >= 'a' && c <= 'z' && (i == 0 || strings.IndexByte("/_-", b[i-1]) >= 0) {
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}
