package api

import (
	"fmt"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // so that tz= works where the system has no zones
)

// zones finds time zones by name and keeps those it found.
type zones struct {
	def *time.Location

	mu    sync.Mutex
	found map[string]*time.Location // by spelling, maxZones at most
}

// maxZones is above the number of zones there are; a file system that does not
// mind case has endless spellings of each.
const maxZones = 1000

func newZones(def string) (*zones, error) {
	z := &zones{def: time.UTC, found: make(map[string]*time.Location)}
	if def == "" {
		return z, nil
	}
	if z.def = z.lookup(def); z.def == nil {
		return nil, fmt.Errorf("cannot find time zone %q", def)
	}
	return z, nil
}

// get returns the zone of a request's tz, the default for an unknown one, as
// graphite-web.
func (z *zones) get(name string) *time.Location {
	if name == "" {
		return z.def
	}
	if l := z.lookup(name); l != nil {
		return l
	}
	return z.def
}

// lookup finds a zone as it is spelled, else in the usual spellings, for pytz
// does not mind case. Local is no zone: it would depend on the machine.
func (z *zones) lookup(name string) *time.Location {
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
