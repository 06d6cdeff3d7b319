package wire

import "strings"

// Reason says why a point, or a piece of input that should have been points, was refused or lost.
// Every refusal is counted under exactly one reason.
type Reason uint8

// The reasons.
const (
	BadLine         Reason = iota // a line that does not have three fields
	BadValue                      // a value that is not a number
	BadTimestamp                  // a timestamp that is not a number, is not finite or is out of range
	LineTooLong                   // a line beyond the limit
	BadEncoding                   // text that is not valid UTF-8
	BadName                       // an empty node, '/', a control character, a node or name that is too long
	BadPickle                     // a pickle that is not a list of points, or not plain data
	FrameTooLong                  // a length prefix above PICKLE_RECEIVER_MAX_LENGTH
	Truncated                     // the end of a connection or datagram within a line or frame
	NotANumber                    // the value NaN, which carbon ignores
	CacheFull                     // the cache is at its hard limit
	TooOld                        // older than the longest retention when it was to be written
	Unwritable                    // a name that the file system refuses permanently
	ConnectionLimit               // a connection beyond MAX_RECEIVER_CONNECTIONS
	Blacklisted                   // a name that blacklist.conf matches
	NotWhitelisted                // a name that whitelist.conf does not match
	InFuture                      // a timestamp further in the future than FUTURE_LIMIT
	BadProtobuf                   // a protobuf message that is not carbon's
	BadCompression                // a stream that is not compressed as LINE_RECEIVER_COMPRESSION says, or one that ends early in a way that looks the same
	TooSlow                       // a connection that took too long for one line or frame
	Removed                       // a point that waited for its file when its series was removed
	TooManySeries                 // a new name beyond MAX_SERIES
	OverQuota                     // a new name beyond a quota
	SocketFull                    // a datagram that the kernel had no room for; counted only on Linux, some seconds later
	NotAllowed                    // a connection or datagram from an address that may not send points
	BadHandshake                  // a connection that does not speak TLS to a port that requires it
	NumReasons
)

var reasonNames = [NumReasons]string{
	BadLine: "bad_line", BadValue: "bad_value", BadTimestamp: "bad_timestamp", LineTooLong: "line_too_long", BadEncoding: "bad_encoding",
	BadName: "bad_name", BadPickle: "bad_pickle", FrameTooLong: "frame_too_long", Truncated: "truncated", NotANumber: "not_a_number",
	CacheFull: "cache_full", TooOld: "too_old", Unwritable: "unwritable", ConnectionLimit: "connection_limit",
	Blacklisted: "blacklisted", NotWhitelisted: "not_whitelisted", InFuture: "in_future", BadProtobuf: "bad_protobuf", TooSlow: "too_slow", TooManySeries: "too_many_series", OverQuota: "over_quota", BadCompression: "bad_compression",
	Removed: "removed", SocketFull: "socket_full",
	NotAllowed: "address_not_allowed", BadHandshake: "bad_handshake",
}

// String returns the reason's name in log messages and in the names of counters.
func (r Reason) String() string { return reasonNames[r] }

// SlashCure is the remedy for names with slashes, of which carbon makes folders.
const SlashCure = `a name cannot hold "/"; rewrite-rules.conf makes the name of it that carbon's file has, with these lines below [pre]: "/ = ." and "\.{2,} = ." and "^\. =" and "\.$ ="`

// Cure says what lets the refused text be accepted, or returns "" if there is no such advice.
func (r Reason) Cure(text string) string {
	if r == BadName && strings.Contains(text, "/") {
		return SlashCure
	}
	return ""
}
