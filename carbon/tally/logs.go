package tally

import (
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/wire"
)

// Logs gives each reason a logger of its own that writes at most ten lines a second, so that a
// flood of bad input is no flood of log lines.
type Logs struct {
	All    zerolog.Logger                  // without a limit
	Reason [wire.NumReasons]zerolog.Logger // of what is refused or lost for a reason
	Write  zerolog.Logger                  // failed updates: ten lines in ten seconds
	Log    zerolog.Logger                  // the write-ahead log: as many
}

// NewLogs returns loggers that write to l.
func NewLogs(l zerolog.Logger) *Logs {
	limited := func(period time.Duration) zerolog.Logger {
		return l.Sample(&zerolog.BurstSampler{Burst: 10, Period: period})
	}
	ls := &Logs{All: l, Write: limited(10 * time.Second), Log: limited(10 * time.Second)}
	for r := range ls.Reason {
		ls.Reason[r] = limited(time.Second)
	}
	return ls
}
