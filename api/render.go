package api

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/render"
	"graphited/render/attime"
	"graphited/render/draw"
	"graphited/render/encode"
	"graphited/render/expr"
)

// renderQuery is what a request to /render asks for.
type renderQuery struct {
	render.Query
	format        string // png for what is no format
	jsonp         string
	pie           bool
	slices        []draw.Slice // of a pie, that are given by value
	cacheDuration time.Duration
	json          encode.JSONOptions
}

// seriesHeader tells how many series an answer of /render has, which a picture does not tell.
const seriesHeader = "X-Graphited-Series"

// renderView answers /render.
func renderView(q *request) error {
	if q.protocol() == protoV3 {
		return memberRender(q)
	}
	r, err := parseRender(q)
	if err != nil {
		return err
	}
	leave, err := q.enter(q.s.renders)
	if err != nil {
		return err
	}
	defer leave()
	q.targets = r.Targets
	res, err := r.evaluate(q)
	if err != nil {
		return err
	}
	q.lacks(append(ignored(r.Targets, res.Series), res.Warnings...))
	if err := r.fits(q, res.Series); err != nil {
		return err
	}
	err = r.write(q, res.Series)
	if unmergeable(&res, err) {
		err = r.write(q, res.Series)
	}
	if err != nil {
		return err
	}
	q.Response.Header.Set(seriesHeader, strconv.Itoa(len(res.Series)+len(r.slices)))
	q.misses(res.Problems)
	if r.cacheDuration == 0 || len(res.Warnings) > 0 || len(res.Problems) > 0 { // what is missing may be there the next time
		q.neverCache()
	} else {
		q.cacheFor(r.cacheDuration)
		q.keepFor = r.cacheDuration
	}
	return nil
}

// pointSize is what a point takes as text, in bytes.
const pointSize = 30

// fits refuses an answer of more points than MAX_ANSWER_POINTS: as text it would
// take thirty times the memory of the series. Nothing is written after the deadline.
func (r *renderQuery) fits(q *request, series []*render.Series) error {
	if r.image() {
		return q.ctx.Err()
	}
	points := 0
	for _, s := range series {
		n := len(s.Values)
		if most := r.json.MaxDataPoints; most > 0 && r.format == "json" {
			n = min(n, most)
		}
		points += n + 2*len(s.Name)/pointSize // its name is among its tags as well
	}
	if most := q.s.o.MaxAnswer; most > 0 && points > most {
		return badRequest("the answer would be as long as one of " + strconv.Itoa(points) + " points, more than " + strconv.Itoa(most) + " (MAX_ANSWER_POINTS); ask for less, or with maxDataPoints")
	}
	return q.ctx.Err()
}

// ignored warns of text after a target. graphite-web drops it without a word,
// so that a bracket too many turns a graph into another. A target that is a name as a
// whole has lost nothing.
func ignored(targets []string, answer []*render.Series) []string {
	var warnings []string
	for _, t := range targets {
		isName := func(s *render.Series) bool { return s.Name == strings.TrimSpace(t) }
		if _, rest, err := expr.Parse(t); err == nil && rest != "" && !slices.ContainsFunc(answer, isName) {
			warnings = append(warnings, "ignored "+strconv.QuoteToASCII(rest)+" at the end of a target")
		}
	}
	return warnings
}

// image tells whether the answer is drawn; a pie always is.
func (r *renderQuery) image() bool {
	switch r.format {
	case "csv", "json", "dygraph", "rickshaw", "raw", "pickle", "msgpack",
		"protobuf", "protobuf3", "carbonapi_v2_pb":
		return r.pie
	}
	return true
}

// write writes the answer in its format.
func (r *renderQuery) write(q *request, series []*render.Series) error {
	if r.image() {
		return r.draw(q, series)
	}
	var err error
	callback := r.jsonp
	body, contentType := q.body(), "application/json"
	switch r.format {
	case "csv":
		body, contentType, callback = encode.AppendCSV(q.ctx, body, series, r.Location), "text/csv", ""
	case "raw":
		body, contentType, callback = encode.AppendRaw(q.ctx, body, series), "text/plain", ""
	case "pickle":
		body, contentType, callback = encode.AppendPickle(body, series), "application/pickle", ""
	case "msgpack":
		body, contentType, callback = encode.AppendMsgpack(body, series), "application/x-msgpack", ""
	case "protobuf", "protobuf3", "carbonapi_v2_pb":
		if len(series) == 0 {
			return notFound("Not Found") // carbonapi takes that for an empty answer
		}
		body, contentType, callback = encode.AppendProtoV2(body, series), typeV2, ""
	}
	if callback != "" {
		body = append(append(body, callback...), '(')
		contentType = "text/javascript"
	}
	switch r.format {
	case "json":
		body, err = encode.AppendJSON(q.ctx, body, series, r.json)
	case "dygraph":
		body = encode.AppendDygraph(q.ctx, body, series)
	case "rickshaw":
		body = encode.AppendRickshaw(q.ctx, body, series, r.json.Pretty)
	}
	if callback != "" {
		body = append(body, ')')
	}
	q.finish(body, contentType)
	return cmp.Or(err, q.ctx.Err())
}

func (r *renderQuery) draw(q *request, series []*render.Series) error {
	g := draw.Graph{
		Format: "png", Pie: r.pie, Series: series, Slices: r.slices,
		From: r.From, Until: r.Until, Location: r.Location, Param: q.p.find,
	}
	contentType := "image/png"
	switch r.format {
	case "svg":
		g.Format, contentType = "svg", "image/svg+xml"
	case "pdf":
		g.Format, contentType = "pdf", "application/x-pdf"
	}
	body, err := q.s.o.Draw(q.ctx, q.body(), g)
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
	q.finish(body, contentType)
	return nil
}

// parseRender reads the parameters of /render, as graphite-web's parseOptions.
func parseRender(q *request) (*renderQuery, error) {
	p, o := q.p, &q.s.o
	r := &renderQuery{format: "png", cacheDuration: o.CacheDuration}
	r.Local = q.local()
	if t, ok := p.find("graphType"); ok {
		if t != "line" && t != "pie" {
			return nil, badRequest("Invalid graphType " + pyvalue.Quote(t) + ", must be one of ['line', 'pie']")
		}
		r.pie = t == "pie"
	}
	if v, ok := p.find("cacheTimeout"); ok {
		seconds, err := parseInt(v)
		if err != nil {
			return nil, err
		}
		r.cacheDuration = time.Duration(min(seconds, math.MaxInt32)) * time.Second
	}
	if p.has("noCache") {
		r.cacheDuration = 0
	}
	if err := r.parseFormat(q); err != nil {
		return nil, err
	}
	r.Targets = p.list("target")
	if r.pie {
		r.takeSlices()
	}
	r.Templates = templates(p)
	r.Location = q.s.zones.get(p.get("tz"))
	if err := r.parseTimes(q); err != nil {
		return nil, err
	}
	r.XFilesFactor = o.XFilesFactor
	if v, ok := p.find("xFilesFactor"); ok {
		f, err := parseFloat(v)
		if err != nil {
			return nil, err
		}
		r.XFilesFactor = f
	}
	return r, nil
}

// takeSlices takes the targets that are slices of a pie, as "name:12", from those
// that are evaluated.
func (r *renderQuery) takeSlices() {
	r.Targets = slices.DeleteFunc(r.Targets, func(target string) bool {
		name, value, _ := strings.Cut(target, ":")
		v, err := parseFloat(value)
		if err == nil {
			r.slices = append(r.slices, draw.Slice{Name: name, Value: v})
		}
		return err == nil
	})
}

// parseFormat reads what shapes the answer. format= beats rawData and that beats
// pickle, both of which count with any value; jsonp counts beside format= only.
func (r *renderQuery) parseFormat(q *request) (err error) {
	p := q.p
	format, ok := p.find("format")
	switch {
	case ok:
		r.format = format
		if r.jsonp, err = q.jsonp(); err != nil {
			return err
		}
	case p.has("rawData"):
		r.format = "raw"
	case p.has("pickle"):
		r.format = "pickle"
	}
	r.json.Pretty = p.get("pretty") != ""
	r.json.NoNullPoints = p.has("noNullPoints")
	if v := p.get("maxDataPoints"); v != "" && strings.Trim(v, "0123456789") == "" {
		n, err := strconv.ParseInt(v, 10, 32)
		if err != nil {
			n = math.MaxInt32 // more than there can be
		}
		if n == 0 && r.format == "json" {
			return badRequest("maxDataPoints must be at least 1")
		}
		r.json.MaxDataPoints, r.MaxDataPoints = int(n), int(n)
	}
	return nil
}

// parseTimes reads from, until and now. They are swapped where they are the
// wrong way round.
func (r *renderQuery) parseTimes(q *request) error {
	now, err := timeParam(q.p, "now", "now", attime.Context{Now: q.s.now().In(r.Location), Location: r.Location})
	if err != nil {
		return err
	}
	c := attime.Context{Now: now, Location: r.Location}
	until, err := timeParam(q.p, "until", "now", c)
	if err != nil {
		return err
	}
	from, err := timeParam(q.p, "from", "-1d", c)
	if err != nil {
		return err
	}
	if from.Equal(until) {
		return badRequest("Invalid empty time range")
	}
	if until.Before(from) {
		from, until = until, from
	}
	r.From, r.Until, r.Now = from.Unix(), until.Unix(), now.Unix()
	return nil
}

// timeParam reads a parameter that is a time, def where it is missing.
func timeParam(p params, name, def string, c attime.Context) (time.Time, error) {
	v, ok := p.find(name)
	if !ok {
		if def == "now" {
			return c.Now, nil
		}
		v = def
	}
	t, err := attime.Parse(v, c)
	if err != nil {
		return t, badRequest(err.Error())
	}
	return t, nil
}

// templates returns the parameters template[name] by name.
func templates(p params) map[string]string {
	var t map[string]string
	for _, x := range p {
		if name, ok := strings.CutPrefix(x.name, "template["); ok && name != "" {
			if t == nil {
				t = make(map[string]string)
			}
			t[name[:len(name)-1]] = x.value
		}
	}
	return t
}
