// Package saved answers requests about what people save: events, dashboards and their templates,
// graphs and short links. They are stored in package store. The answers are graphite-web's, but for
// what is said at the handlers.
package saved

import (
	"context"
	"errors"

	"github.com/valyala/fasthttp"

	"graphited/api/call"
	"graphited/api/store"
)

// Views answers requests about what is saved. Nothing of it changes after the first request.
type Views struct {
	Store  *store.Store // dashboards, graphs and links; nil: nothing can be saved
	Events Events       // nil: there are none
}

// Events keeps events. It must be safe for concurrent use.
type Events interface {
	// Add keeps an event. It ignores the ID.
	Add(ctx context.Context, e Event) error
	// Find returns the events between from and until, both included, the oldest first, that have
	// all tags, or any of them if union is set. No tags match every event.
	Find(ctx context.Context, from, until int64, tags []string, union bool) ([]Event, error)
	// Get returns one event, ok false if there is none.
	Get(ctx context.Context, id int64) (e Event, ok bool, err error)
}

// Event is an event of a store.
type Event = store.Event

// store returns the store, or an error if there is none.
func (v *Views) store() (*store.Store, error) {
	if v.Store == nil {
		return nil, call.NotFound("nothing can be saved here")
	}
	return v.Store, nil
}

// storeError gives an error of the store its status.
func storeError(err error) error {
	var limit *store.LimitError
	switch {
	case errors.As(err, &limit):
		return call.BadRequest(limit.What)
	case errors.Is(err, store.ErrTooMany):
		return call.BadRequest(store.ErrTooMany.Error())
	case errors.Is(err, store.ErrFull):
		return call.Fail(fasthttp.StatusInsufficientStorage, "there is no more room to save this")
	}
	return err
}
