package carbon

import (
	"math"
	"runtime"
	"time"
)

// Options are the settings of section [cache] of carbon.conf that have a meaning here, under carbon's names.
// A conf tag is the key in the file. Start from DefaultOptions, which has carbon's own defaults.
type Options struct {
	LineInterface   string `conf:"LINE_RECEIVER_INTERFACE"`
	LinePort        int    `conf:"LINE_RECEIVER_PORT"` // 0 turns the line receiver off
	UDP             bool   `conf:"ENABLE_UDP_LISTENER"`
	UDPInterface    string `conf:"UDP_RECEIVER_INTERFACE"`
	UDPPort         int    `conf:"UDP_RECEIVER_PORT"`
	PickleInterface string `conf:"PICKLE_RECEIVER_INTERFACE"`
	PicklePort      int    `conf:"PICKLE_RECEIVER_PORT"` // 0 turns the pickle receiver off
	PickleMaxLength int    `conf:"PICKLE_RECEIVER_MAX_LENGTH"`
	// Lines on a Unix socket at this path, and lines in a stream that the sender packs: gzip, snappy or zstd, for LINE_RECEIVER_PORT as a whole. Both are not carbon's; empty: off.
	LineSocket      string `conf:"LINE_RECEIVER_SOCKET"`
	LineCompression string `conf:"LINE_RECEIVER_COMPRESSION"`

	ProtobufInterface string `conf:"PROTOBUF_RECEIVER_INTERFACE"`
	ProtobufPort      int    `conf:"PROTOBUF_RECEIVER_PORT"` // 0 turns the protobuf receiver off

	QueryInterface string `conf:"CACHE_QUERY_INTERFACE"`
	QueryPort      int    `conf:"CACHE_QUERY_PORT"` // 0 turns the cache query port off

	MaxConnections int           `conf:"MAX_RECEIVER_CONNECTIONS"`   // over all TCP receivers; further ones are closed at once and counted
	IdleTimeout    time.Duration `conf:"METRIC_CLIENT_IDLE_TIMEOUT"` // 0: a silent connection may stay
	KeepAlive      bool          `conf:"TCP_KEEPALIVE"`
	KeepIdle       time.Duration `conf:"TCP_KEEPIDLE"`
	KeepInterval   time.Duration `conf:"TCP_KEEPINTVL"`
	KeepCount      int           `conf:"TCP_KEEPCNT"`

	MaxCacheSize     float64       `conf:"MAX_CACHE_SIZE"`                     // points; inf: no limit
	FlowControl      bool          `conf:"USE_FLOW_CONTROL"`                   // at MAX_CACHE_SIZE stop reading from TCP, drop only over 105 % of it
	MaxSeries        float64       `conf:"MAX_SERIES"`                         // not carbon's: new names beyond so many series are refused and counted, known ones are not; inf: no limit
	MaxUpdates       float64       `conf:"MAX_UPDATES_PER_SECOND"`             // updates of a file; inf: no limit
	MaxUpdatesAtStop float64       `conf:"MAX_UPDATES_PER_SECOND_ON_SHUTDOWN"` // 0: no limit while stopping
	DrainOnStop      bool          `conf:"DRAIN_ON_STOP"`                      // not carbon's: write all points to their files before the end, however long it takes; else what a few seconds are too short for stays in the log
	MaxCreates       float64       `conf:"MAX_CREATES_PER_MINUTE"`             // a create over the limit waits in the cache, no point is dropped; inf: no limit
	WriteDelay       time.Duration `conf:"WRITE_DELAY"`                        // not carbon's: so long a series' first point waits for more, so that a burst is one update
	WriteStrategy    string        `conf:"CACHE_WRITE_STRATEGY"`               // sorted, max, bucketmax: most points first; timesorted: oldest point first; naive, random
	TimeResolution   int64         `conf:"MIN_TIMESTAMP_RESOLUTION"`           // timestamps are rounded down to a multiple of it, in seconds; 0 and 1: as they are
	TimeLag          int64         `conf:"MIN_TIMESTAMP_LAG"`                  // timesorted only: a series waits until its oldest point is so many seconds old

	FutureLimit  time.Duration `conf:"FUTURE_LIMIT"`  // not carbon's: points further ahead are refused, since they take the place of old ones; 0: all are taken, as carbon does
	UseWhitelist bool          `conf:"USE_WHITELIST"` // heed whitelist.conf and blacklist.conf of the configuration folder
	RewriteRules string        `conf:"REWRITE_RULES"` // the file of rules for names, in the configuration folder; it need not exist

	LocalDataDir  string `conf:"LOCAL_DATA_DIR"` // where the whisper files are
	MinFreeSpace  int64  `conf:"MIN_FREE_SPACE"` // not carbon's: bytes, at most a twentieth of the disk, below which no file is created, so that the updates of others go on; 0: no limit
	MigrateFiles  bool   `conf:"MIGRATE_FILES"`  // not carbon's: a file that is not as schemas and aggregation rules want it now is changed at its next update, a few hundred a second at most
	Autoflush     bool   `conf:"WHISPER_AUTOFLUSH"`
	Sparse        bool   `conf:"WHISPER_SPARSE_CREATE"`
	Fallocate     bool   `conf:"WHISPER_FALLOCATE_CREATE"`
	LockWrites    bool   `conf:"WHISPER_LOCK_WRITES"`
	FadviseRandom bool   `conf:"WHISPER_FADVISE_RANDOM"`
	HashTagged    bool   `conf:"TAG_HASH_FILENAMES"`

	WAL             bool          `conf:"WAL"`      // the write-ahead log: without it the end of the process by force loses what is in the cache
	WALDir          string        `conf:"WAL_DIR"`  // where the log is; empty: below LOCAL_DATA_DIR
	WALSync         string        `conf:"WAL_SYNC"` // what survives a power cut: never (what the system has written by then), interval, always (all that was received)
	WALSyncInterval time.Duration `conf:"WAL_SYNC_INTERVAL"`
	WALMaxSize      int64         `conf:"WAL_MAX_SIZE"` // bytes of log over which the series that hold its oldest part are written first
	WALStrict       bool          `conf:"WAL_STRICT"`   // do not start with a damaged log

	StaleAfter time.Duration `conf:"DELETE_STALE_AFTER"` // series whose file has not changed for so long go to the trash; 0: none
	TrashKeep  time.Duration `conf:"TRASH_KEEP"`         // how long what was removed stays in .trash below LOCAL_DATA_DIR; 0: for ever

	LogUpdates bool `conf:"LOG_UPDATES"`
	LogCreates bool `conf:"LOG_CREATES"`
	LogConnect bool `conf:"LOG_LISTENER_CONN_SUCCESS"`
	LogLost    bool `conf:"LOG_LISTENER_CONN_LOST"`

	MetricPrefix   string        `conf:"CARBON_METRIC_PREFIX"`
	MetricInterval time.Duration `conf:"CARBON_METRIC_INTERVAL"` // 0: no metrics of our own

	// Addresses in one piece, "host:port", win over interface and port; with them port 0 picks a free one. Empty: interface and port count.
	LineAddr, PickleAddr, ProtobufAddr, UDPAddr, QueryAddr string
	// Instance names this daemon in its own metrics, as carbon's --instance.
	Instance string
	// Workers write files at the same time. 0: as many as there are CPUs.
	Workers int
}

// DefaultOptions returns the defaults of carbon's code.
func DefaultOptions() Options {
	inf := math.Inf(1)
	return Options{
		LineInterface: "0.0.0.0", LinePort: 2003,
		UDPInterface: "0.0.0.0", UDPPort: 2003,
		PickleInterface: "0.0.0.0", PicklePort: 2004, PickleMaxLength: 1 << 20,
		ProtobufInterface: "0.0.0.0",
		QueryInterface:    "0.0.0.0", QueryPort: 7002,
		MaxConnections: 10000,
		KeepAlive:      true, KeepIdle: 10 * time.Second, KeepInterval: 30 * time.Second, KeepCount: 2,
		MaxCacheSize: inf, MaxSeries: inf, FlowControl: true, MaxUpdates: 500, MaxCreates: inf, WriteDelay: 3 * time.Second, WriteStrategy: "sorted",
		RewriteRules: "rewrite-rules.conf",
		HashTagged:   true, MinFreeSpace: 100_000_000,
		WAL: true, WALSync: "interval", WALSyncInterval: time.Second, WALMaxSize: 2 << 30,
		TrashKeep:  7 * day * time.Second,
		LogUpdates: true, LogCreates: true, LogConnect: true,
		MetricPrefix: "carbon", MetricInterval: time.Minute,
		Instance: "a",
	}
}

func (o Options) workers() int {
	if o.Workers > 0 {
		return o.Workers
	}
	return runtime.GOMAXPROCS(0)
}
