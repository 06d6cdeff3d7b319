package carbon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"mime"

	"graphited/carbon/cache"
	"graphited/carbon/pickle"
	"graphited/carbon/wire"
	"graphited/whisper"
)

// ErrContentType tells that a body is of a type that Ingest does not read.
var ErrContentType = errors.New("expected text/plain, application/python-pickle or application/protobuf")

// ErrNotSafe tells that points have been taken in but are not in the log as WAL_SYNC asks for: the
// end of the process, or a power cut, would lose them. They may be sent again.
var ErrNotSafe = errors.New("taken in but not safe yet")

// ErrLeftOut tells that points were left out as somebody has asked for, by NaN, blacklist or
// whitelist. All others have been taken in, and sending the points again changes nothing.
var ErrLeftOut = errors.New("left out as asked for")

// IngestError tells which part of a body was refused first. All the others that are sound have been
// taken in.
type IngestError struct {
	Item    int         // its number, from 1: of the line, or of the point in a pickle or protobuf message; 0: the body as a whole
	Line    bool        // the body consists of lines
	Reason  wire.Reason // why
	Text    string      // its beginning, or its name
	Refused int         // how many were refused in all
}

// Error gives a sentence such as: line 3: bad_value: "a.b x 1700000000"; 2 refused in all.
func (e *IngestError) Error() string {
	what := "item"
	if e.Line {
		what = "line"
	}
	if e.Item == 0 {
		return fmt.Sprintf("body: %s", e.Reason)
	}
	text := fmt.Sprintf("%s %d: %s: %q; %d refused in all", what, e.Item, e.Reason, e.Text, e.Refused)
	if cure := e.Reason.Cure(e.Text); cure != "" {
		text += "; " + cure
	}
	return text
}

// Ingester takes in points that come another way than over carbon's ports.
type Ingester struct {
	intake   func(done <-chan struct{}) *intake
	begin    func(context.Context) (_ context.Context, done func(), err error) // as running.begin
	look     func() error                                                      // why the folders are not where they were; nil: they are
	spec     func(metric string) (spec whisper.Spec, ok bool)                  // how the file of a metric is laid out, or is going to be
	pausable bool                                                              // USE_FLOW_CONTROL
}

// newIngester returns one. intake makes what takes batches in, until done is closed; begin begins a
// request that the end of the daemon waits for; look says why the folders are not where they were;
// spec is how the file of a metric is laid out, or is going to be; pausable is USE_FLOW_CONTROL.
func newIngester(intake func(done <-chan struct{}) *intake, begin func(context.Context) (context.Context, func(), error), look func() error, spec func(metric string) (whisper.Spec, bool), pausable bool) *Ingester {
	return &Ingester{intake: intake, begin: begin, look: look, spec: spec, pausable: pausable}
}

// Ingest takes in the points of a body that came another way than over carbon's ports, as HTTP.
// contentType says what it is: lines (text/plain, nothing at all, and what curl sends unless told
// otherwise), a pickle, or a protobuf Payload; the latter two without a length before them.
//
// When it returns, the points are in the cache, and in the log where there is one. accepted counts
// them. Without an error all of the points have been taken in, and none is older than what its file
// keeps. The error is an *IngestError when points were refused that were not meant to be; it wraps
// ErrLeftOut when all that were refused were meant to be, else ErrContentType, ErrNotRunning,
// ErrAway, ErrNotSafe, or the context's error. With flow control Ingest waits while the cache is
// full. The body must not change before it returns. It is safe for concurrent use.
func (x *Ingester) Ingest(ctx context.Context, contentType string, body []byte) (accepted int, err error) {
	g := ingest{}
	var decode func(body []byte) error
	switch kind, _, _ := mime.ParseMediaType(contentType); kind {
	case "", "text/plain", "application/x-www-form-urlencoded":
		decode = g.lines
	case "application/python-pickle", "application/x-python-pickle", "application/pickle":
		decode = g.pickle
	case "application/protobuf", "application/x-protobuf":
		decode = g.protobuf
	default:
		return 0, fmt.Errorf("cannot read a body of type %q: %w", contentType, ErrContentType)
	}
	ctx, done, err := x.begin(ctx)
	if err != nil {
		return 0, err
	}
	defer done()
	if err := x.look(); err != nil {
		return 0, fmt.Errorf("cannot take points in: %w", err)
	}
	g.ctx, g.in, g.b = ctx, x.intake(ctx.Done()), wire.NewBatch()
	defer g.b.Release()
	g.in.refused = func(i int, r wire.Reason) {
		g.accepted--
		g.refuse(g.items[g.offset+i], r, g.b.Points[i].Name)
	}
	g.in.keeps = x.keeps
	g.src = &wire.Source{Addr: "ingest", Receiver: wire.ByHTTP, Pausable: x.pausable}
	if err = decode(body); err == nil {
		err = g.flush()
	}
	if err == nil && g.unlogged != nil {
		err = fmt.Errorf("%w: %w", ErrNotSafe, g.unlogged)
	}
	switch {
	case err != nil:
	case g.first.Refused > 0:
		err = &g.first
	case g.left > 0:
		err = fmt.Errorf("%d %w, the first for %s: %q", g.left, ErrLeftOut, g.leftFor, g.leftText)
	}
	return g.accepted, err
}

// keeps reports whether the file of a series, or the one that it will have, keeps points of an age.
func (x *Ingester) keeps(s *cache.Series, age int64) bool {
	if s.Keeps(age) {
		return true
	}
	spec, _ := x.spec(s.Name)
	return age <= s.Reaches(spec)
}

// ingest is one body on its way.
type ingest struct {
	ctx    context.Context
	in     *intake
	b      *wire.Batch
	src    *wire.Source
	items  []int // of each point in the batch, where it stood in the body
	offset int   // of the part that is being taken in

	accepted int
	first    IngestError
	unlogged error // of the last points that could not be logged as WAL_SYNC asks for

	left     int // points that were left out as asked for; of the first of them:
	leftFor  wire.Reason
	leftText string
}

// ingestStep is how many points are taken in between two looks at whether somebody still waits for
// them.
const ingestStep = 1000

// refuse notes something that was refused.
func (g *ingest) refuse(item int, r wire.Reason, text []byte) {
	text = text[:min(len(text), wire.RejectText)]
	if r == wire.NotANumber || r == wire.Blacklisted || r == wire.NotWhitelisted {
		if g.left++; g.left == 1 {
			g.leftFor, g.leftText = r, string(text)
		}
		return
	}
	if g.first.Refused++; g.first.Refused == 1 || item < g.first.Item {
		g.first.Item, g.first.Reason, g.first.Text = item, r, string(text)
	}
}

// item adds one item to the batch, by decode, and takes the batch in when it has become long.
func (g *ingest) item(n int, decode func(b *wire.Batch)) error {
	rejects := len(g.b.Rejects)
	decode(g.b)
	for len(g.items) < len(g.b.Points) {
		g.items = append(g.items, n)
	}
	for _, r := range g.b.Rejects[rejects:] {
		g.refuse(n, r.Reason, r.Text)
	}
	if len(g.b.Points) >= ingestStep || len(g.b.Rejects) == wire.MaxRejects {
		return g.flush()
	}
	return nil
}

// flush takes the batch in. The error is why nobody waits for it any more.
func (g *ingest) flush() error {
	b, all := g.b, g.b.Points
	b.Source = g.src
	for g.offset = 0; g.offset < len(all) || len(b.Rejects) > 0; g.offset += len(b.Points) {
		if err := context.Cause(g.ctx); err != nil {
			return err
		}
		b.Points = all[g.offset:min(g.offset+ingestStep, len(all))]
		g.accepted += len(b.Points)
		if err := g.in.add(b); err != nil {
			g.unlogged = err
		}
		b.Rejects, b.Dropped = b.Rejects[:0], [wire.NumReasons]int{}
	}
	b.Points, g.items = all[:0], g.items[:0]
	return nil
}

func (g *ingest) lines(body []byte) error {
	g.first.Line = true
	for n := 1; len(body) > 0; n++ {
		line, rest, _ := bytes.Cut(body, []byte{'\n'})
		err := g.item(n, func(b *wire.Batch) {
			if len(line) > wire.MaxLine {
				b.Reject(wire.LineTooLong, line)
			} else {
				wire.DecodeLine(b, line)
			}
		})
		if err != nil {
			return err
		}
		body = rest
	}
	return nil
}

func (g *ingest) pickle(body []byte) error {
	m := pickle.Get()
	defer pickle.Put(m)
	root, err := m.Load(body)
	if err != nil || root.Kind() != pickle.Tuple && root.Kind() != pickle.List {
		return g.item(0, func(b *wire.Batch) { b.Reject(wire.BadPickle, body) })
	}
	n := 0
	for point := range m.Elements(root) {
		n++
		if err := g.item(n, func(b *wire.Batch) { wire.AddPicklePoint(m, b, point) }); err != nil {
			return err
		}
	}
	return nil
}

func (g *ingest) protobuf(body []byte) error {
	wire.AddProtobuf(g.b, body)
	for n := range g.b.Points {
		g.items = append(g.items, n+1)
	}
	return g.item(0, func(*wire.Batch) {
		for _, r := range g.b.Rejects {
			g.refuse(0, r.Reason, nil)
		}
	})
}
