package saved

import (
	"html"
	"strconv"
	"strings"
	"time"

	"graphited/api/call"
)

// eventsPage writes the events of /events for people.
func eventsPage(q *call.Request, events []Event) {
	b := append(q.Buffer(), "<!doctype html>\n<title>Events</title>\n<table>\n<tr><th>when<th>what<th>tags<th>data\n"...)
	for i := range events {
		b = append(b, "<tr>"...)
		b = appendEventCells(q, b, &events[i], "<td>")
	}
	b = append(b, "</table>\n"...)
	q.Finish(b, "text/html; charset=utf-8")
}

// eventPage writes one event for people.
func eventPage(q *call.Request, e *Event) {
	b := append(q.Buffer(), "<!doctype html>\n<title>Event</title>\n"...)
	q.Finish(appendEventCells(q, b, e, "<p>"), "text/html; charset=utf-8")
}

// appendEventCells appends when, what, tags and data, each behind a tag.
func appendEventCells(q *call.Request, b []byte, e *Event, tag string) []byte {
	b = append(b, tag...)
	b = time.Unix(e.When, 0).In(q.Site.Zones.Default()).AppendFormat(b, time.RFC3339)
	b = append(b, tag+`<a href="`+html.EscapeString(q.Site.Prefix)+`/events/`...)
	b = append(strconv.AppendInt(b, e.ID, 10), `">`...)
	b = append(append(b, html.EscapeString(e.What)...), "</a>"...)
	b = append(append(b, tag...), html.EscapeString(strings.Join(e.Tags, " "))...)
	b = append(append(b, tag...), html.EscapeString(e.Data)...)
	return append(b, '\n')
}
