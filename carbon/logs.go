package carbon

import (
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/wire"
)

// logs gives each reason a logger of its own that writes at most ten lines a second, so that a
// flood of bad input is no flood of log lines.
type logs struct {
	all    zerolog.Logger
	reason [wire.NumReasons]zerolog.Logger
	write  zerolog.Logger // failed updates: ten lines in ten seconds
	log    zerolog.Logger // the write-ahead log: as many
}

func newLogs(l zerolog.Logger) *logs {
	limited := func(period time.Duration) zerolog.Logger {
		return l.Sample(&zerolog.BurstSampler{Burst: 10, Period: period})
	}
	ls := &logs{all: l, write: limited(10 * time.Second), log: limited(10 * time.Second)}
	for r := range ls.reason {
		ls.reason[r] = limited(time.Second)
	}
	return ls
}
