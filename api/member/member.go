// Package member answers what a server of a cluster answers to others: to graphite-web names as
// pickles and MessagePack, to carbonapi what go-carbon answers, names, points and descriptions of
// metrics in protobuf. Nothing in it asks other members.
package member

import (
	"graphited/api/call"
	"graphited/api/names"
	"graphited/carbon/facts"
	"graphited/render"
	"graphited/whisper"
)

// Files knows the files of the metrics of this server. It must be safe for concurrent use.
type Files interface {
	// File returns the size of a metric's file, ok false if there is none.
	File(metric string) (f facts.File, ok bool)
	// Space returns the number of bytes of the disk that are free, and of all.
	Space() (free, total uint64)
}

// Member answers to other members. Nothing of it changes after the first request.
type Member struct {
	Engine *render.Engine
	Names  *names.Names
	// Spec returns how a metric is kept, ok false if it does not exist. Nil knows no metric.
	Spec  func(metric string) (spec whisper.Spec, ok bool)
	Files Files // nil: sizes are not known

	Renders      *call.Gate // limits how many requests to /render are computed at the same time
	XFilesFactor float64
	MaxMessage   int // bytes of an answer of Render; 0: no limit
}
