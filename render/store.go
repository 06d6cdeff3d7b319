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

// Remote is where further series come from beside the Store: the other members of
// a cluster. All methods are called concurrently.
type Remote interface {
	// Fetch reads the series of several patterns at once. An error ends the query;
	// what is merely missing is a warning.
	Fetch(ctx context.Context, patterns []Pattern, from, until, now int64) (RemoteResult, error)
	// Merge makes one series of two of the same name, of which known was found
	// first. It may change known's values.
	Merge(known, more whisper.Series) whisper.Series
}

// Pattern is what series are looked up by.
type Pattern struct {
	// Text is a pattern of names, or the source text of a call of seriesByTag.
	Text string
	// Tagged tells that it is such a call, and Names are the series that the Store
	// finds for it.
	Tagged bool
	Names  []string
}

// RemoteSeries is a series of another member.
type RemoteSeries struct {
	Pattern int // of the list that was asked for
	Name    string
	whisper.Series
}

// RemoteResult is what the others have.
type RemoteResult struct {
	Series   []RemoteSeries // in the order in which they are to be merged
	Warnings []string       // of members that did not answer
	None     bool           // none of them did
}
