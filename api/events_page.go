package api

import (
	"html"
	"strconv"
	"strings"
	"time"
)

// eventsPage writes the events of /events for people.
func (q *request) eventsPage(events []Event) {
	b := append(q.body(), "<!doctype html>\n<title>Events</title>\n<table>\n<tr><th>when<th>what<th>tags<th>data\n"...)
	for i := range events {
		b = append(b, "<tr>"...)
		b = q.appendEventCells(b, &events[i], "<td>")
	}
	b = append(b, "</table>\n"...)
	q.finish(b, "text/html; charset=utf-8")
}

// eventPage writes one event for people.
func (q *request) eventPage(e *Event) {
	b := append(q.body(), "<!doctype html>\n<title>Event</title>\n"...)
	q.finish(q.appendEventCells(b, e, "<p>"), "text/html; charset=utf-8")
}

// appendEventCells appends when, what, tags and data, each behind a tag.
func (q *request) appendEventCells(b []byte, e *Event, tag string) []byte {
	b = append(b, tag...)
	b = time.Unix(e.When, 0).In(q.s.zones.def).AppendFormat(b, time.RFC3339)
	b = append(b, tag+`<a href="`+html.EscapeString(q.s.prefix)+`/events/`...)
	b = append(strconv.AppendInt(b, e.ID, 10), `">`...)
	b = append(append(b, html.EscapeString(e.What)...), "</a>"...)
	b = append(append(b, tag...), html.EscapeString(strings.Join(e.Tags, " "))...)
	b = append(append(b, tag...), html.EscapeString(e.Data)...)
	return append(b, '\n')
}

// wantsPage tells whether a browser asks, to show the answer to somebody.
func (q *request) wantsPage() bool {
	return strings.Contains(string(q.Request.Header.Peek("Accept")), "text/html")
}
