package client

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/urfave/cli/v2"
	"github.com/valyala/fasthttp"
)

// backupEnd is the name of the last file of a complete backup.
const backupEnd = ".graphited.backup.json"

// Backup returns the command backup. It asks the running server for all its data and writes it into
// a new folder or a file. flags are the flags that locate the server. Progress goes to warn.
func Backup(flags []cli.Flag, place Placer, warn io.Writer) *cli.Command {
	return &cli.Command{
		Name: "backup", Usage: "write all data of the running server into a folder or file", ArgsUsage: "DIR|FILE.tar.zst|FILE.tar",
		Description: "The backup contains all points that were received before it began, including those that are not in files yet, and events and dashboards. graphited restore reads it.",
		Flags:       append(append(serverFlags(), &cli.BoolFlag{Name: "overwrite", Usage: "replace an existing file"}), flags...),
		Action:      func(c *cli.Context) error { return backup(c, place, warn) },
	}
}

func backup(c *cli.Context, place Placer, warn io.Writer) error {
	to := c.Args().First()
	if ext := filepath.Ext(to); slices.Contains([]string{".gz", ".tgz", ".bz2", ".xz", ".zip", ".zst"}, ext) && !isTar(to) {
		return cli.Exit(fmt.Sprintf("cannot back up to %q: expected a folder, FILE.tar or FILE.tar.zst", to), 2)
	}
	if err := mayWrite(to, c.Bool("overwrite")); err != nil {
		return fmt.Errorf("cannot back up to %q: %w", to, err)
	}
	s, err := connect(c, place)
	if err == nil && s.id == "" {
		err = s.identify()
	}
	if err != nil {
		return err
	}
	if s.id != "" {
		fmt.Fprintf(warn, "server %s, folder %q\n", s.name, s.folder)
	}
	body, err := s.askBackup()
	if err != nil {
		return err
	}
	defer body.Close()
	in := &progress{r: body, warn: warn, last: time.Now()}
	if isTar(to) {
		err = writeTar(in, to)
	} else {
		err = writeFolder(in, to)
	}
	if err != nil {
		return fmt.Errorf("cannot back up to %q: %w", to, err)
	}
	in.tell()
	return nil
}

func isTar(name string) bool {
	return strings.HasSuffix(name, ".tar") || strings.HasSuffix(name, ".tar.zst")
}

// mayWrite refuses an existing target. An earlier backup is replaced only if over is set.
func mayWrite(to string, over bool) error {
	info, err := os.Stat(to)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case isTar(to) && info.IsDir():
		return errors.New("it is a folder")
	case isTar(to) && !over:
		return errors.New("the file exists; --overwrite replaces it")
	case !isTar(to) && !info.IsDir():
		return errors.New("it is a file whose name does not end in .tar or .tar.zst")
	case isTar(to):
		return nil
	}
	list, err := os.ReadDir(to)
	if err == nil && len(list) > 0 {
		err = errors.New("the folder is not empty")
	}
	return err
}

// askBackup returns the tar that the server sends.
func (s *server) askBackup() (io.ReadCloser, error) {
	req, resp := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	req.Header.SetMethod(fasthttp.MethodPost)
	if err := s.ask("/api/backup", req, resp, 0); err != nil {
		return nil, err
	}
	if resp.StatusCode() != fasthttp.StatusOK {
		text, _ := io.ReadAll(io.LimitReader(resp.BodyStream(), 1<<12))
		return nil, s.refusal("back up", resp, text)
	}
	if s.id == "" {
		text, _ := io.ReadAll(io.LimitReader(resp.BodyStream(), 1<<12))
		return nil, errors.Join(fmt.Errorf("cannot back up: the server at %s is not graphited: it answers %q", s.name, s.said(text)), resp.CloseBodyStream())
	}
	return struct {
		io.Reader
		io.Closer
	}{resp.BodyStream(), closer(resp.CloseBodyStream)}, nil
}

type closer func() error

// Close calls the function.
func (c closer) Close() error { return c() }

// progress counts what is read and reports it now and then.
type progress struct {
	r     io.Reader
	warn  io.Writer
	last  time.Time
	bytes int64
	files int
}

// Read implements io.Reader.
func (p *progress) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.bytes += int64(n)
	if time.Since(p.last) > 2*time.Second {
		p.tell()
	}
	return n, err
}

func (p *progress) tell() {
	p.last = time.Now()
	fmt.Fprintf(p.warn, "%d files, %d MB\n", p.files, p.bytes>>20)
}

// each calls f with every file of the tar. It fails unless the last file is that of a complete
// backup.
func (p *progress) each(r io.Reader, f func(h *tar.Header, r io.Reader) error) error {
	in := tar.NewReader(r)
	for whole := false; ; p.files++ {
		h, err := in.Next()
		if errors.Is(err, io.EOF) && whole {
			_, err = io.Copy(io.Discard, r) // the padding after the end of the tar
			return err
		}
		if errors.Is(err, io.EOF) {
			err = errors.New("the backup is incomplete; the log of the server says why")
		}
		if err == nil {
			err = f(h, in)
		}
		if err != nil {
			return err
		}
		whole = h.Name == backupEnd
	}
}

// writeTar writes the tar to a file, compressed if its name ends in .zst. The file gets its name
// when it is complete.
func writeTar(p *progress, to string) (err error) {
	f, err := os.OpenFile(to+".part", os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o640)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(to+".part"))
		}
	}()
	var w io.WriteCloser = struct {
		io.Writer
		io.Closer
	}{f, closer(func() error { return nil })}
	if strings.HasSuffix(to, ".zst") {
		if w, err = zstd.NewWriter(f); err != nil {
			return errors.Join(err, f.Close())
		}
	}
	err = p.each(io.TeeReader(p, w), func(*tar.Header, io.Reader) error { return nil })
	err = errors.Join(err, w.Close())
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(to+".part", to)
}

// writeFolder writes the files into a folder, which must be new or empty.
func writeFolder(p *progress, to string) error {
	return p.each(p, func(h *tar.Header, r io.Reader) error {
		if !filepath.IsLocal(filepath.FromSlash(h.Name)) {
			return fmt.Errorf("the name %q leads out of the folder", h.Name)
		}
		path := filepath.Join(to, filepath.FromSlash(h.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o640)
		if err != nil {
			return err
		}
		_, err = io.Copy(f, r)
		return errors.Join(err, f.Close())
	})
}
