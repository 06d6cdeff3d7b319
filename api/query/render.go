package query

import (
	"cmp"
	"errors"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"graphited/api/call"
	"graphited/carbon/pyvalue"

	"github.com/valyala/fasthttp"

	"graphited/render"
	"graphited/render/attime"
	"graphited/render/draw"
	"graphited/render/encode"
)

// renderQuery has the parameters of a request to /render.
type renderQuery struct {
	render.Query
	format        string // png if it is unknown
	jsonp         string
	pie           bool
	slices        []draw.Slice // of a pie, that are given by value
	cacheDuration time.Duration
	json          encode.JSONOptions
}

// seriesHeader has the number of series of an answer of /render, which a picture does not show.
const seriesHeader = "X-Graphited-Series"

// render computes the answer to /render, and returns how long it may be kept.
func (v *Views) render(q *call.Request) (keepFor time.Duration, err error) {
	r, err := v.parseRender(q)
	if err != nil {
		return 0, err
	}
	leave, err := q.Enter(v.Renders)
	if err != nil {
		return 0, err
	}
	defer leave()
	q.Targets = r.Targets
	res, err := v.evaluate(q, r)
	if err != nil {
		return 0, err
	}
	q.Lacks(append(ignored(res.Ignored), res.Warnings...))
	if err := v.fits(q, r, res.Series); err != nil {
		return 0, err
	}
	err = v.write(q, r, res.Series)
	if unmergeable(&res, err) {
		err = v.write(q, r, res.Series)
	}
	if err != nil {
		return 0, err
	}
	q.Response.Header.Set(seriesHeader, strconv.Itoa(len(res.Series)+len(r.slices)))
	tellProblems(q, res.Problems)
	if r.cacheDuration == 0 || len(res.Warnings) > 0 || len(res.Problems) > 0 { // what is missing may be there the next time
		q.NeverCache()
		return 0, nil
	}
	q.CacheFor(r.cacheDuration)
	return r.cacheDuration, nil
}

// pointSize is the size of a point as text, in bytes.
const pointSize = 30

// fits refuses an answer of more points than MAX_ANSWER_POINTS. As text it would take several times
// the memory of the series. Nothing is written after the deadline.
func (v *Views) fits(q *call.Request, r *renderQuery, series []*render.Series) error {
	if r.image() {
		return q.Ctx.Err()
	}
	points := 0
	for _, s := range series {
		n := len(s.Values)
		if most := r.json.MaxDataPoints; most > 0 && r.format == "json" {
			n = min(n, most)
		}
		points += n + 2*len(s.Name)/pointSize // its name is among its tags, too
	}
	if most := v.MaxAnswer; most > 0 && points > most {
		return call.BadRequest("the answer would be as long as one of " + strconv.Itoa(points) + " points, more than " + strconv.Itoa(most) + " (MAX_ANSWER_POINTS); ask for less, or with maxDataPoints")
	}
	return q.Ctx.Err()
}

// ignored warns of text behind a target. graphite-web drops it silently, so a superfluous bracket
// makes another graph.
func ignored(rests []string) []string {
	var warnings []string
	for _, rest := range rests {
		warnings = append(warnings, "ignored "+strconv.QuoteToASCII(rest)+" at the end of a target")
	}
	return warnings
}

// image reports whether the answer is drawn. A pie always is.
func (r *renderQuery) image() bool {
	switch r.format {
	case "csv", "json", "dygraph", "rickshaw", "raw", "pickle", "msgpack",
		"protobuf", "protobuf3", "carbonapi_v2_pb":
		return r.pie
	}
	return true
}

// write writes the answer in its format.
func (v *Views) write(q *call.Request, r *renderQuery, series []*render.Series) error {
	if r.image() {
		return v.draw(q, r, series)
	}
	var err error
	callback := r.jsonp
	body, contentType := q.Buffer(), "application/json"
	switch r.format {
	case "csv":
		body, contentType, callback = encode.AppendCSV(q.Ctx, body, series, r.Location), "text/csv", ""
	case "raw":
		body, contentType, callback = encode.AppendRaw(q.Ctx, body, series), "text/plain", ""
	case "pickle":
		body, contentType, callback = encode.AppendPickle(body, series), "application/pickle", ""
	case "msgpack":
		body, contentType, callback = encode.AppendMsgpack(body, series), "application/x-msgpack", ""
	case "protobuf", "protobuf3", "carbonapi_v2_pb":
		if len(series) == 0 {
			return call.NotFound("Not Found") // carbonapi takes that for an empty answer
		}
		body, contentType, callback = encode.AppendProtoV2(body, series), call.TypeV2, ""
	}
	if callback != "" {
		body = append(append(body, callback...), '(')
		contentType = "text/javascript"
	}
	switch r.format {
	case "json":
		body, err = encode.AppendJSON(q.Ctx, body, series, r.json)
	case "dygraph":
		body = encode.AppendDygraph(q.Ctx, body, series)
	case "rickshaw":
		body = encode.AppendRickshaw(q.Ctx, body, series, r.json.Pretty)
	}
	if callback != "" {
		body = append(body, ')')
	}
	q.Finish(body, contentType)
	return cmp.Or(err, q.Ctx.Err())
}

// draw draws the answer.
func (v *Views) draw(q *call.Request, r *renderQuery, series []*render.Series) error {
	g := draw.Graph{
		Format: "png", Pie: r.pie, Series: series, Slices: r.slices,
		From: r.From, Until: r.Until, Location: r.Location, Param: q.Params.Find,
	}
	contentType := "image/png"
	switch r.format {
	case "svg":
		g.Format, contentType = "svg", "image/svg+xml"
	case "pdf":
		g.Format, contentType = "pdf", "application/x-pdf"
	}
	body, err := v.Draw(q.Ctx, q.Buffer(), g)
	if err != nil {
		return err
	}
	if r.jsonp != "" && g.Format == "svg" {
		text := encode.AppendString(append([]byte(r.jsonp), '('), string(body))
		body, contentType = append(text, ')'), "text/javascript"
	} else if g.Format == "svg" {
		// Styles may be inline; the script, which only holds metadata, need not run.
		q.Response.Header.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'")
	}
	q.Finish(body, contentType)
	return nil
}

// parseRender reads the parameters of /render, as graphite-web's parseOptions.
func (v *Views) parseRender(q *call.Request) (*renderQuery, error) {
	p := q.Params
	r := &renderQuery{format: "png", cacheDuration: v.CacheDuration}
	r.Local = v.Names.Local(q)
	if t, ok := p.Find("graphType"); ok {
		if t != "line" && t != "pie" {
			return nil, call.BadRequest("Invalid graphType " + pyvalue.Quote(t) + ", must be one of ['line', 'pie']")
		}
		r.pie = t == "pie"
	}
	if text, ok := p.Find("cacheTimeout"); ok {
		seconds, err := call.ParseInt(text)
		if err != nil {
			return nil, err
		}
		r.cacheDuration = time.Duration(min(seconds, math.MaxInt32)) * time.Second
	}
	if p.Has("noCache") {
		r.cacheDuration = 0
	}
	if err := r.parseFormat(q); err != nil {
		return nil, err
	}
	r.Targets = p.List("target")
	if r.pie {
		r.takeSlices()
	}
	r.Templates = templateParams(p)
	r.Location = q.Site.Zones.Get(p.Get("tz"))
	if err := r.parseTimes(q); err != nil {
		return nil, err
	}
	r.XFilesFactor = v.XFilesFactor
	if text, ok := p.Find("xFilesFactor"); ok {
		f, err := call.ParseFloat(text)
		if err != nil {
			return nil, err
		}
		r.XFilesFactor = f
	}
	return r, nil
}

// takeSlices removes the targets that are slices of a pie, such as "name:12", from those that are
// evaluated.
func (r *renderQuery) takeSlices() {
	r.Targets = slices.DeleteFunc(r.Targets, func(target string) bool {
		name, value, _ := strings.Cut(target, ":")
		v, err := call.ParseFloat(value)
		if err == nil {
			r.slices = append(r.slices, draw.Slice{Name: name, Value: v})
		}
		return err == nil
	})
}

// parseFormat reads the parameters that shape the answer. format= wins over rawData and that over
// pickle; both count with any value. jsonp counts only beside format=.
func (r *renderQuery) parseFormat(q *call.Request) (err error) {
	p := q.Params
	format, ok := p.Find("format")
	switch {
	case ok:
		r.format = format
		if r.jsonp, err = q.Callback(); err != nil {
			return err
		}
	case p.Has("rawData"):
		r.format = "raw"
	case p.Has("pickle"):
		r.format = "pickle"
	}
	r.json.Pretty = p.Get("pretty") != ""
	r.json.NoNullPoints = p.Has("noNullPoints")
	if v := p.Get("maxDataPoints"); v != "" && strings.Trim(v, "0123456789") == "" {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil {
			n = math.MaxInt32 // more than there can be
		}
		if n == 0 && r.format == "json" {
			return call.BadRequest("maxDataPoints must be at least 1")
		}
		r.json.MaxDataPoints = int(n)
	}
	return nil
}

// parseTimes reads from, until and now. It swaps from and until if they are in the wrong order.
func (r *renderQuery) parseTimes(q *call.Request) error {
	now, err := q.Params.Time("now", "now", attime.Context{Now: q.Site.Now().In(r.Location), Location: r.Location})
	if err != nil {
		return err
	}
	c := attime.Context{Now: now, Location: r.Location}
	until, err := q.Params.Time("until", "now", c)
	if err != nil {
		return err
	}
	from, err := q.Params.Time("from", "-1d", c)
	if err != nil {
		return err
	}
	if from.Equal(until) {
		return call.BadRequest("Invalid empty time range")
	}
	if until.Before(from) {
		from, until = until, from
	}
	r.From, r.Until, r.Now = from.Unix(), until.Unix(), now.Unix()
	return nil
}

// templateParams returns the parameters template[name] by name.
func templateParams(p call.Params) map[string]string {
	var t map[string]string
	for _, x := range p {
		if name, ok := strings.CutPrefix(x.Name, "template["); ok && name != "" {
			if t == nil {
				t = make(map[string]string)
			}
			t[name[:len(name)-1]] = x.Value
		}
	}
	return t
}

// evaluate evaluates the targets of a request to /render. Slices of a pie that are given by value
// are an answer even if no target has one.
func (v *Views) evaluate(q *call.Request, r *renderQuery) (render.Result, error) {
	res, err := v.Engine.Eval(q.Ctx, r.Query)
	var e *render.Error
	if len(r.slices) == 0 || !errors.As(err, &e) || e.Kind != render.BadRequest {
		return res, err
	}
	return render.Result{Problems: []render.Problem{{Target: max(slices.Index(r.Targets, e.Target), 0), Err: e}}}, nil
}

// renderKey identifies what a request to /render asks for: its parameters in order, without those
// that begin with an underscore, which only make it different from others.
func renderKey(p call.Params) string {
	p = slices.DeleteFunc(slices.Clone(p), func(x call.Param) bool { return strings.HasPrefix(x.Name, "_") })
	slices.SortStableFunc(p, func(a, b call.Param) int { return strings.Compare(a.Name, b.Name) })
	n := 0
	for _, x := range p {
		n += len(x.Name) + len(x.Value) + 2
	}
	key := make([]byte, 0, n)
	for _, x := range p {
		key = append(append(append(append(key, x.Name...), 0), x.Value...), 0)
	}
	return string(key)
}

// replyHeaders are the headers that belong to an answer of /render.
var replyHeaders = []string{"Content-Type", "Cache-Control", "Expires", "Content-Security-Policy", call.WarningHeader, errorsHeader, problemsHeader, seriesHeader}

// Render answers /render: from the cache, with what is computed for another request, or by
// computing the answer.
func (v *Views) Render(q *call.Request) error {
	s, key := v.Shared, renderKey(q.Params)
	mayKeep := s.answers != nil && !q.Params.Has("noCache") && q.Replaying == ""
	if mayKeep {
		if r := s.answers.get(key, q.Site.Now()); r != nil {
			s.Hits.Add(1)
			return r.Give(q)
		}
		s.Misses.Add(1)
	}
	f, compute := s.flights.join(key)
	if !compute {
		return s.await(q, f)
	}
	q.Wanted = func() bool { return s.flights.shared(f) }
	r := &call.Reply{Err: call.Fail(fasthttp.StatusInternalServerError, "internal error, see the log")} // in case of a panic
	defer func() { s.flights.land(key, f, r) }()
	if err := f.wait(q.Ctx); err != nil {
		r = &call.Reply{Err: err}
		return err
	}
	keepFor, err := v.render(q)
	shared := s.flights.shared(f)
	keep := mayKeep && err == nil && keepFor > 0 && len(q.Response.Header.Peek(call.WarningHeader)) == 0 && len(q.Response.Header.Peek(errorsHeader)) == 0
	if !shared && !keep {
		r = nil
		return err
	}
	r = call.ReplyOf(q, err, replyHeaders...)
	q.Reply = r
	if keep {
		s.answers.put(key, r, q.Site.Now().Add(keepFor))
	}
	return err
}
