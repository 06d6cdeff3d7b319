package admin

import (
	"bufio"
	"io"
	"net"
	"time"

	"graphited/api/call"

	"github.com/valyala/fasthttp"
)

// Backup answers /api/backup with a tar of everything that is stored. It is for the command of that
// name on the same machine: the tar contains everything, and many of them would keep the disk busy.
func (v *Views) Backup(q *call.Request) error {
	if v.BackUp == nil {
		return call.Fail(fasthttp.StatusNotImplemented, "nothing can be backed up here")
	}
	if !q.RemoteIP().IsLoopback() || len(q.Request.Header.Peek("X-Forwarded-For")) > 0 {
		return call.Fail(fasthttp.StatusForbidden, "refused: backups are made from the machine itself")
	}
	ctx, conn := v.Base, q.Conn()
	q.SetContentType("application/x-tar")
	q.NoCache()
	q.SetBodyStreamWriter(func(w *bufio.Writer) {
		// An error ends the answer before its last file, by which the client recognises it.
		if err := v.BackUp(ctx, &slow{w, conn, v.WriteTimeout}, v.addSaved); err != nil {
			q.Site.Log.Error().Err(err).Msg("backup failed")
		}
	})
	return nil
}

// addSaved adds the file of events, dashboards and graphs.
func (v *Views) addSaved(begin func(name string, size int64) (io.Writer, error)) error {
	if v.Saved == nil {
		return nil
	}
	return v.Saved.Dump(begin)
}

// slow writes an answer that may take longer than others, as long as the client reads it.
type slow struct {
	w       *bufio.Writer
	conn    net.Conn
	timeout time.Duration
}

// Write writes p within the timeout.
func (s *slow) Write(p []byte) (int, error) {
	if s.timeout > 0 {
		if err := s.conn.SetWriteDeadline(time.Now().Add(s.timeout)); err != nil {
			return 0, err
		}
	}
	return s.w.Write(p)
}
