package api

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/rs/zerolog"

	"graphited/api/admin"
	"graphited/api/cluster"
	"graphited/api/member"
	"graphited/api/names"
	"graphited/api/query"
	"graphited/api/saved"
	"graphited/api/store"
	"graphited/carbon/facts"
	"graphited/render"
	"graphited/render/draw"
	"graphited/whisper"
)

// GraphiteVersion is the version of Graphite that /version tells by default.
const GraphiteVersion = "1.1.10"

// Errors of Deps.Ingest.
var (
	// ErrBusy says that the points may be sent again later.
	ErrBusy = admin.ErrBusy
	// ErrLeftOut says that some points were left out on purpose, and all others taken.
	ErrLeftOut = admin.ErrLeftOut
)

// Deps are the parts of the program that a Server uses. Only Engine and Finder are required. All of
// them must be safe for concurrent use.
type Deps struct {
	// Listener is the open port; nil: New opens that of the options.
	Listener net.Listener
	// TLS turns HTTP into HTTPS; nil: HTTP.
	TLS *tls.Config
	// Allow reports whether an address may connect; nil: every address.
	Allow func(netip.Addr) bool
	// Credentials returns the names and passwords that clients need. If it is nil or returns nil,
	// they need none.
	Credentials func() *Credentials

	// Engine evaluates targets. It uses Cluster as its Remote.
	Engine *render.Engine
	// Finder has the metric names of this server.
	Finder names.Finder
	// Tags is the tag index; nil: there are no tags.
	Tags query.Tags
	// Cluster has the other members of the cluster; nil: there are none.
	Cluster *cluster.Cluster
	// Events keeps events; nil: there are none.
	Events saved.Events
	// Saved keeps dashboards, graphs and links; nil: nothing can be saved.
	Saved *store.Store
	// Templates returns the templates of pictures that are in force. If it is nil or returns nil,
	// those are the built-in ones.
	Templates func() *Templates
	// Draw appends a picture to dst; nil: that of a draw.Drawer with the options.
	Draw func(ctx context.Context, dst []byte, g draw.Graph) ([]byte, error)

	// State describes the condition of the program; nil: all is well.
	State admin.State
	// Series changes series as a whole; nil: nobody can.
	Series admin.Series
	// Files knows the files of metrics; nil: nothing is known.
	Files member.Files
	// Spec returns how a metric is kept, ok false if it does not exist; nil: no metric does.
	Spec func(metric string) (spec whisper.Spec, ok bool)
	// Ingest takes the points of a body, see admin.Views; nil: none are received.
	Ingest func(ctx context.Context, contentType string, body []byte) (accepted int, err error)
	// Backup writes a tar of everything that is stored, see admin.Views; nil: nobody can.
	Backup func(ctx context.Context, w io.Writer, more func(begin func(name string, size int64) (io.Writer, error)) error) error
	// Status returns the status of each part of the program, for encoding/json; nil: there are
	// none.
	Status func() map[string]any
	// Explain says what becomes of a metric, for encoding/json; nil: nobody knows.
	Explain func(metric string) any
	// Cardinality says where series come from, for encoding/json; nil: nobody knows.
	Cardinality func(q facts.CardinalityQuery) any

	// Version is the version of Graphite that /version tells, by which clients choose their
	// features; "": GraphiteVersion.
	Version string
	// Log takes the access log (level debug) and what went wrong (level error).
	Log zerolog.Logger
	// Now is the clock; nil: time.Now.
	Now func() time.Time
}
