package render

import (
	"context"
	"iter"

	"graphited/whisper"
)

// Store is where series come from. All methods are called concurrently.
type Store interface {
	// Find lists the paths that match a pattern and whether each is a leaf.
	Find(ctx context.Context, pattern string) iter.Seq2[string, bool]
	// FindTagged lists the series that fulfil all tag expressions.
	FindTagged(ctx context.Context, exprs []string) (iter.Seq[string], error)
	// Fetch reads one series; now decides which archive is old enough. The
	// values belong to the caller from then on. An error that wraps
	// whisper.ErrNoData means that there is nothing to read; the series is left
	// out of the result.
	Fetch(ctx context.Context, name string, from, until, now int64) (whisper.Series, error)
}

// EventSource is what the function events reads.
type EventSource interface {
	// EventTimes lists the Unix times in [from, until] of the events that carry
	// all the tags, oldest first. Nil tags mean every event.
	EventTimes(ctx context.Context, tags []string, from, until int64) ([]int64, error)
}
