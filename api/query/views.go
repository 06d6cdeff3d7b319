// Package query answers requests that read: /render, the paths below /metrics that find names, /tags
// and /functions. What a member of a cluster answers to others is in api/member.
//
// Equal requests to /render are computed one at a time and share their answer, which may be kept.
package query

import (
	"context"
	"time"

	"graphited/api/call"
	"graphited/api/names"
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
