package wire

import "strings"

// Reason says why a point, or a piece of input that should have been points, was refused or lost.
// Every refusal is counted under exactly one reason.
type Reason uint8

// The reasons.
const (
	BadLine         Reason = iota // a line that has not three fields
	BadValue                      // a value that is no number
	BadTimestamp                  // a timestamp that is no number, is not finite or is out of range
	LineTooLong                   // a line over the limit
	BadEncoding                   // text that is not valid UTF-8
	BadName                       // an empty node, '/', a control character, a node or name that is too long
	BadPickle                     // a pickle that is not a list of points, or asks for more than data
	FrameTooLong                  // a length prefix over PICKLE_RECEIVER_MAX_LENGTH
	Truncated                     // the end of a connection or datagram within a line or frame
	NotANumber                    // the value NaN, which carbon ignores
	CacheFull                     // the cache is at its hard limit
	TooOld                        // older than the longest retention when its turn to be written came
	Unwritable                    // a name that the file system refuses for good
	ConnectionLimit               // a connection over MAX_RECEIVER_CONNECTIONS
	Blacklisted                   // a name that blacklist.conf matches
	NotWhitelisted                // a name that whitelist.conf does not match
	InFuture                      // a timestamp further ahead than FUTURE_LIMIT
	BadProtobuf                   // a protobuf message that is not carbon's
	BadCompression                // a stream that is not packed as LINE_RECEIVER_COMPRESSION says, or cut where that cannot be told apart
	TooSlow                       // a connection that took too long for one line or frame
	Removed                       // waited for its file when its series was removed
	TooManySeries                 // a new name beyond MAX_SERIES
	OverQuota                     // a new name beyond a quota
	SocketFull                    // a datagram that the kernel had no room for; counted some seconds later, and on Linux alone
	NotAllowed                    // a connection or datagram from an address that may not send here
	BadHandshake                  // a connection to a port with TLS that does not speak it
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

// String gives the reason as it stands in logs and in the names of counters.
func (r Reason) String() string { return reasonNames[r] }

// SlashCure is for names that carbon makes folders of as they come.
const SlashCure = `a name cannot hold "/"; rewrite-rules.conf makes the name of it that carbon's file has, with these lines below [pre]: "/ = ." and "\.{2,} = ." and "^\. =" and "\.$ ="`

// Cure says how what was refused can be taken in after all, "" where nothing is known.
func (r Reason) Cure(text string) string {
	if r == BadName && strings.Contains(text, "/") {
		return SlashCure
	}
	return ""
}
