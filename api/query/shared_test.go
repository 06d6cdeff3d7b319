package query

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"graphited/api/call"
)

// TestFlightsEnd: who waits goes on when what it waits for fails, or its own time is up.
func TestFlightsEnd(t *testing.T) {
	fs := flights{lanes: map[string]*lane{}}
	first, compute := fs.join("k")
	second, computeToo := fs.join("k")
	third, computeThird := fs.join("k")
	if !compute || !computeToo || computeThird || second != third {
		t.Fatal("the wrong ones compute")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := second.wait(ctx)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("waited: %v", err)
	}
	fs.land("k", second, &call.Reply{Err: err})
	<-third.done
	if third.reply.Err == nil {
		t.Error("no error for who shares")
	}
	fourth, compute := fs.join("k")
	fs.land("k", first, nil)
	if err := fourth.wait(t.Context()); !compute || err != nil {
		t.Errorf("the next does not begin: %v", err)
	}
	fs.land("k", fourth, nil)
	if len(fs.lanes) != 0 {
		t.Error("something is left")
	}
}

// TestAnswersBound: however much is put in, it takes no more than its limit.
func TestAnswersBound(t *testing.T) {
	a := newAnswers(10_000)
	now := time.Unix(1, 0)
	for i := range 1000 {
		a.put(fmt.Sprint(i), &call.Reply{Body: make([]byte, i*3)}, now.Add(time.Hour))
		size := 0
		for _, e := range a.byKey {
			size += e.Value.(*kept).size
		}
		if a.size > a.limit || size != a.size || len(a.byKey) != a.order.Len() {
			t.Fatalf("%d bytes counted, %d kept of at most %d", a.size, size, a.limit)
		}
	}
	if a.get("999", now) != nil {
		t.Error("kept what takes more than a quarter")
	}
	a.put("x", &call.Reply{}, now.Add(time.Second))
	if a.get("x", now) == nil || a.get("x", now.Add(time.Second)) != nil || a.byKey["x"] != nil {
		t.Error("kept too long, or not at all")
	}
	if newAnswers(0).get("x", now) != nil {
		t.Error("nothing keeps something")
	}
}

// TestAnswersAtTheirLimit: what takes just a quarter of the room is kept, and four of these are all
// the room.
func TestAnswersAtTheirLimit(t *testing.T) {
	one := &call.Reply{Body: make([]byte, 100)}
	size := 1 + len(one.Body)*3/2 + keptCost
	a := newAnswers(4 * size)
	now := time.Unix(1, 0)
	keys := func() (n int) {
		for i := range 5 {
			if a.get(strconv.Itoa(i), now) != nil {
				n++
			}
		}
		return n
	}
	for i, want := range []int{1, 2, 3, 4, 4} {
		a.put(strconv.Itoa(i), one, now.Add(time.Second))
		if got := keys(); got != want {
			t.Errorf("after %d answers %d are kept, want %d", i+1, got, want)
		}
	}
	if a.get("0", now) != nil {
		t.Error("the oldest is kept, and another one is not")
	}
	a.put("x", &call.Reply{Body: make([]byte, 102)}, now.Add(time.Second))
	if a.get("x", now) != nil {
		t.Error("what takes more than a quarter of the room is kept")
	}
}
