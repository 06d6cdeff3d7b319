package conf

import (
	"math"
	"time"

	"graphited/carbon/listen"
)

// Options are the settings of section [cache] of carbon.conf that have a meaning here, under
// carbon's names. Start from DefaultOptions, which has carbon's own defaults.
//
// The tags say all that is to be known of an option; package config reads it by them, and
// docs/options.md is made of them. conf is the key in the file, doc what it means, unit what a
// number counts (a time.Duration needs none), oneof the words that it may be, min and max the
// bounds besides 0, own that carbon does not know it. is says what kind of value it is:
//
//	limit      0 and inf are no limit; the field then has +Inf, or 0 where it cannot have that
//	limit>0    inf is no limit; 0, which would refuse or stop everything in carbon, is refused
//	off        0 turns it off; inf is refused
//	>0         0 and inf are refused
//	port       0 turns it off
//	share      a number from 0 to 1
//	path       a file or folder, relative to the folder of carbon.conf
//	interface  an address of this machine
//
// An address has one field and two keys: conf:"HTTP" stands for HTTP_INTERFACE and HTTP_PORT, and
// doc goes on behind "The address on which" and "The port on which".
type Options struct {
	LineAddr        listen.Address `conf:"LINE_RECEIVER" doc:"lines are received over TCP."`
	UDP             bool           `conf:"ENABLE_UDP_LISTENER" doc:"Receive lines over UDP as well."`
	UDPAddr         listen.Address `conf:"UDP_RECEIVER" doc:"lines are received over UDP, when ENABLE_UDP_LISTENER is True."`
	PickleAddr      listen.Address `conf:"PICKLE_RECEIVER" doc:"pickles are received."`
	PickleMaxLength int            `conf:"PICKLE_RECEIVER_MAX_LENGTH" is:">0" unit:"bytes" max:"1 GiB" doc:"A longer pickle is refused and its connection is closed."`
	LineSocket      string         `conf:"LINE_RECEIVER_SOCKET" is:"path" own:"true" doc:"The path of a Unix socket on which lines are received; empty: there is none."`
	LineCompression string         `conf:"LINE_RECEIVER_COMPRESSION" own:"true" oneof:",none,gzip,snappy,zstd" doc:"How the lines that come to LINE_RECEIVER_PORT are compressed; empty: they are not."`

	ProtobufAddr listen.Address `conf:"PROTOBUF_RECEIVER" doc:"protobuf messages are received."`
	QueryAddr    listen.Address `conf:"CACHE_QUERY" doc:"graphite-web's cache queries are answered."`

	MaxConnections int           `conf:"MAX_RECEIVER_CONNECTIONS" is:"limit>0" unit:"connections" doc:"The connections that all TCP receivers together may have; further ones are closed at once and counted."`
	IdleTimeout    time.Duration `conf:"METRIC_CLIENT_IDLE_TIMEOUT" is:"off" doc:"A connection that has been silent for this time is closed."`
	KeepAlive      bool          `conf:"TCP_KEEPALIVE" doc:"Send TCP's keep-alive probes to senders."`
	KeepIdle       time.Duration `conf:"TCP_KEEPIDLE" is:">0" min:"1s" max:"9h" doc:"The time without data after which the first keep-alive probe is sent."`
	KeepInterval   time.Duration `conf:"TCP_KEEPINTVL" is:">0" min:"1s" max:"9h" doc:"The time between two keep-alive probes."`
	KeepCount      int           `conf:"TCP_KEEPCNT" is:">0" max:"127" doc:"The probes without an answer after which a connection is closed."`

	MaxCacheSize     float64       `conf:"MAX_CACHE_SIZE" is:"limit>0" unit:"points" doc:"The points that may wait in memory for their files."`
	FlowControl      bool          `conf:"USE_FLOW_CONTROL" doc:"At MAX_CACHE_SIZE stop reading from TCP and drop points only over 105 % of it; else points are dropped at MAX_CACHE_SIZE."`
	MaxSeries        float64       `conf:"MAX_SERIES" is:"limit" unit:"series" own:"true" doc:"New names beyond this number of series are refused and counted; known ones never are."`
	MaxUpdates       float64       `conf:"MAX_UPDATES_PER_SECOND" is:"limit>0" unit:"updates" doc:"The updates of files per second. Without storage-schemas.conf, or without a carbon.conf, the default is no limit."`
	MaxUpdatesAtStop float64       `conf:"MAX_UPDATES_PER_SECOND_ON_SHUTDOWN" is:"limit" unit:"updates" doc:"The updates of files per second while the server stops."`
	DrainOnStop      bool          `conf:"DRAIN_ON_STOP" own:"true" doc:"At the end write all points to their files, however long that takes; else what is left after a few seconds stays in the log."`
	MaxCreates       float64       `conf:"MAX_CREATES_PER_MINUTE" is:"limit>0" unit:"files" doc:"The files created per minute. The points of a series that has to wait for its file stay in memory; none is dropped."`
	WriteDelay       time.Duration `conf:"WRITE_DELAY" is:"off" max:"1d" own:"true" doc:"The first point of a series waits this time for more, so that a burst is one update of its file. Nothing waits when the cache is half full, has eight million points, or the log is too long."`
	WriteStrategy    string        `conf:"CACHE_WRITE_STRATEGY" doc:"The order in which series are written: sorted, max and bucketmax begin with those that have most points, timesorted with the oldest point; naive and random have no order."`
	TimeResolution   int64         `conf:"MIN_TIMESTAMP_RESOLUTION" is:"off" unit:"s" max:"1d" doc:"Timestamps are rounded down to a multiple of it."`
	TimeLag          int64         `conf:"MIN_TIMESTAMP_LAG" is:"off" unit:"s" max:"1d" doc:"With CACHE_WRITE_STRATEGY = timesorted a series waits until its oldest point has this age."`

	FutureLimit  time.Duration `conf:"FUTURE_LIMIT" is:"limit" own:"true" doc:"Points that are further ahead are refused, since a whisper file would take them in the place of old ones."`
	UseWhitelist bool          `conf:"USE_WHITELIST" doc:"Heed whitelist.conf and blacklist.conf in CONF_DIR."`
	RewriteRules string        `conf:"REWRITE_RULES" doc:"The file of rewrite rules, relative to CONF_DIR; its sections [pre] and [post] are applied to received names. Empty: there are none."`

	LocalDataDir  string `conf:"LOCAL_DATA_DIR" is:"path" doc:"The folder of the whisper files. The flag --storage-dir wins; then they are in whisper there."`
	MinFreeSpace  int64  `conf:"MIN_FREE_SPACE" is:"off" unit:"bytes" own:"true" doc:"With less free space on the disk, or a twentieth of it if that is less, no file is created, so that updates of others go on."`
	MigrateFiles  bool   `conf:"MIGRATE_FILES" own:"true" doc:"A file that is not as the schemas and aggregation rules want it now is changed at its next update, a few hundred a second at most."`
	Autoflush     bool   `conf:"WHISPER_AUTOFLUSH" doc:"Sync each file after each update. The log makes this unnecessary."`
	Sparse        bool   `conf:"WHISPER_SPARSE_CREATE" doc:"Create files sparsely: their space is taken as it is needed."`
	Fallocate     bool   `conf:"WHISPER_FALLOCATE_CREATE" doc:"Let the file system reserve the space of a new file. This wins over WHISPER_SPARSE_CREATE."`
	LockWrites    bool   `conf:"WHISPER_LOCK_WRITES" doc:"Lock each file while it is written."`
	FadviseRandom bool   `conf:"WHISPER_FADVISE_RANDOM" doc:"Tell the system that files are read at random."`
	HashTagged    bool   `conf:"TAG_HASH_FILENAMES" doc:"The files of tagged series are named by a hash of the series' name."`

	WAL             bool          `conf:"WAL" own:"true" doc:"Keep a write-ahead log. Without it the end of the process by force loses what is in memory."`
	WALDir          string        `conf:"WAL_DIR" is:"path" own:"true" doc:"The folder of the log; empty: .graphited.wal in LOCAL_DATA_DIR."`
	WALSync         string        `conf:"WAL_SYNC" own:"true" oneof:"never,interval,always" doc:"What a power cut loses: never: what the system had not written; interval: at most WAL_SYNC_INTERVAL; always: nothing that was received."`
	WALSyncInterval time.Duration `conf:"WAL_SYNC_INTERVAL" is:">0" max:"1h" own:"true" doc:"The time between two syncs of the log with WAL_SYNC = interval."`
	WALMaxSize      int64         `conf:"WAL_MAX_SIZE" is:"limit" unit:"bytes" min:"1 MiB" own:"true" doc:"With a longer log the series that hold its oldest part are written first."`
	WALStrict       bool          `conf:"WAL_STRICT" own:"true" doc:"Do not start with a damaged log; else its damaged part is kept aside."`

	StaleAfter time.Duration `conf:"DELETE_STALE_AFTER" is:"off" min:"1h" own:"true" doc:"Series whose files have not changed for this time are moved to the trash, once an hour."`
	TrashKeep  time.Duration `conf:"TRASH_KEEP" is:"limit" own:"true" doc:"What was removed stays in .trash below LOCAL_DATA_DIR for this time; without a limit for ever."`

	LogUpdates bool `conf:"LOG_UPDATES" doc:"Log each update of a file, at level trace."`
	LogCreates bool `conf:"LOG_CREATES" doc:"Log each file that is created, at level debug."`
	LogConnect bool `conf:"LOG_LISTENER_CONN_SUCCESS" doc:"Log each connection of a sender, at level debug."`
	LogLost    bool `conf:"LOG_LISTENER_CONN_LOST" doc:"Log the end of each connection of a sender, at level debug."`

	MetricPrefix   string        `conf:"CARBON_METRIC_PREFIX" doc:"What the names of the server's own metrics begin with."`
	MetricInterval time.Duration `conf:"CARBON_METRIC_INTERVAL" is:"off" min:"1s" max:"1d" doc:"The time between two values of the server's own metrics."`

	// Instance names this daemon in its own metrics, as carbon's --instance.
	Instance string
	// Workers write files at the same time. 0: as many as there are CPUs.
	Workers int
}

// DefaultOptions returns the defaults of carbon's code.
func DefaultOptions() Options {
	inf := math.Inf(1)
	return Options{
		LineAddr:        listen.Address{Interface: "0.0.0.0", Port: 2003},
		UDPAddr:         listen.Address{Interface: "0.0.0.0", Port: 2003},
		PickleAddr:      listen.Address{Interface: "0.0.0.0", Port: 2004},
		PickleMaxLength: 1 << 20,
		ProtobufAddr:    listen.Address{Interface: "0.0.0.0"},
		QueryAddr:       listen.Address{Interface: "0.0.0.0", Port: 7002},
		MaxConnections:  10000,
		KeepAlive:       true, KeepIdle: 10 * time.Second, KeepInterval: 30 * time.Second, KeepCount: 2,
		MaxCacheSize: inf, MaxSeries: inf, FlowControl: true, MaxUpdates: 500, MaxUpdatesAtStop: inf, MaxCreates: inf, WriteDelay: 3 * time.Second, WriteStrategy: "sorted",
		RewriteRules: "rewrite-rules.conf",
		HashTagged:   true, MinFreeSpace: 100_000_000,
		WAL: true, WALSync: "interval", WALSyncInterval: time.Second, WALMaxSize: 2 << 30,
		TrashKeep:  7 * 24 * time.Hour,
		LogUpdates: true, LogCreates: true, LogConnect: true,
		MetricPrefix: "carbon", MetricInterval: time.Minute,
		Instance: "a",
	}
}
