package tally

import (
	"strings"
	"testing"

	"graphited/carbon/wire"
	"graphited/testdata/allocs"
)

func TestOffences(t *testing.T) {
	var o offences
	o.note(wire.BadLine, []byte(strings.Repeat("x", 3*wire.RejectText)), "1.2.3.4:5")
	o.note(wire.BadName, []byte("first"), "")
	text := []byte("second")
	o.note(wire.BadName, text, "s")
	text[0] = 'X'
	if l := o.latest(wire.BadLine); len(l.Text) != wire.RejectText || l.From != "1.2.3.4:5" {
		t.Errorf("%+v", l)
	}
	if l := o.latest(wire.BadName); l.Text != "second" || l.From != "s" || l.When == 0 {
		t.Errorf("%+v", l)
	}
	if l := o.latest(wire.TooOld); l != (Offence{}) {
		t.Errorf("%+v", l)
	}
	if n := allocs.Least(100, func() { o.note(wire.BadLine, text, "s") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestNewest(t *testing.T) {
	var n Newest
	if l := n.List(); l == nil || len(l) != 0 {
		t.Errorf("%#v", l)
	}
	for c := 'a'; c <= 'z'; c++ {
		n.Add(string(c))
	}
	l := n.List()
	if len(l) != len(n.ring) || l[0].Name != "z" || l[len(l)-1].Name != string(rune('z'-len(l)+1)) {
		t.Errorf("%+v", l)
	}
}
