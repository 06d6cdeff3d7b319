package render

import (
	"errors"
	"fmt"
	"graphited/render/expr"
	"strings"
)

// Kind says who is to blame for an Error, and so which HTTP status it becomes.
type Kind uint8

const (
	// BadRequest is a target that cannot be evaluated as it is written. A limit that one call
	// exceeds is such an error, since the other targets are none the worse for it.
	BadRequest Kind = iota + 1
	// TooLarge is a query that exceeds a limit of the Engine which all its targets share.
	TooLarge
	// Unavailable is a Store or event source that could not answer.
	Unavailable
)

// String returns the kind in words.
func (k Kind) String() string {
	switch k {
	case BadRequest:
		return "bad request"
	case TooLarge:
		return "too large"
	case Unavailable:
		return "unavailable"
	}
	return fmt.Sprintf("kind %d", uint8(k))
}

// Error is why a query has no answer. All but Kind and Msg may be empty.
type Error struct {
	Kind   Kind
	Target string // the whole target as sent
	Func   string // the function that refused
	Pos    int    // byte offset in Target
	Msg    string
	Err    error // the cause, for errors.Is
}

// Error returns one line for the reader of a log or a dashboard.
func (e *Error) Error() string {
	var b strings.Builder
	if e.Func != "" {
		b.WriteString(e.Func)
		b.WriteString("(): ")
	}
	b.WriteString(e.Msg)
	if e.Target != "" {
		fmt.Fprintf(&b, " (target %q", e.Target)
		if e.Pos > 0 {
			fmt.Fprintf(&b, ", at %d", e.Pos)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

func BadRequestf(format string, args ...any) *Error {
	return &Error{Kind: BadRequest, Msg: fmt.Sprintf(format, args...)}
}

func TooLargef(format string, args ...any) *Error {
	return &Error{Kind: TooLarge, Msg: fmt.Sprintf(format, args...)}
}

// Problem is why a target, or a part of it, has no answer while others have.
type Problem struct {
	Target int  // its number in the Query, from 0
	Part   bool // the rest of the target is answered
	Err    *Error
}

// ownFault returns the error of a target that cannot be evaluated as it is written; nil
// for no error, and for one that concerns the query, such as a limit or its deadline.
func ownFault(err error, target string) *Error {
	var e *Error
	var syntax *expr.Error
	if !errors.As(withTarget(err, target), &e) || e.Kind != BadRequest && !errors.As(err, &syntax) {
		return nil
	}
	return e
}

// withTarget completes an Error that does not know its target yet.
func withTarget(err error, target string) error {
	var e *Error
	if errors.As(err, &e) && e.Target == "" {
		c := *e
		c.Target = target
		return &c
	}
	return err
}

// inFunc completes an error with the innermost function that it came from.
func inFunc(err error, n *expr.Node) error {
	var e *Error
	if errors.As(err, &e) && e.Func == "" && e.Kind == BadRequest {
		c := *e
		if c.Func = n.Name; c.Pos == 0 { // an unknown function knows its place
			c.Pos = n.Pos
		}
		return &c
	}
	return err
}

// errNotYet ends the planning of a window that depends on a step which only
// the next round of reading will tell.
var errNotYet = errors.New("the step is not known yet")
