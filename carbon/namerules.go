package carbon

import (
	"unicode/utf8"

	"graphited/carbon/naming"
	"graphited/carbon/wire"
)

// Filter is one line of whitelist.conf or blacklist.conf. It is safe for concurrent use.
type Filter interface {
	Match(name string) bool // whether the pattern is found anywhere in the name
	String() string         // the pattern as it was written
}

// Rewrite is one rule of rewrite-rules.conf. It is safe for concurrent use.
type Rewrite interface {
	Rewrite(name string) string // the name with all occurrences of the pattern replaced
	String() string             // the rule as it was written
}

// NameRules say which received names are taken in, and under which name each goes on. They are
// immutable; a reload makes new ones. Names are valid UTF-8 without control characters, as they
// were received: their tags may come in any order.
type NameRules struct {
	Blacklist []Filter  // a name that one of them matches is refused
	Whitelist []Filter  // unless empty: a name that none of them matches is refused
	Pre, Post []Rewrite // applied in order, each to what the one before has made of the name; aggregation has its place between the two
}

// Empty reports whether the rules leave every name as it is. Nil rules do.
func (r *NameRules) Empty() bool {
	return r == nil || len(r.Blacklist)+len(r.Whitelist)+len(r.Pre)+len(r.Post) == 0
}

// maxReceived is the longest name, in bytes, that rules are applied to, and that they may make of
// one.
const maxReceived = 4 * naming.MaxName

// trace is told which rule has decided something, and what the name is after it. It may be nil.
type trace func(rule, name string)

func (t trace) call(rule, name string) {
	if t != nil {
		t(rule, name)
	}
}

// apply returns what becomes of a name: the name that it goes on under, or ok false and the reason
// why it is refused.
func (r *NameRules) apply(name string, tr trace) (_ string, why wire.Reason, ok bool) {
	if len(name) > maxReceived || !naming.ValidBytes([]byte(name), true) || !utf8.ValidString(name) {
		return name, wire.BadName, false
	}
	for _, f := range r.Blacklist {
		if f.Match(name) {
			tr.call(f.String(), name)
			return name, wire.Blacklisted, false
		}
	}
	if len(r.Whitelist) > 0 {
		listed := false
		for _, f := range r.Whitelist {
			if listed = f.Match(name); listed {
				tr.call(f.String(), name)
				break
			}
		}
		if !listed {
			return name, wire.NotWhitelisted, false
		}
	}
	for _, rules := range [][]Rewrite{r.Pre, r.Post} {
		for _, rule := range rules {
			to := rule.Rewrite(name)
			if len(to) > maxReceived {
				return name, wire.BadName, false
			}
			if to != name {
				name = to
				tr.call(rule.String(), name)
			}
		}
	}
	return name, 0, true
}
