package call

// Protocol is a dialect of protobuf that carbonapi and go-carbon speak.
type Protocol uint8

// The dialects.
const (
	NoProtocol Protocol = iota
	V2                  // carbonapi_v2_pb: parameters in the URL
	V3                  // carbonapi_v3_pb: a message in the body, also of a GET
)

// TypeV2 is the content type of V2.
const TypeV2 = "application/x-protobuf"

const typeV3 = "application/x-carbonapi-v3-pb"

// Protocol returns the dialect of the request, like go-carbon: that of format=, or V3 if Accept has
// its type, which wins.
func (q *Request) Protocol() Protocol {
	if string(q.Request.Header.Peek("Accept")) == typeV3 {
		return V3
	}
	switch q.Params.Get("format") {
	case "protobuf", "protobuf3", "carbonapi_v2_pb":
		return V2
	case "carbonapi_v3_pb":
		return V3
	}
	return NoProtocol
}

// FinishMessage answers with a message.
func (q *Request) FinishMessage(p Protocol, body []byte) error {
	contentType := TypeV2
	if p == V3 {
		contentType = typeV3
	}
	q.Finish(body, contentType)
	q.NoCache()
	return nil
}
