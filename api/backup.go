package api

import (
	"bufio"
	"io"
	"net"
	"time"

	"github.com/valyala/fasthttp"
)

// backup answers /api/backup with a tar of all that is kept. It is for the command
// of that name on the same machine: whoever has the tar has everything, and whoever
// asks for many keeps the disk busy.
func backup(q *request) error {
	if q.s.o.Backup == nil {
		return &failure{fasthttp.StatusNotImplemented, "nothing can be backed up here"}
	}
	if q.fromOtherSite() || !q.RemoteIP().IsLoopback() || len(q.Request.Header.Peek("X-Forwarded-For")) > 0 {
		return &failure{fasthttp.StatusForbidden, "refused: backups are made from the machine itself"}
	}
	s, conn := q.s, q.Conn()
	q.SetContentType("application/x-tar")
	q.noCache()
	q.SetBodyStreamWriter(func(w *bufio.Writer) {
		// An error ends the answer before its last file, by which the other side knows.
		if err := s.o.Backup(s.base, &slow{w, conn, s.o.WriteTimeout}, s.addSaved); err != nil {
			s.o.Log.Error().Err(err).Msg("backup failed")
		}
	})
	return nil
}

// addSaved adds the file of events, dashboards and graphs.
func (s *Server) addSaved(begin func(name string, size int64) (io.Writer, error)) error {
	if s.o.Saved == nil {
		return nil
	}
	return s.o.Saved.Dump(begin)
}

// slow writes what takes longer in all than an answer may, as long as the other
// side takes it.
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
