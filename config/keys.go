package config

import (
	"strings"

	"graphited/config/parse"
	"graphited/config/problem"
)

// foreignKey is an option of carbon's that this program has no use for.
type foreignKey struct {
	name  string // a * at its end stands for any rest
	why   string
	quiet string // the value at which ignoring it changes nothing; "": any. Another value deserves a warning
}

// foreignKeys lists carbon's options, section [cache] or any other program's, that no Options
// struct declares, and why. An option that a struct declares is never looked up here.
var foreignKeys = [...]foreignKey{
	{"DATABASE", "only whisper files are written", "whisper"},
	{"CERES_*", "there is no ceres database", ""},
	{"ENABLE_LOGROTATION", "whoever keeps the log rotates it", "false"},
	{"LOG_CACHE_HITS", "single hits of the cache are not logged", "false"},
	{"LOG_CACHE_QUEUE_SORTS", "the cache is not sorted as a whole", "false"},
	{"LOG_LISTENER_*", "single connections are not logged", ""},
	{"LOG_AGGREGATOR_MISSES", "there is no aggregator", ""},
	{"USE_INSECURE_UNPICKLER", "pickles are read as data, never run", "false"},
	{"ENABLE_AMQP", "there is no AMQP receiver", "false"},
	{"AMQP_*", "there is no AMQP receiver", ""},
	{"BIND_PATTERNS", "there is no AMQP receiver", ""},
	{"ENABLE_MANHOLE", "there is no Python to log in to", "false"},
	{"MANHOLE_*", "there is no Python to log in to", ""},
	{"ENABLE_TAGS", "tagged series are always indexed, within this process", "true"},
	{"SKIP_TAGS_FOR_NONTAGGED", "only tagged series are indexed by tags", "true"},
	{"GRAPHITE_URL", "tags are indexed within this process", ""},
	{"TAG_UPDATE_INTERVAL", "tags are indexed within this process", ""},
	{"TAG_BATCH_SIZE", "tags are indexed within this process", ""},
	{"TAG_QUEUE_SIZE", "tags are indexed within this process", ""},
	{"RAVEN_DSN", "errors go to the log, not to Sentry", ""},
	{"CACHE_SIZE_LOW_WATERMARK", "it follows from MAX_CACHE_SIZE", ""},
	{"CACHE_SIZE_HARD_MAX", "it follows from MAX_CACHE_SIZE", ""},
	{"RELAY_CACHE_METRICS", "there is no relay", "false"},
	{"RELAY_*", "there is no relay", ""},
	{"ROUTER_HASH_TYPE", "there is no relay", ""},
	{"REPLICATION_FACTOR", "there is no relay", ""},
	{"DIVERSE_REPLICAS", "there is no relay", ""},
	{"DESTINATION*", "there is no relay", ""},
	{"DYNAMIC_ROUTER*", "there is no relay", ""},
	{"TAG_RELAY_NORMALIZED", "there is no relay", ""},
	{"MAX_QUEUE_SIZE*", "there is no relay", ""},
	{"QUEUE_LOW_WATERMARK_PCT", "there is no relay", ""},
	{"MAX_DATAPOINTS_PER_MESSAGE", "there is no relay", ""},
	{"TIME_TO_DEFER_SENDING", "there is no relay", ""},
	{"USE_RATIO_RESET", "there is no relay", ""},
	{"MIN_RESET_*", "there is no relay", ""},
	{"FORWARD_ALL", "there is no aggregator", ""},
	{"AGGREGATION_RULES", "there is no aggregator", ""},
	{"MAX_AGGREGATION_INTERVALS", "there is no aggregator", ""},
	{"WRITE_BACK_FREQUENCY", "there is no aggregator", ""},
	{"CACHE_METRIC_NAMES_*", "there is no aggregator", ""},
}

// lookupForeign finds an upper-case key among foreignKeys.
func lookupForeign(key string) (foreignKey, bool) {
	for _, k := range foreignKeys {
		prefix, open := strings.CutSuffix(k.name, "*")
		if key == k.name || open && strings.HasPrefix(key, prefix) {
			return k, true
		}
	}
	return foreignKey{}, false
}

// severity says how bad it is that a value is not used.
func (k foreignKey) severity(value string) problem.Severity {
	want, isBool := parse.Bool(k.quiet)
	got, ok := parse.Bool(value)
	switch {
	case isBool && ok && got == want, k.quiet != "" && strings.EqualFold(value, k.quiet):
		return problem.Debug
	case k.quiet == "" || strings.Contains(k.name, "LOG"):
		return problem.Info
	}
	return problem.Warning
}
