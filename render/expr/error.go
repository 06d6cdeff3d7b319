package expr

import (
	"fmt"
	"unicode/utf8"
)

// An Error says why and where a target cannot be read. All of what it says is in its fields, so
// that nobody has to take its sentence apart.
type Error struct {
	// Pos is the place in the target, in bytes from 0, as Parse counts them. It is at most the
	// target's length.
	Pos int
	// Text is the beginning of what stands there: at most 20 bytes, and "" at the target's end.
	Text string
	// Msg says what was expected there, or which limit the target exceeds. It does not tell the
	// place.
	Msg string
	// TooLarge tells that the target exceeds one of the Limits and may be correct otherwise.
	TooLarge bool
	// Query tells that the limit is one of all targets together.
	Query bool
}

// Error returns the message with the position, counted in bytes from 1.
func (e *Error) Error() string {
	return fmt.Sprintf("cannot parse target at position %d: %s", e.Pos+1, e.Msg)
}

// beginning returns the first characters of s, 20 bytes at most.
func beginning(s string) string {
	const most = 20
	if len(s) <= most {
		return s
	}
	end := most
	for !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end]
}
