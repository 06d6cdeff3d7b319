package admin

import (
	"context"
	"errors"
	"strconv"

	"github.com/valyala/fasthttp"

	"graphited/api/call"
	"graphited/render/encode"
)

// ErrBusy is wrapped by the error of Receive for points that may be sent again later: the cache is
// full, or the server is stopping.
var ErrBusy = errors.New("busy, send it again later")

// ErrLeftOut is wrapped by the error of Receive if it has left out points because the configuration
// says so, and has taken all others.
var ErrLeftOut = errors.New("not all points were taken")

// Ingest answers /api/ingest: it receives the points of the body, whose format the content type
// names. 204 says that all of them are as safe as WAL_SYNC wants; their number is in the header
// X-Accepted. 200 says so of those that were taken, while others were left out because the
// configuration says so. With 200 and any other status the body has the number of points that were
// taken, and what became of the others.
func (v *Views) Ingest(q *call.Request) error {
	q.JSONErrors = true
	if v.Receive == nil {
		return call.Fail(fasthttp.StatusNotImplemented, "points are not received here")
	}
	n, err := v.Receive(q.Ctx, string(q.Request.Header.ContentType()), q.PostBody())
	if errors.Is(err, ErrBusy) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		q.SetStatusCode(fasthttp.StatusServiceUnavailable)
		q.Response.Header.Set("Retry-After", "5")
	} else if err != nil && !errors.Is(err, ErrLeftOut) {
		q.SetStatusCode(fasthttp.StatusBadRequest)
	} else if err == nil {
		q.SetStatusCode(fasthttp.StatusNoContent)
		q.Response.Header.Set("X-Accepted", strconv.Itoa(n))
		return nil
	}
	return q.Object(func(w *encode.Writer) {
		w.Key("accepted")
		w.Int(int64(n))
		w.Key("error")
		w.String(err.Error())
	})
}
