package carbon

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"graphited/whisper/vfs"
)

func TestTaggedSeriesAreFoundAfterAStart(t *testing.T) {
	for i := range 4 {
		hash, kept := i&1 > 0, i&2 > 0
		f := startDaemon(t, Deps{}, func(o *Options) { o.HashTagged = hash })
		now := time.Now().Unix()
		f.send("line", fmt.Sprintf("disk.used;host=b;dc=1 5 %d\ndisk.used;dc=1;host=a 6 %d\ndisk.used;dc=2;host=a 7 %d\n", now, now, now))
		f.received(3)
		want := []string{"disk.used;dc=1;host=a", "disk.used;dc=1;host=b"}
		check := func(f *fixture, when string) {
			t.Helper()
			found, err := f.Store().FindTagged(t.Context(), []string{"name=disk.used", "dc=1"})
			if err != nil {
				t.Fatal(err)
			}
			if got := slices.Collect(found); !slices.Equal(got, want) {
				t.Errorf("hashed %v, %s: found %q, want %q", hash, when, got, want)
			}
			if got := f.values(want[1], now-20, now, now); len(got) != 1 {
				t.Errorf("hashed %v, %s: %s has %v", hash, when, want[1], got)
			}
		}
		check(f, "at once")
		f.stop()

		dir := f.o.LocalDataDir
		list := filepath.Join(dir, tagLogFile)
		text, err := os.ReadFile(list)
		if err != nil {
			t.Fatal(err)
		}
		// What a crash, a hand and a removed file can leave behind.
		damaged := string(text) + "no tags\nb;z=1;a=2\n" + string(text) + "gone;a=1\ndisk.used;dc=9;ho"
		if err := os.WriteFile(list, []byte(damaged), 0o644); err != nil {
			t.Fatal(err)
		}
		if !kept {
			if err := os.Remove(filepath.Join(dir, indexFile)); err != nil {
				t.Fatal(err)
			}
		}
		again := startDaemon(t, Deps{}, func(o *Options) { o.LocalDataDir, o.HashTagged = dir, hash })
		check(again, "after a start")
		again.until("what has no file is forgotten", func() bool { return again.tags.Len() == 3 })
		again.stop()
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		slices.Sort(lines)
		cleaned, err := os.ReadFile(list)
		if want := strings.Join(lines, "\n") + "\n"; err != nil || string(cleaned) != want {
			t.Errorf("hashed %v, kept %v: the list is %q, want it cleaned to %q (%v)", hash, kept, cleaned, want, err)
		}
	}
}

func TestTaggedFilesCalledTheOtherWay(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *Options) { o.HashTagged = false })
	now := time.Now().Unix() / 10 * 10
	const name = "disk.used;dc=1;host=a"
	f.send("line", fmt.Sprintf("%s 5 %d\n", name, now-10))
	f.received(1)
	f.stop()
	again := startDaemon(t, Deps{}, func(o *Options) { o.LocalDataDir = f.o.LocalDataDir })
	if got := again.values(name, now-30, now, now); len(got) != 1 {
		t.Errorf("called by its name, the file gives %v", got)
	}
	again.send("line", fmt.Sprintf("%s 6 %d\n", name, now))
	again.received(1)
	again.stop()
	if got := again.values(name, now-30, now, now); len(got) != 2 {
		t.Errorf("after an update: %v, want both points", got)
	}
	if _, err := os.Stat(filePath(f.o.LocalDataDir, name, true)); err != nil {
		t.Errorf("the file was not renamed: %v", err)
	}
}

// TestTagLogOnAFullDisk: names that cannot be written are written later, in one piece, and the log must not be shortened while they are kept nowhere.
func TestTagLogOnAFullDisk(t *testing.T) {
	full := false
	mem := vfs.NewMem()
	fsys := &vfs.Fail{FS: mem, Short: true, Hook: func(op vfs.Op) error {
		if full && op.Kind == "WriteAt" {
			return syscall.ENOSPC
		}
		return nil
	}}
	if err := mem.MkdirAll("/data", 0o755); err != nil {
		t.Fatal(err)
	}
	k, _ := keptIndexIn(t, fsys)
	add := func(name string) {
		k.tags.Add(name)
		_ = k.tagged.add(name)
	}
	add("a;t=1")
	full = true
	add("a;t=2")
	add("a;t=3")
	if err := k.keep(); err == nil {
		t.Error("names that are kept nowhere are not told")
	}
	full = false
	add("a;t=4")
	if err := k.keep(); err != nil {
		t.Error(err)
	}
	if list, err := vfs.ReadFile(mem, filepath.Join("/data", tagLogFile)); err != nil || string(list) != "a;t=1\na;t=2\na;t=3\na;t=4\n" {
		t.Errorf("the list is %q, %v", list, err)
	}
}
