package cluster

// isMsgpack distinguishes MessagePack from a pickle in the same way as graphite-web.
func isMsgpack(contentType string) bool { return contentType == "application/x-msgpack" }

// readNodes reads the response to a find. An empty body means no nodes.
func readNodes(contentType string, body []byte) ([]Node, error) {
	switch {
	case len(body) == 0:
		return nil, nil
	case isMsgpack(contentType):
		return unpackNodes(body)
	}
	return unpickleNodes(body)
}

// readSeries reads the response to a render. An empty body means no series.
func readSeries(contentType string, body []byte) ([]entry, error) {
	switch {
	case len(body) == 0:
		return nil, nil
	case isMsgpack(contentType):
		return unpackSeries(body)
	}
	return unpickleSeries(body)
}
