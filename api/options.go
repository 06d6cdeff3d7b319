package api

import (
	"context"
	"crypto/tls"
	"io"
	"iter"
	"net"
	"net/netip"
	"runtime"
	"time"

	"github.com/rs/zerolog"

	"graphited/api/cluster"
	"graphited/api/store"
	"graphited/carbon/index"
	"graphited/carbon/listen"
	"graphited/render"
	"graphited/render/draw"
)

// StoreOptions are about events, dashboards, graphs and links.
type StoreOptions = store.Options

// DrawOptions are about the pictures of /render.
type DrawOptions = draw.Options

// Options are what a Server is made of: what it is configured with (the fields
// with a conf tag, see carbon.Options for the tags; zero values there are not
// defaults, see DefaultOptions) and what it serves from.
type Options struct {
	Addr              listen.Address `conf:"HTTP" own:"true" doc:"HTTP is served."`
	URLPrefix         string         `conf:"URL_PREFIX" doc:"The path below which everything is served, such as /graphite; empty: none."`
	TimeZone          string         `conf:"TIME_ZONE" doc:"The time zone of requests without tz=, such as Europe/Berlin."`
	CacheDuration     time.Duration  `conf:"DEFAULT_CACHE_DURATION" is:"off" doc:"An answer of /render may be kept by the client for this time."`
	XFilesFactor      float64        `conf:"DEFAULT_XFILES_FACTOR" is:"share" doc:"The xFilesFactor of a query that names none."`
	AutocompleteLimit int            `conf:"TAGDB_AUTOCOMPLETE_LIMIT" is:">0" doc:"The tags or values that are completed where the request has no limit=."`
	MaxFound          int            `conf:"METRICS_FIND_FAILURE_THRESHOLD" is:"limit" doc:"The nodes that a find or expand may give; more are refused."`
	QueryTimeout      time.Duration  `conf:"QUERY_TIMEOUT" is:"limit" own:"true" doc:"A query that takes longer ends with 503."`
	MaxQueries        int            `conf:"MAX_QUERIES" is:"limit" own:"true" doc:"The renders that run at the same time, and as many finds. The default is two for each core."`
	MaxQueuedQueries  int            `conf:"MAX_QUEUED_QUERIES" is:"limit" own:"true" doc:"The queries that may wait for their turn; the next one is refused with 429."`
	MaxAnswer         int            `conf:"MAX_ANSWER_POINTS" is:"limit" unit:"points" own:"true" doc:"The points that one answer of /render may have as text or bytes; more are refused with 400. A point of JSON takes some thirty bytes. Pictures have no such limit."`
	WritableAPI       bool           `conf:"WRITABLE_API" own:"true" doc:"Series can be deleted over HTTP."`
	ReadOnly          bool           `conf:"READ_ONLY" own:"true" doc:"Whatever would change something over HTTP is refused with 403: points, events, dashboards, tags, metadata, short links, deletions."`
	CORSOrigins       []string       `conf:"CORS_ORIGINS" own:"true" doc:"Pages of these origins, such as https://grafana.example, may read answers; * is any, without credentials."`
	AccessLog         bool           `conf:"HTTP_ACCESS_LOG" own:"true" doc:"Log each request at level info instead of debug."`
	CacheSize         int            `conf:"RENDER_CACHE_SIZE" is:"off" unit:"bytes" own:"true" doc:"The size of the answers of /render that are kept, for as long as cacheTimeout=, noCache= and DEFAULT_CACHE_DURATION allow."`
	MaxParameters     int            `conf:"HTTP_MAX_PARAMETERS" is:"limit" own:"true" doc:"The parameters that a request may have."`
	MaxBody           int            `conf:"HTTP_MAX_BODY" is:"limit" unit:"bytes" own:"true" doc:"The size that the body of a request may have."`
	MaxConnections    int            `conf:"HTTP_MAX_CONNECTIONS" is:"limit" own:"true" doc:"The connections that may be open. For one more, the one that has waited longest is closed; when all have a request under way, 256 more may have one, too."`
	ReadTimeout       time.Duration  `conf:"HTTP_READ_TIMEOUT" is:"limit" own:"true" doc:"The time that a request may take to arrive."`
	WriteTimeout      time.Duration  `conf:"HTTP_WRITE_TIMEOUT" is:"limit" own:"true" doc:"The time that the client may take to read its answer."`
	IdleTimeout       time.Duration  `conf:"HTTP_IDLE_TIMEOUT" is:"limit" own:"true" doc:"The time that a connection may wait for its next request."`
	StopTimeout       time.Duration  `conf:"HTTP_STOP_TIMEOUT" is:">0" max:"1h" own:"true" doc:"The time that requests under way have when the server ends."`
	MaxMessage        int            `conf:"MAX_ANSWER_SIZE" is:"limit" unit:"bytes" own:"true" doc:"The size that an answer to carbonapi (carbonapi_v3_pb) may have; a larger one is refused with 400."`
	MaxHeader         int            `conf:"HTTP_MAX_HEADER" is:">0" unit:"bytes" min:"4KiB" max:"64MiB" own:"true" doc:"The size that the request line and the headers of a request may have together. Each connection takes as much memory."`

	// Limits are what a query may cost; the Engine has them.
	render.Limits
	// StoreOptions are about what people save; Saved is opened with them.
	StoreOptions
	// DrawOptions are about pictures.
	DrawOptions

	// Settings are those of the cluster that this server is the front of; the Engine
	// and Cluster are made of them.
	cluster.Settings

	// Credentials returns who may ask; nil, as what it returns: everybody.
	Credentials func() *Credentials
	// Allow says whether an address may connect; nil: every one.
	Allow func(netip.Addr) bool
	// Listener is the port, opened before; nil: it is opened as Addr says.
	Listener net.Listener
	// TLS makes it HTTPS; nil: HTTP.
	TLS *tls.Config

	// Engine evaluates targets. Required.
	Engine *render.Engine
	// Finder is where metric names are found. Required.
	Finder Finder
	// Search returns what has all words of a text somewhere in its name, also series
	// with tags, the best first; an error says what is wrong with the text. Nil finds
	// nothing.
	Search func(text string, limit int) ([]index.Found, error)
	// Tags is the tag index; nil answers as a Graphite without tags.
	Tags Tags
	// Events is where events are kept; nil answers as if there were none.
	Events Events
	// Saved is where dashboards, graphs and links are kept; nil answers that nothing
	// can be saved.
	Saved *store.Store
	// Cluster is asked beside Finder and Tags; nil: they have all there is. The Engine
	// has it as its Remote.
	Cluster *cluster.Cluster
	// Describe tells how a metric is kept, ok false for one that there is not; nil
	// knows none.
	Describe func(metric string) (d Description, ok bool)
	// File tells what the file of a metric takes, ok false when there is none; nil
	// means that /metrics/details is not there.
	File func(metric string) (f File, ok bool)
	// Space returns the bytes of the disk that are free, and all; nil tells none.
	Space func() (free, total uint64)
	// Metadata is what is kept of metrics beside points; nil answers that nothing is.
	Metadata Metadata
	// Ingest takes the points of a body, which is its only until it returns, and
	// tells how many it took. An error wraps ErrBusy where the client is to send
	// them again, else they are wrong. Nil receives nothing.
	Ingest func(ctx context.Context, contentType string, body []byte) (accepted int, err error)
	// Remove removes series, and returns the names of those that it has removed, also
	// beside an error; nil means that nothing can be.
	Remove func(ctx context.Context, names []string) (removed []string, err error)
	// Backup writes a tar of all that is kept to w, and what more adds, given a
	// function that begins a file of so many bytes; nil cannot.
	Backup func(ctx context.Context, w io.Writer, more func(begin func(name string, size int64) (io.Writer, error)) error) error
	// Prometheus appends the metrics of this program in Prometheus' text format; nil
	// means that /prometheus is not there.
	Prometheus func(dst []byte) []byte
	// Starting tells what keeps requests from being answered in full yet, "" once
	// they can. Until then every answer has it in the header X-Replaying, and none
	// may be kept. Nil means that they can.
	Starting func() string
	// Status tells how the parts of the program are: names with values that encoding/json
	// can write. They become members of /status; nil tells nothing beyond Health.
	Status func() map[string]any
	// Explain tells what becomes of a metric, as a value that encoding/json can write; nil
	// means that /metrics/explain is not there.
	Explain func(metric string) any
	// Cardinality tells where the series come from, as a value that encoding/json can
	// write; nil means that /metrics/cardinality is not there.
	Cardinality func(q CardinalityQuery) any
	// Draw appends an image to dst, as (*draw.Drawer).Append; nil is that of a
	// Drawer with DrawOptions.
	Draw func(ctx context.Context, dst []byte, g draw.Graph) ([]byte, error)
	// Version is what /version says; clients choose their features by it.
	Version string
	// Health says how the parts are; nil means well.
	Health func() []Check
	// Log takes the access log (debug) and what went wrong (error).
	Log zerolog.Logger
	// Now is the clock; nil means time.Now.
	Now func() time.Time
}

// DefaultOptions returns what is used where nothing is configured.
func DefaultOptions() Options {
	return Options{
		Addr:              listen.Address{Interface: "0.0.0.0", Port: 8080},
		TimeZone:          "UTC",
		CacheDuration:     time.Minute,
		AutocompleteLimit: 100,
		MaxFound:          1_000_000,
		QueryTimeout:      30 * time.Second,
		MaxQueries:        2 * runtime.GOMAXPROCS(0),
		MaxQueuedQueries:  64,
		MaxAnswer:         5_000_000,
		MaxMessage:        256 << 20,
		MaxParameters:     100_000,
		MaxBody:           4 << 20,
		MaxHeader:         64 << 10,
		MaxConnections:    1024,
		ReadTimeout:       10 * time.Second,
		WriteTimeout:      time.Minute,
		IdleTimeout:       time.Minute,
		StopTimeout:       5 * time.Second,
		Limits:            render.DefaultLimits(),
		StoreOptions:      store.DefaultOptions(),
		DrawOptions:       draw.DefaultOptions(),
		Settings:          cluster.DefaultSettings(),
		Version:           "1.1.10",
		Log:               zerolog.Nop(),
	}
}

// Finder is where metric names are found.
type Finder interface {
	// Find yields the nodes that match pattern, as full path and whether it is a
	// leaf, sorted by path; what is branch and leaf comes twice, branch first.
	Find(ctx context.Context, pattern string) iter.Seq2[string, bool]
	// Names yields every leaf, sorted.
	Names() iter.Seq[string]
	// Interval returns the times between which a leaf can have points.
	Interval(name string) (start, end int64, ok bool)
}

// Tags is the tag index, as *index.Tags. A filter is a regular expression that is
// anchored at its beginning, "" for none; a limit of 0 or less is none. Errors
// say what is wrong with what was asked.
type Tags interface {
	// Add makes a series known by its canonical name, Delete forgets it; both tell
	// whether that changed anything.
	Add(canonical string) bool
	Delete(canonical string) bool
	// Find returns the series that match all expressions of seriesByTag, sorted.
	Find(exprs []string) ([]string, error)
	// Tags returns the names of the tags, sorted.
	Tags(filter string, limit int) ([]string, error)
	// Values returns the values of a tag, sorted; nil for an unknown tag.
	Values(tag, filter string, limit int) ([]index.TagValue, error)
	// CompleteTags returns the tags, sorted, that begin with prefix and that a
	// series matching exprs has, without those in exprs.
	CompleteTags(exprs []string, prefix string, limit int) ([]string, error)
	// CompleteValues returns the values of tag, sorted, that begin with prefix and
	// that a series matching exprs has.
	CompleteValues(exprs []string, tag, prefix string, limit int) ([]string, error)
}

// Events is where events are kept.
type Events interface {
	// Add keeps an event; its ID is ignored.
	Add(ctx context.Context, e Event) error
	// Find returns the events of from to until, both included, oldest first. Of
	// tags they have all, or any when union is set; no tags match every event.
	Find(ctx context.Context, from, until int64, tags []string, union bool) ([]Event, error)
	// Get returns one event; ok is false when there is none.
	Get(ctx context.Context, id int64) (e Event, ok bool, err error)
}

// Event is something that happened.
type Event = store.Event

// Check is how a part of the program is.
type Check struct {
	Name   string
	OK     bool
	Detail string
}
