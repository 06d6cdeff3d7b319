// Package admin answers requests about the server itself and its series as a whole: how it is,
// points that are received over HTTP, metadata, deletions, backups, and where series come from.
package admin

import (
	"context"
	"io"
	"time"

	"graphited/api/names"
	"graphited/api/query"
	"graphited/api/store"
	"graphited/carbon/facts"
)

// State describes the condition of the program, such as *carbon.Daemon. It must be safe for
// concurrent use.
type State interface {
	// Starting says why requests cannot be answered in full yet, or "" if they can. Until then
	// every answer has it in the header X-Replaying, and none may be kept.
	Starting() string
	// Health returns the condition of each part.
	Health() []facts.Condition
	// AppendPrometheus appends the metrics in Prometheus' text format.
	AppendPrometheus(dst []byte) []byte
}

// Series changes series as a whole, such as *carbon.Daemon. It must be safe for concurrent use.
type Series interface {
	// GetMetadata returns the value of a key. carbon has one key, aggregationMethod.
	GetMetadata(ctx context.Context, metric, key string) (string, error)
	// SetMetadata changes a value and returns the old one.
	SetMetadata(ctx context.Context, metric, key, value string) (old string, err error)
	// Remove removes series, and returns the names of those that it has removed, even with an
	// error.
	Remove(ctx context.Context, names []string) (removed []string, err error)
}

// Views answers requests about the server. Nothing of it changes after the first request.
type Views struct {
	State  State  // nil: all is well, and there are no metrics
	Series Series // nil: there is no metadata, and nothing can be deleted
	Names  *names.Names
	Tags   query.Tags   // nil: there are no tags
	Saved  *store.Store // nil: nothing can be saved

	// Receive takes the points of a body, which it must not retain, and returns how many it took.
	// An error wraps ErrBusy if the client should send them again, and ErrLeftOut if some were left
	// out on purpose; else the points are wrong. Nil receives nothing.
	Receive func(ctx context.Context, contentType string, body []byte) (accepted int, err error)
	// BackUp writes a tar of all series to w, and what more adds, given a function that begins a
	// file of a size. Nil cannot.
	BackUp func(ctx context.Context, w io.Writer, more func(begin func(name string, size int64) (io.Writer, error)) error) error
	// Parts returns the status of each part of the program, as values that encoding/json can write.
	// Nil has none.
	Parts func() map[string]any
	// ExplainMetric says what becomes of a metric, as a value that encoding/json can write. Nil
	// means that the path does not exist.
	ExplainMetric func(metric string) any
	// Count says where the series come from, as a value that encoding/json can write. Nil means
	// that it is not known.
	Count func(q facts.CardinalityQuery) any
	// Metrics append more metrics to those of State.
	Metrics []func(dst []byte) []byte

	Base         context.Context // of all requests
	Version      string          // of Graphite
	Writable     bool            // series may be deleted
	ReadOnly     bool            // nothing may be changed
	WriteTimeout time.Duration   // that the client may take to read a part of a backup; 0: no limit
}
