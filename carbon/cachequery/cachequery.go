package cachequery

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/pickle"
	"graphited/carbon/receive"
	"graphited/carbon/tally"
	"graphited/carbon/wire"
	"graphited/whisper"
)

const (
	maxQueryFrame   = 1 << 20          // bytes of a request
	maxQueryConns   = 1000             // open connections; further ones are closed at once
	maxQueryKept    = 16 << 10         // bytes of a buffer that an idle connection keeps
	queryFrameLimit = 30 * time.Second // for the rest of a request once it has begun, and for writing a reply
)

// Metadata answers the metadata requests of the cache query port. A nil function means that
// the request is answered with an error. carbon knows one key, aggregationMethod.
type Metadata struct {
	Get func(metric, key string) (string, error)
	Set func(metric, key, value string) (old string, err error)
}

// Server serves carbon's cache query port, "carbonlink": graphite-web asks there for points
// that are not in a file yet. Requests and replies are frames of a 32-bit big-endian length and a
// pickled dict; a connection may ask any number of questions, one after the other.
type Server struct {
	listener net.Listener
	pending  func(metric string) []whisper.Point
	metadata Metadata
	log      zerolog.Logger
	timeout  time.Duration
	maxConns int64
	Stats    *tally.Stats

	conns   atomic.Int64 // open now
	refused atomic.Int64 // over the limit
	bad     atomic.Int64 // closed because of what they asked
}

// New returns a server on l, which it will close. pending must be safe for concurrent use
// and gives the points of a metric in the order of their arrival: of equal timestamps the last one
// is sent. The caller limits the rate of log.
func New(l net.Listener, pending func(metric string) []whisper.Point, md Metadata, log zerolog.Logger) *Server {
	return &Server{listener: l, pending: pending, metadata: md, log: log, timeout: queryFrameLimit, maxConns: maxQueryConns, Stats: new(tally.Stats)}
}

// Run accepts connections until ctx ends, then closes all of them and returns nil once their
// goroutines are done. It returns an error when the listener is closed by somebody else.
func (q *Server) Run(ctx context.Context) error {
	return receive.Accept(ctx, q.listener, q.log, q.serve)
}

// serve answers one connection until it ends, asks what no carbon understands, or ctx ends.
func (q *Server) serve(ctx context.Context, c net.Conn) {
	defer c.Close()
	defer q.conns.Add(-1)
	if q.conns.Add(1) > q.maxConns {
		q.refused.Add(1)
		q.log.Warn().Stringer("from", c.RemoteAddr()).Int64("limit", q.maxConns).Msg("cache query connection refused")
		return
	}
	stop := context.AfterFunc(ctx, func() { c.Close() })
	defer stop()
	err := q.converse(c)
	if err == nil || ctx.Err() != nil {
		return
	}
	var bad *badQueryError
	if errors.As(err, &bad) {
		q.bad.Add(1)
		q.log.Warn().Err(err).Stringer("from", c.RemoteAddr()).Msg("bad cache query, connection closed")
		return
	}
	q.log.Debug().Err(err).Stringer("from", c.RemoteAddr()).Msg("cache query connection lost")
}

// badQueryError says why a request cannot be answered, so that the connection must be closed.
type badQueryError struct{ reason string }

func (e *badQueryError) Error() string { return e.reason }

// converse reads requests and writes replies. A silent connection may stay, since graphite-web
// keeps its own; one that stops within a request may not.
func (q *Server) converse(c net.Conn) error {
	r := bufio.NewReaderSize(c, 1024)
	var request bytes.Buffer
	var reply []byte
	for {
		if err := c.SetReadDeadline(time.Time{}); err != nil {
			return err
		}
		if _, err := r.Peek(1); err != nil {
			if err == io.EOF {
				return nil
			}
			return err
		}
		if err := c.SetDeadline(time.Now().Add(q.timeout)); err != nil {
			return err
		}
		if err := readQuery(r, &request); err != nil {
			return err
		}
		var err error
		if reply, err = q.appendReply(append(reply[:0], 0, 0, 0, 0), request.Bytes()); err != nil {
			return err
		}
		binary.BigEndian.PutUint32(reply, uint32(len(reply)-wire.FrameHeader))
		if _, err = c.Write(reply); err != nil {
			return err
		}
		if request.Cap() > maxQueryKept {
			request = bytes.Buffer{}
		}
		if cap(reply) > maxQueryKept {
			reply = nil
		}
	}
}

// readQuery reads one frame into dst, which grows only as bytes really arrive.
func readQuery(r io.Reader, dst *bytes.Buffer) error {
	var header [wire.FrameHeader]byte
	if _, err := io.ReadFull(r, header[:]); err != nil {
		return err
	}
	n := binary.BigEndian.Uint32(header[:])
	if n > maxQueryFrame {
		return &badQueryError{fmt.Sprintf("a request of %d bytes: the limit is %d", n, maxQueryFrame)}
	}
	dst.Reset()
	got, err := dst.ReadFrom(io.LimitReader(r, int64(n)))
	if err == nil && got < int64(n) {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// appendReply appends the pickled reply to a pickled request. The error is a *badQueryError.
func (q *Server) appendReply(dst, request []byte) ([]byte, error) {
	v, err := pickle.Decode(request)
	if err != nil {
		return dst, &badQueryError{err.Error()}
	}
	fields, ok := v.(map[string]any)
	if !ok {
		return dst, &badQueryError{"a request that is no dict"}
	}
	kind, ok := fields["type"]
	if !ok {
		return dst, &badQueryError{"a request without a type"}
	}
	metric, hasMetric := fields["metric"].(string)
	metrics, hasMetrics := fields["metrics"].([]any)
	switch {
	case kind == "cache-query" && hasMetric:
		q.Stats.Queries.Add(1)
		dst = pickle.AppendText(append(dst, 0x80, 2, '}'), "datapoints")
		dst = q.appendPoints(dst, metric)
		return append(dst, 's', '.'), nil
	case kind == "cache-query-bulk" && hasMetrics:
		q.Stats.BulkQueries.Add(1)
		q.Stats.BulkMetrics.Add(int64(len(metrics)))
		return q.appendBulk(dst, metrics)
	case (kind == "get-metadata" || kind == "set-metadata") && hasMetric:
		return q.appendMetadata(dst, kind == "set-metadata", metric, fields), nil
	case kind == "cache-query" || kind == "cache-query-bulk" || kind == "get-metadata" || kind == "set-metadata":
		return dst, &badQueryError{fmt.Sprintf("a request of type %q without a metric", kind)}
	}
	return appendPickleFields(dst, "error", fmt.Sprintf(`Invalid request type "%v"`, kind)), nil
}

// appendBulk appends the reply to cache-query-bulk. A metric that is asked for twice is answered
// once.
func (q *Server) appendBulk(dst []byte, metrics []any) ([]byte, error) {
	dst = pickle.AppendText(append(dst, 0x80, 2, '}'), "datapointsByMetric")
	dst = append(dst, '}', '(')
	seen := make(map[string]bool, len(metrics))
	for _, m := range metrics {
		metric, ok := m.(string)
		if !ok {
			return dst, &badQueryError{"a metric that is no text"}
		}
		if seen[metric] {
			continue
		}
		seen[metric] = true
		dst = q.appendPoints(pickle.AppendText(dst, metric), metric)
	}
	return append(dst, 'u', 's', '.'), nil
}

// appendPoints appends the list of a metric's points. As in the dict of carbon's cache, a later
// value of a timestamp takes the place of the earlier one.
func (q *Server) appendPoints(dst []byte, metric string) []byte {
	points := q.pending(metric)
	dst = append(dst, ']', '(')
	if ascending(points) {
		for _, p := range points {
			dst = appendPicklePoint(dst, p)
		}
		return append(dst, 'e')
	}
	last := make(map[int64]float64, len(points))
	for _, p := range points {
		last[p.Time] = p.Value
	}
	for _, p := range points {
		if v, ok := last[p.Time]; ok {
			dst = appendPicklePoint(dst, whisper.Point{Time: p.Time, Value: v})
			delete(last, p.Time)
		}
	}
	return append(dst, 'e')
}

// ascending reports whether each point is later than the one before it.
func ascending(points []whisper.Point) bool {
	for i := 1; i < len(points); i++ {
		if points[i].Time <= points[i-1].Time {
			return false
		}
	}
	return true
}

func appendPicklePoint(dst []byte, p whisper.Point) []byte {
	return append(pickle.AppendFloat(pickle.AppendInt(dst, p.Time), p.Value), 0x86)
}

// appendMetadata appends the reply to get-metadata or set-metadata. What goes wrong is told in the
// reply, as carbon does.
func (q *Server) appendMetadata(dst []byte, set bool, metric string, fields map[string]any) []byte {
	key, _ := fields["key"].(string)
	value, isText := fields["value"].(string)
	var err error
	switch {
	case !set && q.metadata.Get != nil:
		if value, err = q.metadata.Get(metric, key); err == nil {
			return appendPickleFields(dst, "value", value)
		}
	case set && q.metadata.Set != nil && !isText:
		err = errors.New("a value that is no text")
	case set && q.metadata.Set != nil:
		var old string
		if old, err = q.metadata.Set(metric, key, value); err == nil {
			return appendPickleFields(dst, "old_value", old, "new_value", value)
		}
	default:
		err = errors.ErrUnsupported
	}
	return appendPickleFields(dst, "error", fmt.Sprintf("cannot serve metadata %q of %q: %v", key, metric, err))
}

// appendPickleFields appends a whole pickle: a dict of texts, given as keys and values in turn.
func appendPickleFields(dst []byte, fields ...string) []byte {
	dst = append(dst, 0x80, 2, '}', '(')
	for _, f := range fields {
		dst = pickle.AppendText(dst, f)
	}
	return append(dst, 'u', '.')
}
