// Package query answers requests that read: /render, the paths below /metrics that find names,
// /tags and /functions. What a member of a cluster answers to others is in api/member.
//
// Equal requests to /render are computed one at a time and share their answer, which may be kept.
package query

import (
	"context"
	"time"

	"graphited/api/call"
	"graphited/api/names"
	"graphited/carbon/index"
	"graphited/render"
	"graphited/render/draw"
)

// Views answers requests that read. Nothing of it changes after the first request.
type Views struct {
	Engine *render.Engine
	Names  *names.Names
	Tags   Tags // nil: there are no tags
	// Draw appends an image to dst, like (*draw.Drawer).Append.
	Draw func(ctx context.Context, dst []byte, g draw.Graph) ([]byte, error)
	// Renders limits how many requests to /render are computed at the same time.
	Renders *call.Gate
	Shared  *Shared

	XFilesFactor      float64       // of a request that has none
	CacheDuration     time.Duration // for which an answer may be kept
	MaxAnswer         int           // points of an answer; 0: no limit
	AutocompleteLimit int           // tags or values of a request that has no limit
}

// Tags is the tag index, such as *index.Tags. A filter is a regular expression that is anchored at
// its beginning, or "" for none. A limit of 0 or less means none. Errors say what is wrong with the
// arguments. It must be safe for concurrent use.
type Tags interface {
	// Add makes a series known by its canonical name, Delete forgets it. Both report whether that
	// changed anything.
	Add(canonical string) bool
	Delete(canonical string) bool
	// Find returns the series that match all expressions of seriesByTag, sorted.
	Find(exprs []string) ([]string, error)
	// Tags returns the names of the tags, sorted.
	Tags(filter string, limit int) ([]string, error)
	// Values returns the values of a tag, sorted; nil for an unknown tag.
	Values(tag, filter string, limit int) ([]index.TagValue, error)
	// CompleteTags returns the tags, sorted, that begin with prefix and that a series matching
	// exprs has, without those in exprs.
	CompleteTags(exprs []string, prefix string, limit int) ([]string, error)
	// CompleteValues returns the values of tag, sorted, that begin with prefix and that a series
	// matching exprs has.
	CompleteValues(exprs []string, tag, prefix string, limit int) ([]string, error)
}
