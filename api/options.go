package api

import (
	"runtime"
	"time"

	"graphited/api/cluster"
	"graphited/api/store"
	"graphited/carbon/listen"
	"graphited/render"
	"graphited/render/draw"
)

// StoreOptions are the options of events, dashboards, graphs and links.
type StoreOptions = store.Options

// DrawOptions are the options of the pictures of /render.
type DrawOptions = draw.Options

// Options are the configuration of a Server: the options of the section [web] of carbon.conf. See
// carbon.Options for the tags. Zero values are not the defaults, see DefaultOptions.
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

	// Limits are the limits of a query, which the Engine enforces.
	render.Limits
	// StoreOptions are those of the store that is Deps.Saved.
	StoreOptions
	// DrawOptions are those of pictures.
	DrawOptions

	// Settings are those of the cluster that this server asks, Deps.Cluster.
	cluster.Settings
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
	}
}
