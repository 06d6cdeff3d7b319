package carbon

import (
	"bytes"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"graphited/carbon/conf"
	"graphited/carbon/wire"
)

// TestConnectionsGiveTheirPlaceBack: a connection that has ended counts no more.
func TestConnectionsGiveTheirPlaceBack(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.MaxConnections = 1 })
	for i := range int64(3) {
		f.until("one more is accepted", func() bool {
			_ = f.trySend("line", "a 1 -1\n") // which is refused while the one before has not ended
			return f.Stats().Received.Load() > i
		})
	}
}

// TestLongestNames: the rules are asked each time for names that are too long to be remembered.
func TestLongestNames(t *testing.T) {
	in := testIntake(t, testCache())
	a := newDecisions(&NameRules{}, in.cache)
	for n, kept := range map[int]bool{maxReceived: true, maxReceived + 1: false} {
		long := bytes.Repeat([]byte{'x'}, n)
		in.decided(a, &connection{Source: &wire.Source{}}, long)
		if got := a.lookup(long) != nil; got != kept {
			t.Errorf("a name of %d bytes is remembered: %v", n, got)
		}
	}
}

// TestTimesAtTheEdge: the last time that a file can hold is taken, and a second more is not.
func TestTimesAtTheEdge(t *testing.T) {
	in := testIntake(t, testCache())
	for at, want := range map[int64]bool{0: true, maxTime: true, maxTime + 1: false, -2: false} {
		if r, ok := in.check(&wire.Sample{Time: at, Value: 1}, testNow); ok != want || !ok && r != wire.BadTimestamp {
			t.Errorf("the time %d is taken: %v, %v", at, ok, r)
		}
	}
}

// TestIngestLongestLine: over HTTP, too, a line of as many bytes as the limit is one.
func TestIngestLongestLine(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	atWork(f)
	const name = "a.b"
	for n, want := range map[int]int{wire.MaxLine: 1, wire.MaxLine + 1: 0} {
		line := name + strings.Repeat(" ", n-len(name)-len("1 -1")) + "1 -1"
		if got, err := f.Ingest(t.Context(), "", []byte(line)); got != want {
			t.Errorf("of a line of %d bytes %d points are taken, %v", len(line), got, err)
		}
	}
}

// TestIngestIsWaitedFor: the end waits for what is being taken in, and then lets nobody in.
func TestIngestIsWaitedFor(t *testing.T) {
	var i running
	i.open(t.Context())
	_, done, err := i.begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	closed := make(chan struct{})
	go func() { i.close(); close(closed) }()
	for range 1000 {
		runtime.Gosched()
		select {
		case <-closed:
			t.Fatal("the end did not wait")
		default:
		}
	}
	done()
	<-closed
	if _, _, err := i.begin(t.Context()); err == nil {
		t.Error("points are let in after the end")
	}
}

// TestQuotaGroupsAreBounded: names without end do not fill the memory with groups of a quota.
func TestQuotaGroupsAreBounded(t *testing.T) {
	in := testIntake(t, testCache())
	q, err := NewQuota("q", "*", "", 1)
	if err != nil {
		t.Fatal(err)
	}
	quotas := Quotas{q}
	l := newQuotas(conf.DefaultOptions(), func() Quotas { return quotas }, in.known)
	most := 0
	for i := range maxQuotaGroups + 10 {
		if _, reason, ok := l.admit(fmt.Sprintf("g%d.x", i)); !ok {
			t.Fatal(reason)
		}
		most = max(most, len(l.groups))
	}
	if most > maxQuotaGroups+1 || len(l.groups) > 10 {
		t.Errorf("%d groups were remembered, and %d are; want %d at most", most, len(l.groups), maxQuotaGroups+1)
	}
	if _, _, ok := l.admit("g0.y"); ok {
		t.Error("a group that was forgotten is not counted again")
	}
}
