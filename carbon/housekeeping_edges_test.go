package carbon

import (
	"archive/tar"
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/whisper/vfs"
)

// TestRestoreCountsFiles: a backup that lacks a whisper file is not whole, although its end is there.
func TestRestoreCountsFiles(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.send("line", "a 1 -1\nb 2 -1\n")
	f.received(2)
	in, out := tar.NewReader(bytes.NewReader(f.backupOf())), new(bytes.Buffer)
	w := tar.NewWriter(out)
	for {
		h, err := in.Next()
		if err == io.EOF {
			break
		}
		if err == nil && h.Name != "b.wsp" {
			if err = w.WriteHeader(h); err == nil {
				_, err = io.Copy(w, in)
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	o := f.o
	o.LocalDataDir = t.TempDir()
	if _, err := Restore(vfs.OS{}, o, out, false, func(string, int64) {}); err == nil || !strings.Contains(err.Error(), "not whole") {
		t.Errorf("without one of its files: %v", err)
	}
}

// TestRestoreIsDurable: what cannot be made durable is not restored.
func TestRestoreIsDurable(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.send("line", "a 1 -1\n")
	f.received(1)
	backup := f.backupOf()
	for want, fails := range map[error]bool{nil: false, errors.ErrUnsupported: false, syscall.EIO: true} {
		o := f.o
		o.LocalDataDir = t.TempDir()
		synced := false
		fsys := &vfs.Fail{FS: vfs.OS{}, Hook: func(op vfs.Op) error {
			if op.Kind != "SyncFS" {
				return nil
			}
			_, err := os.Stat(filepath.Join(o.LocalDataDir, "a.wsp"))
			synced = err == nil // after the files are there
			return want
		}}
		if _, err := Restore(fsys, o, bytes.NewReader(backup), false, func(string, int64) {}); (err != nil) != fails || !synced {
			t.Errorf("a sync that gives %v: %v, synced: %v", want, err, synced)
		}
	}
}

// TestStaleAtTheEdge: a file that has not changed for just DELETE_STALE_AFTER stays.
func TestStaleAtTheEdge(t *testing.T) {
	clock := time.Unix(time.Now().Unix(), 0)
	f := startDaemon(t, Deps{Clock: func() time.Time { return clock }}, func(o *conf.Options) { o.StaleAfter = 24 * time.Hour })
	f.send("line", "edge 1 -1\nold 1 -1\n")
	f.received(2)
	f.until("all is written", func() bool { return f.Cache().Size() == 0 })
	for name, at := range map[string]time.Time{"edge": clock.Add(-24 * time.Hour), "old": clock.Add(-24*time.Hour - time.Second)} {
		if err := os.Chtimes(filepath.Join(f.o.LocalDataDir, name+".wsp"), at, at); err != nil {
			t.Fatal(err)
		}
	}
	if n := f.removeStale(t.Context()); n != 1 || !f.names.Has("edge") || f.names.Has("old") {
		t.Errorf("%d series removed; edge is there: %v, old: %v", n, f.names.Has("edge"), f.names.Has("old"))
	}
}

// TestTrashKeepsWhatIsNotOurs: only folders that were made for a removal go for good, and none
// before its time is over.
func TestTrashKeepsWhatIsNotOurs(t *testing.T) {
	root, at := t.TempDir(), time.Date(2023, 11, 14, 22, 13, 20, 0, time.UTC)
	for _, folder := range []string{at.Format(trashStamp), at.Add(-time.Second).Format(trashStamp), "mine"} {
		path := filepath.Join(root, trashFolder, folder, "a.wsp")
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, nil, 0o644)); err != nil {
			t.Fatal(err)
		}
	}
	if n, err := emptyTrash(vfs.OS{}, root, at); n != 1 || err != nil {
		t.Errorf("%d files removed for good, %v; want the one of a second before", n, err)
	}
	for _, folder := range []string{at.Format(trashStamp), "mine"} {
		if _, err := os.Stat(filepath.Join(root, trashFolder, folder, "a.wsp")); err != nil {
			t.Error(err)
		}
	}
}
