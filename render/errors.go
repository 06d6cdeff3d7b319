package render

import (
	"fmt"
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
