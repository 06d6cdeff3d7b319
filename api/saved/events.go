package saved

import (
	"math"
	"strconv"
	"strings"
	"time"

	"graphited/api/call"

	"graphited/render/attime"
	"graphited/render/encode"
)

// AddEvent keeps the event of a POST to /events: an object with what, tags, when and data. Like in
// graphite-web what and data may be of any type, and are kept as text. tags are a list of texts, or
// words in one.
func (v *Views) AddEvent(q *call.Request) error {
	q.JSONErrors = true
	if v.Events == nil {
		return call.NotFound("events are not kept here")
	}
	in, err := parseJSON(q.PostBody())
	if err != nil || in.kind != '{' {
		return call.BadRequest("the body must be a JSON object with what, tags, when and data")
	}
	e := Event{What: eventText(&in, "what"), Data: eventText(&in, "data")}
	if e.When, err = eventTime(&in, q.Site.Now()); err != nil {
		return err
	}
	if e.Tags, err = eventTags(&in); err != nil {
		return err
	}
	if err := v.Events.Add(q.Ctx, e); err != nil {
		return storeError(err)
	}
	q.SetContentType("text/html; charset=utf-8")
	return nil
}

// eventText returns a member of an event as text, or "" if it is missing or null.
func eventText(in *jsonValue, name string) string {
	v := in.member(name)
	if v == nil || v.kind == 'n' {
		return ""
	}
	return v.pythonText()
}

// eventTime returns the time of an event, or now if it has none.
func eventTime(in *jsonValue, now time.Time) (int64, error) {
	v := in.member("when")
	if v == nil || v.kind == 'n' {
		return now.Unix(), nil
	}
	f, err := strconv.ParseFloat(v.text, 64)
	if v.kind != '0' || err != nil || !(math.Abs(f) < 1e15) {
		return 0, call.BadRequest(`"when" must be seconds since 1970`)
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
			return nil, call.BadRequest(`"tags" must be an array or space-separated string`)
		}
		words = append(words, strings.Fields(item.text)...)
	}
	return words, nil
}

// EventData answers /events/get_data. Like in graphite-web times are in the zone of the server.
func (v *Views) EventData(q *call.Request) error {
	events, err := v.findEvents(q)
	if err != nil {
		return err
	}
	return q.JSONP(encode.Writer{Buf: q.Buffer()}, func(w *encode.Writer) {
		w.Open('[')
		for _, e := range events {
			w.Open('{')
			w.Key("when")
			w.Int(e.When)
			writeEvent(w, e)
			w.Key("id")
			w.Int(e.ID)
			w.Close('}')
		}
		w.Close(']')
	})
}

func writeEvent(w *encode.Writer, e Event) {
	w.Key("what")
	w.String(e.What)
	w.Key("data")
	w.String(e.Data)
	w.Key("tags")
	w.Strings(e.Tags)
}

func (v *Views) findEvents(q *call.Request) ([]Event, error) {
	if v.Events == nil {
		return nil, nil
	}
	c := attime.Context{Now: q.Site.Now().In(q.Site.Zones.Default()), Location: q.Site.Zones.Default()}
	from := time.Unix(0, 0)
	if text, ok := q.Params.Find("from"); ok {
		var err error
		if from, err = attime.Parse(text, c); err != nil {
			return nil, call.BadRequest(err.Error())
		}
	}
	until, err := q.Params.Time("until", "now", c)
	if err != nil {
		return nil, err
	}
	tags := strings.Fields(q.Params.Get("tags"))
	if len(tags) == 0 && q.Params.Has("tags") {
		return nil, nil // no event has a tag without a name
	}
	events, err := v.Events.Find(q.Ctx, from.Unix(), until.Unix(), tags, q.Params.Get("set") == "union")
	return events, storeError(err)
}

// ListEvents answers /events with the events as a page.
func (v *Views) ListEvents(q *call.Request) error {
	events, err := v.findEvents(q)
	if err != nil {
		return err
	}
	eventsPage(q, events)
	return nil
}

// Event answers /events/<id>: a page for a browser, else JSON.
func (v *Views) Event(q *call.Request) error {
	id, ok := eventID(q.Var("id"))
	if !ok {
		return call.ErrNoPath
	}
	q.JSONErrors = true
	var e Event
	found := false
	if v.Events != nil {
		var err error
		if e, found, err = v.Events.Get(q.Ctx, id); err != nil {
			return err
		}
	}
	if !found {
		return call.NotFound("Event matching query does not exist")
	}
	if q.WantsPage() {
		eventPage(q, &e)
		return nil
	}
	w := q.Writer()
	w.Open('{')
	w.Key("id")
	w.Int(e.ID)
	w.Key("when")
	w.String(time.Unix(e.When, 0).UTC().Format(time.RFC3339))
	writeEvent(&w, e)
	w.Close('}')
	q.Finish(w.Buf, "application/json")
	return nil
}

// eventID parses the number of an event, which is of digits only.
func eventID(text string) (id int64, ok bool) {
	id, err := strconv.ParseInt(text, 10, 64)
	return id, err == nil && id >= 0 && text[0] != '+'
}
