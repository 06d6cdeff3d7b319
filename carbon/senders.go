package carbon

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"graphited/carbon/wire"
)

// maxSenders is how many addresses are told apart.
const maxSenders = 10000

// senders counts the series by the addresses from which they came first. It is safe for concurrent
// use.
type senders struct {
	mu   sync.Mutex
	from map[string]*sender
}

type sender struct{ series, fresh atomic.Int64 }

// SenderCount is an address, the series that came from there first since the start, and those of
// them that were not known at all before.
type SenderCount struct {
	Address string `json:"address"`
	Series  int64  `json:"series"`
	New     int64  `json:"new"`
}

// count counts a series that came from a source; fresh tells that it was not known at all. Of two
// sources that send a new name at the same time either may be first to know it, and either first to
// have its series: made.
func (s *senders) count(src *connection, made, fresh bool) {
	if s == nil || !made && !fresh {
		return
	}
	if src.sender == nil {
		addr := src.Addr
		if src.Receiver == wire.ByUDP { // whose address is our own
			addr = "udp"
		}
		src.sender = s.of(addr)
	}
	if made {
		src.sender.series.Add(1)
	}
	if fresh {
		src.sender.fresh.Add(1)
	}
}

func (s *senders) of(addr string) *sender {
	if n := strings.LastIndexByte(addr, ':'); n >= 0 { // another connection has another port
		addr = strings.Trim(addr[:n], "[]")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.from == nil {
		s.from = map[string]*sender{}
	}
	if s.from[addr] == nil && len(s.from) >= maxSenders {
		addr = "others"
	}
	if s.from[addr] == nil {
		s.from[strings.Clone(addr)] = new(sender)
	}
	return s.from[addr]
}

// list returns those with most series.
func (s *senders) list(limit int) []SenderCount {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]SenderCount, 0, len(s.from))
	for addr, x := range s.from {
		list = append(list, SenderCount{addr, x.series.Load(), x.fresh.Load()})
	}
	slices.SortFunc(list, func(a, b SenderCount) int {
		return cmp.Or(cmp.Compare(b.Series, a.Series), strings.Compare(a.Address, b.Address))
	})
	return list[:min(limit, len(list))]
}
