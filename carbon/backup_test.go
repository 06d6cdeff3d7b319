package carbon

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/whisper/vfs"
)

// backupOf returns the backup of a daemon as a tar.
func (f *fixture) backupOf() []byte {
	f.t.Helper()
	var out bytes.Buffer
	err := f.Backup(f.t.Context(), &out, func(begin func(string, int64) (io.Writer, error)) error {
		w, err := begin("more", 4)
		if err == nil {
			_, err = w.Write([]byte("more"))
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return out.Bytes()
}

// TestBackup is made while points come in and are written: all that were received before are in it,
// and every file is whole.
func TestBackup(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	now := time.Now().Unix() / 10 * 10
	const series = 40
	send := func(at int64) {
		var b strings.Builder
		for i := range series {
			fmt.Fprintf(&b, "s%d %d %d\nt;n=%d %d %d\n", i, at%1000, at, i, at%1000, at)
		}
		if err := f.trySend("line", b.String()); err != nil {
			t.Error(err)
		}
	}
	for k := range int64(20) {
		send(now - 400 + k*10)
	}
	f.received(20 * series * 2)
	ctx, cancel := context.WithCancel(t.Context())
	var sending sync.WaitGroup
	sending.Go(func() {
		for k := int64(20); k < 40 && ctx.Err() == nil; k++ {
			send(now - 400 + k*10)
		}
	})
	backup := f.backupOf()
	cancel()
	sending.Wait()
	f.stop()

	o := f.o
	o.LocalDataDir = t.TempDir()
	names := map[string]bool{}
	sum, err := Restore(vfs.OS{}, o, bytes.NewReader(backup), false, func(name string, _ int64) { names[name] = true })
	if err != nil || sum.Files != 2*series || !names["more"] || !names[tagLogFile] {
		t.Fatalf("restored %+v, %v", sum, err)
	}
	if _, err := Restore(vfs.OS{}, o, bytes.NewReader(backup), false, func(string, int64) {}); !errors.Is(err, ErrNotEmpty) {
		t.Errorf("into a folder that is not empty: %v", err)
	}
	if _, err := Restore(vfs.OS{}, o, bytes.NewReader(backup), true, func(string, int64) {}); err != nil {
		t.Errorf("over what is there: %v", err)
	}
	g := startDaemon(t, Deps{}, func(p *conf.Options) { p.LocalDataDir = o.LocalDataDir })
	want := map[int64]float64{}
	for k := range int64(20) {
		want[now-400+k*10] = float64((now - 400 + k*10) % 1000)
	}
	for i := range series {
		for _, name := range []string{fmt.Sprintf("s%d", i), fmt.Sprintf("t;n=%d", i)} {
			got := g.values(name, now-410, now-210, now)
			if !maps.Equal(got, want) {
				t.Fatalf("%s has %v, want %v", name, got, want)
			}
		}
	}
	if n := g.Tags().Len(); n != series {
		t.Errorf("%d tagged series are known, want %d", n, series)
	}
}

// TestBackupThatIsNotWhole: cut at any file, or changed so that it leads elsewhere, it is refused.
func TestBackupThatIsNotWhole(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	f.send("line", "a 1 -1\nb 2 -1\n")
	f.received(2)
	whole := f.backupOf()
	o := f.o
	restore := func(b []byte) error {
		o.LocalDataDir = t.TempDir()
		_, err := Restore(vfs.OS{}, o, bytes.NewReader(b), false, func(string, int64) {})
		return err
	}
	if err := restore(whole); err != nil {
		t.Fatal(err)
	}
	for cut := 0; cut < len(whole)-1024; cut += 512 * 7 {
		if err := restore(whole[:cut]); err == nil {
			t.Fatalf("cut after %d of %d bytes it is taken for whole", cut, len(whole))
		}
	}
	var evil bytes.Buffer
	w := tar.NewWriter(&evil)
	if err := errors.Join(w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: "../x.wsp"}), w.Close()); err != nil {
		t.Fatal(err)
	}
	if err := restore(evil.Bytes()); err == nil || !strings.Contains(err.Error(), "../x.wsp") {
		t.Errorf("a name that leads out: %v", err)
	}
	if _, err := Restore(vfs.OS{}, f.o, bytes.NewReader(whole), true, func(string, int64) {}); !errors.Is(err, ErrLocked) {
		t.Errorf("into the folder of a daemon: %v", err)
	}
	d, err := New(o, Deps{FS: vfs.OS{}, Spec: testSpec, Clock: time.Now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if err := d.Backup(t.Context(), io.Discard, nil); !errors.Is(err, ErrNotRunning) {
		t.Errorf("before the start: %v", err)
	}
}

// TestLostFound: what only root may read, at the root of a file system, keeps nobody from a backup,
// from a restore into that, nor from looking at the files.
func TestLostFound(t *testing.T) {
	hook := func(op vfs.Op) error {
		if op.Kind == "ReadDir" && filepath.Base(op.Name) == "lost+found" {
			return syscall.EACCES
		}
		return nil
	}
	fsys := &vfs.Fail{FS: vfs.OS{}, Hook: hook}
	f := startDaemon(t, Deps{FS: fsys}, nil)
	f.send("line", "a.b 1 -1\n")
	f.received(1)
	lost := func(dir string) {
		if err := os.Mkdir(filepath.Join(dir, "lost+found"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	lost(f.o.LocalDataDir)
	whole := f.backupOf()
	f.stop()
	if _, err := OpenStore(f.o, fsys, time.Now); err != nil {
		t.Error(err)
	}
	if found, err := Stale(fsys, f.o.LocalDataDir, time.Now().Unix()+100, false, time.Now()); err != nil || len(found) != 1 {
		t.Errorf("%v, %v", found, err)
	}
	o := f.o
	o.LocalDataDir = t.TempDir()
	lost(o.LocalDataDir)
	if sum, err := Restore(fsys, o, bytes.NewReader(whole), false, func(string, int64) {}); err != nil || sum.Files != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
}
