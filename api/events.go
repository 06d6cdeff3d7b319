package api

import (
	"math"
	"strconv"
	"strings"
	"time"

	"graphited/render/attime"
	"graphited/render/encode"
)

// eventsRoute returns the handler below /events; rest is what follows
// "/events/".
func eventsRoute(_ *request, rest string) handler {
	switch rest = strings.TrimSuffix(rest, "/"); rest {
	case "":
		return func(q *request) error {
			if q.IsPost() {
				return post(addEvent)(q)
			}
			return pageOr(getOrPost(limited(listEvents)))(q)
		}
	case "get_data":
		return getOrPost(limited(eventData))
	}
	id, err := strconv.ParseInt(rest, 10, 64)
	if err != nil || id < 0 || rest[0] == '+' {
		return nil
	}
	return get(func(q *request) error { return eventDetail(q, id) })
}

// addEvent keeps the event of a POST to /events: an object with what, tags, when
// and data. As in graphite-web what and data may be of any type, and are kept as
// text; tags are a list of texts, or words in one.
func addEvent(q *request) error {
	q.jsonErrors = true
	if q.s.o.Events == nil {
		return notFound("events are not kept here")
	}
	in, err := parseJSON(q.PostBody())
	if err != nil || in.kind != '{' {
		return badRequest("the body must be a JSON object with what, tags, when and data")
	}
	e := Event{What: eventText(&in, "what"), Data: eventText(&in, "data")}
	if e.When, err = eventTime(&in, q.s.now()); err != nil {
		return err
	}
	if e.Tags, err = eventTags(&in); err != nil {
		return err
	}
	if err := q.s.o.Events.Add(q.ctx, e); err != nil {
		return storeError(err)
	}
	q.SetContentType("text/html; charset=utf-8")
	return nil
}

// eventText returns a member of an event as text, "" where it is missing or null.
func eventText(in *jsonValue, name string) string {
	v := in.member(name)
	if v == nil || v.kind == 'n' {
		return ""
	}
	return v.pythonText()
}

// eventTime returns when an event was: now, unless it says so.
func eventTime(in *jsonValue, now time.Time) (int64, error) {
	v := in.member("when")
	if v == nil || v.kind == 'n' {
		return now.Unix(), nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if v.kind != '0' || err != nil || !(math.Abs(f) < 1e15) {
		return 0, badRequest(`"when" must be seconds since 1970`)
	}
	return int64(math.Floor(f)), nil
}

// eventTags returns the words that an event is tagged with.
func eventTags(in *jsonValue) ([]string, error) {
	v := in.member("tags")
	if v == nil || v.kind == 'n' {
		return nil, nil
	}
	list := []jsonValue{*v}
	if v.kind == '[' {
		list = v.values
	}
	var words []string
	for _, item := range list {
		if item.kind != '"' {
			return nil, badRequest(`"tags" must be an array or space-separated string`)
		}
		words = append(words, strings.Fields(item.text)...)
	}
	return words, nil
}

// eventData answers /events/get_data. As in graphite-web times are in the zone of
// the server.
func eventData(q *request) error {
	callback, err := q.jsonp()
	if err != nil {
		return err
	}
	events, err := findEvents(q)
	if err != nil {
		return err
	}
	w := encode.Writer{Buf: q.body()}
	contentType := "application/json"
	if callback != "" {
		w.Buf = append(append(w.Buf, callback...), '(')
		contentType = "text/javascript"
	}
	w.Open('[')
	for _, e := range events {
		w.Open('{')
		w.Key("when")
		w.Int(e.When)
		writeEvent(&w, e)
		w.Key("id")
		w.Int(e.ID)
		w.Close('}')
	}
	w.Close(']')
	if callback != "" {
		w.Buf = append(w.Buf, ')')
	}
	q.finish(w.Buf, contentType)
	return nil
}

func writeEvent(w *encode.Writer, e Event) {
	w.Key("what")
	w.String(e.What)
	w.Key("data")
	w.String(e.Data)
	w.Key("tags")
	w.Strings(e.Tags)
}

func findEvents(q *request) ([]Event, error) {
	if q.s.o.Events == nil {
		return nil, nil
	}
	c := attime.Context{Now: q.s.now().In(q.s.zones.def), Location: q.s.zones.def}
	from := time.Unix(0, 0)
	if v, ok := q.p.find("from"); ok {
		var err error
		if from, err = attime.Parse(v, c); err != nil {
			return nil, badRequest(err.Error())
		}
	}
	until, err := timeParam(q.p, "until", "now", c)
	if err != nil {
		return nil, err
	}
	tags := strings.Fields(q.p.get("tags"))
	if len(tags) == 0 && q.p.has("tags") {
		return nil, nil // no event has a tag without a name
	}
	events, err := q.s.o.Events.Find(q.ctx, from.Unix(), until.Unix(), tags, q.p.get("set") == "union")
	return events, storeError(err)
}

// listEvents answers /events with the events as a page.
func listEvents(q *request) error {
	events, err := findEvents(q)
	if err != nil {
		return err
	}
	q.eventsPage(events)
	return nil
}

// eventDetail answers /events/<id>: a page for a browser, else JSON.
func eventDetail(q *request, id int64) error {
	q.jsonErrors = true
	var e Event
	known := false
	if q.s.o.Events != nil {
		var err error
		if e, known, err = q.s.o.Events.Get(q.ctx, id); err != nil {
			return err
		}
	}
	if !known {
		return notFound("Event matching query does not exist")
	}
	if q.wantsPage() {
		q.eventPage(&e)
		return nil
	}
	w := q.writer()
	w.Open('{')
	w.Key("id")
	w.Int(e.ID)
	w.Key("when")
	w.String(time.Unix(e.When, 0).UTC().Format(time.RFC3339))
	writeEvent(&w, e)
	w.Close('}')
	q.finish(w.Buf, "application/json")
	return nil
}
