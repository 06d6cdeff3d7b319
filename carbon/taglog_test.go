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

	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/whisper/vfs"
)

func TestTaggedSeriesAreFoundAfterAStart(t *testing.T) {
	for i := range 4 {
		hash, kept := i&1 > 0, i&2 > 0
		f := startDaemon(t, Deps{}, func(o *conf.Options) { o.HashTagged = hash })
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
		again := startDaemon(t, Deps{}, func(o *conf.Options) { o.LocalDataDir, o.HashTagged = dir, hash })
		check(again, "after a start")
		again.until("what has no file is forgotten", func() bool { return again.tags.Len() == 3 })
		again.stop()
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		slices.Sort(lines)
		lines = append([]string{"gone;a=1"}, lines...) // its file may come back
		cleaned, err := os.ReadFile(list)
		if want := strings.Join(lines, "\n") + "\n"; err != nil || string(cleaned) != want {
			t.Errorf("hashed %v, kept %v: the list is %q, want it cleaned to %q (%v)", hash, kept, cleaned, want, err)
		}
	}
}

// TestTaggedFilesThatAreAwayAtAStart: the names of files that cannot be seen at a start, since
// their folder cannot be read or is not mounted, are known again when they are back.
func TestTaggedFilesThatAreAwayAtAStart(t *testing.T) {
	now := time.Now().Unix()
	for i := range 4 {
		kept, unread := i&1 > 0, i&2 > 0
		f := startDaemon(t, Deps{}, nil)
		f.send("line", fmt.Sprintf("a;t=1 1 %d\na;t=2 2 %d\na;t=3 3 %d\n", now, now, now))
		f.received(3)
		f.stop()
		dir := f.o.LocalDataDir
		forget := func() {
			if err := os.Remove(filepath.Join(dir, indexFile)); err != nil && !kept {
				t.Fatal(err)
			}
		}
		again := func(fsys vfs.FS) *fixture {
			return startDaemon(t, Deps{FS: fsys}, func(o *conf.Options) { o.LocalDataDir = dir })
		}
		if !kept {
			forget()
		}
		tagged := filepath.Join(dir, naming.TaggedRoot)
		fsys := vfs.FS(vfs.OS{})
		if unread {
			fsys = &vfs.Fail{FS: vfs.OS{}, Hook: func(op vfs.Op) error {
				if strings.HasPrefix(op.Name, tagged) {
					return syscall.EACCES
				}
				return nil
			}}
		} else if err := os.Rename(tagged, tagged+".away"); err != nil {
			t.Fatal(err)
		}
		g := again(fsys)
		g.send("line", fmt.Sprintf("b.c 1 %d\n", now))
		g.received(1)
		g.stop()
		if !unread {
			if err := os.Rename(tagged+".away", tagged); err != nil {
				t.Fatal(err)
			}
		}
		forget()
		g = again(vfs.OS{})
		if got := g.tags.Len(); got != 3 {
			t.Errorf("kept index %v, unreadable %v: %d tagged series are known when their files are back, want 3", kept, unread, got)
		}
		g.stop()
	}
}

// TestListOfTaggedSeriesDoesNotGrowWithoutEnd: series that went leave it when it is too long,
// unless no file can be seen at all.
func TestListOfTaggedSeriesDoesNotGrowWithoutEnd(t *testing.T) {
	old := "here;a=1\n"
	for i := 0; len(old) <= 2*maxIdleLog; i++ {
		old += fmt.Sprintf("gone;a=1;comment=%s;i=%d\n", strings.Repeat("x", 1000), i)
	}
	for _, test := range []struct {
		file, unread bool
		want         string
	}{{true, false, "here;a=1\n"}, {true, true, old}, {false, false, old}} {
		mem := vfs.NewMem()
		if err := mem.MkdirAll("/data", 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("/data", tagLogFile)
		if err := vfs.WriteFile(mem, path, []byte(old), 0o644); err != nil {
			t.Fatal(err)
		}
		names := index.New()
		defer names.Close()
		if test.file {
			names.Add(naming.TreeName("here;a=1", true))
		}
		l, err := openTagLog(mem, "/data", names, index.NewTags(names), nil, test.unread)
		if err != nil {
			t.Fatal(err)
		}
		l.close()
		if got, err := vfs.ReadFile(mem, path); err != nil || string(got) != test.want {
			t.Errorf("%+v: the list has %d bytes, want %d (%v)", test.file, len(got), len(test.want), err)
		}
	}
}

func TestTaggedFilesCalledTheOtherWay(t *testing.T) {
	f := startDaemon(t, Deps{}, func(o *conf.Options) { o.HashTagged = false })
	now := time.Now().Unix() / 10 * 10
	const name = "disk.used;dc=1;host=a"
	f.send("line", fmt.Sprintf("%s 5 %d\n", name, now-10))
	f.received(1)
	f.stop()
	again := startDaemon(t, Deps{}, func(o *conf.Options) { o.LocalDataDir = f.o.LocalDataDir })
	if got := again.values(name, now-30, now, now); len(got) != 1 {
		t.Errorf("called by its name, the file gives %v", got)
	}
	again.send("line", fmt.Sprintf("%s 6 %d\n", name, now))
	again.received(1)
	again.stop()
	if got := again.values(name, now-30, now, now); len(got) != 2 {
		t.Errorf("after an update: %v, want both points", got)
	}
	if _, err := os.Stat(naming.FilePath(f.o.LocalDataDir, name, true)); err != nil {
		t.Errorf("the file was not renamed: %v", err)
	}
}

// TestTagLogOnAFullDisk: names that cannot be written are written later, in one piece, and the log
// must not be shortened while they are kept nowhere.
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
