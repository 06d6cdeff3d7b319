package tool

import (
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"graphited/whisper/vfs"
)

// files lists the whisper files under dir, sorted within each folder. It follows symbolic links to
// folders, as graphite-web does, but not into a folder that contains the link. enter, unless nil,
// is called for each folder.
func files(fsys vfs.FS, dir string, enter func(dir string)) ([]string, error) {
	w := walk{fsys: fsys, root: dir, enter: enter}
	err := w.folder(dir, nil)
	return w.list, err
}

// folder identifies a folder independently of its names.
type folder struct{ dev, inode uint64 }

// walk is the state of a call of files.
type walk struct {
	fsys  vfs.FS
	root  string
	enter func(dir string)
	list  []string
}

func (w *walk) folder(dir string, above []folder) error {
	if w.enter != nil {
		w.enter(dir)
	}
	entries, err := w.fsys.ReadDir(dir)
	if vfs.LostFound(w.fsys, w.root, dir, err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name)
		kind := e.Type
		at := above
		if kind&(fs.ModeSymlink|fs.ModeDir) != 0 {
			info, err := w.fsys.Stat(path)
			if err != nil {
				continue // a dangling link, or a file that was just removed
			}
			kind = info.Mode.Type()
			me := folder{info.Dev, info.Inode}
			if info.IsDir() && contains(above, me) {
				continue
			}
			at = append(above[:len(above):len(above)], me)
		}
		switch {
		case kind.IsDir():
			if err := w.folder(path, at); err != nil {
				return err
			}
		case kind.IsRegular() && isWhisper(dir, e.Name):
			w.list = append(w.list, path)
		}
	}
	return nil
}

// corruptFolder is the folder below the whisper files into which the server puts damaged files.
// They keep their paths, with a number appended if the path exists there already.
const corruptFolder = ".corrupt"

// isWhisper reports whether a file is a whisper file by its name.
func isWhisper(dir, name string) bool {
	base, number, numbered := strings.Cut(name, ".wsp.")
	if numbered && base != "" && strings.Trim(number, "0123456789") == "" {
		return slices.Contains(strings.Split(filepath.ToSlash(dir), "/"), corruptFolder)
	}
	return strings.HasSuffix(name, ".wsp") && !vfs.IsTemp(name)
}

func contains(list []folder, f folder) bool {
	for _, g := range list {
		if f.inode != 0 && f == g {
			return true
		}
	}
	return false
}

// forEach calls do for each path, on all cores, at most rate times per second (0: no limit). It
// shows progress on a terminal.
func (e *env) forEach(paths []string, rate float64, do func(path string)) {
	p := newProgress(e.stderr, len(paths))
	var next atomic.Int64
	var workers sync.WaitGroup
	start := time.Now()
	for range min(runtime.GOMAXPROCS(0), len(paths)) {
		workers.Go(func() {
			for {
				i := next.Add(1) - 1
				if i >= int64(len(paths)) {
					return
				}
				if rate > 0 {
					time.Sleep(time.Until(start.Add(time.Duration(float64(i) / rate * float64(time.Second)))))
				}
				do(paths[i])
				p.done.Add(1)
			}
		})
	}
	workers.Wait()
	p.end()
}

// progress draws the progress of a walk ten times a second, until end is called.
type progress struct {
	done  atomic.Int64
	total int
	w     io.Writer
	start time.Time
	stop  chan struct{}
	ended sync.WaitGroup
}

func newProgress(w io.Writer, total int) *progress {
	p := &progress{total: total, w: w, start: time.Now(), stop: make(chan struct{})}
	if !isTerminal(w) {
		return p
	}
	p.ended.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprint(w, "\r", p.line(time.Since(p.start)))
			case <-p.stop:
				fmt.Fprint(w, "\r\x1b[K")
				return
			}
		}
	})
	return p
}

func (p *progress) end() {
	close(p.stop)
	p.ended.Wait()
}

// line returns what the terminal shows after the given time.
func (p *progress) line(after time.Duration) string {
	const width = 30
	done := int(p.done.Load())
	share := float64(done) / float64(max(1, p.total))
	bar := strings.Repeat("=", int(share*width)) + strings.Repeat(" ", width-int(share*width))
	perSecond := float64(done) / max(after.Seconds(), 1e-3)
	left := "?"
	if done > 0 {
		left = (time.Duration(float64(p.total-done)/perSecond) * time.Second).String()
	}
	return fmt.Sprintf("[%s] %3.0f%% %d/%d files, %.0f/s, %s left \x1b[K", bar, share*100, done, p.total, perSecond, left)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
