package carbon

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/whisper/vfs"
)

func TestMark(t *testing.T) {
	o := conf.DefaultOptions()
	o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port = t.TempDir(), 0, 0, 0
	begin := func() *Daemon {
		d, err := New(o, Deps{FS: vfs.OS{}, Spec: testSpec, Clock: time.Now, Log: zerolog.Nop()})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	if _, err := ReadMark(vfs.OS{}, o.LocalDataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a server: %v", err)
	}
	first := begin()
	if err := first.LeaveMark("http://127.0.0.1:8080", "/etc/carbon.conf"); err != nil {
		t.Fatal(err)
	}
	m, err := ReadMark(vfs.OS{}, o.LocalDataDir)
	if want := (Mark{ID: first.ID(), PID: os.Getpid(), URL: "http://127.0.0.1:8080", Config: "/etc/carbon.conf"}); m != want || err != nil {
		t.Errorf("%+v, %v; want %+v", m, err, want)
	}
	first.Close()
	if _, err := ReadMark(vfs.OS{}, o.LocalDataDir); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("after the end: %v", err)
	}
	second := begin()
	defer second.Close()
	if second.ID() == first.ID() || second.ID() == "" {
		t.Errorf("two daemons have the id %q", second.ID())
	}
	for _, text := range []string{"", "{}", `{"id":"x"}`, "no JSON"} {
		if err := os.WriteFile(filepath.Join(o.LocalDataDir, markFile), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadMark(vfs.OS{}, o.LocalDataDir); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%q: %v", text, err)
		}
	}
}
