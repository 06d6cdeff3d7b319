package carbon

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/carbon/tally"
	"graphited/whisper/vfs"
)

// TestStartFromKeptIndex starts on a folder that was changed while nothing ran: at once there is
// what the index says, and soon what the folder says.
func TestStartFromKeptIndex(t *testing.T) {
	f := startDaemon(t, Deps{}, nil)
	now := time.Now().Unix()
	f.send("line", fmt.Sprintf("a.b.c 1 %d\na.b.d 1 %d\na.x 1 %d\nlone 1 %d\ns;t=1 1 %d\ns;t=2 1 %d\n", now, now, now, now, now, now))
	f.received(6)
	f.stop()
	dir := f.o.LocalDataDir
	for _, gone := range []string{"a/b", "lone.wsp", naming.RelativePath("s;t=1", true) + naming.FileSuffix} {
		if err := os.RemoveAll(filepath.Join(dir, gone)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(dir, "copy"), os.DirFS(filepath.Join(dir, "a"))); err != nil {
		t.Fatal(err)
	}
	stale := filepath.Join(dir, "a", ".graphited-old.tmp")
	if err := os.WriteFile(stale, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(stale, time.Unix(now-60, 0), time.Unix(now-60, 0)); err != nil {
		t.Fatal(err)
	}
	again := startDaemon(t, Deps{}, func(o *conf.Options) { o.LocalDataDir = dir })
	if !again.scanner.known {
		t.Error("the index was not read from its file")
	}
	again.until("the index follows the disk", func() bool {
		names := slices.Collect(maps.Keys(maps.Collect(again.names.Find("[!_]*.**"))))
		slices.Sort(names)
		_, err := os.Stat(stale)
		return strings.Join(names, " ") == "a.x copy.x" && !again.names.Has("lone") && again.names.Len() == 3 && strings.Join(again.tags.Names(), " ") == "s;t=2" && os.IsNotExist(err)
	})
}

// keptIndexIn returns an index and its file in a folder that has what an earlier process kept
// there.
func keptIndexIn(t *testing.T, fsys vfs.FS) (k *keptIndex, ok bool) {
	t.Helper()
	names := index.New()
	t.Cleanup(func() { names.Close() })
	tags := index.NewTags(names)
	k = newKeptIndex(fsys, "/data", names, tags, tally.NewLogs(zerolog.Nop()))
	known, ok := k.load()
	from := &known
	if !ok {
		from = nil
	}
	var err error
	if k.tagged, err = openTagLog(fsys, "/data", names, tags, from, false); err != nil {
		t.Fatal(err)
	}
	return k, ok
}

// learn makes series known as the intake does.
func (k *keptIndex) learn(t *testing.T, series ...string) {
	t.Helper()
	for _, s := range series {
		k.names.Add(naming.TreeName(s, true))
		if naming.IsTagged(s) && k.tags.Add(s) {
			if err := k.tagged.add(s); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestKeptIndexAfterACrash: whatever a power cut leaves, the file is there as it was once saved,
// and knows the tagged series of that time.
func TestKeptIndexAfterACrash(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 8))
		mem := vfs.NewMem()
		if err := mem.MkdirAll("/data", 0o755); err != nil {
			t.Fatal(err)
		}
		k, _ := keptIndexIn(t, mem)
		saved, n := 0, 0
		learn := func() {
			n++
			k.learn(t, fmt.Sprintf("a.n%d", n), fmt.Sprintf("s;t=%d", n))
		}
		for range r.IntN(6) {
			if learn(); r.IntN(2) == 0 {
				if err := k.save(); err != nil {
					t.Fatal(err)
				}
				saved = n
			}
		}
		trying := saved
		if r.IntN(2) == 0 {
			learn()
			trying = n
			k.fsys = vfs.FailNth(mem, 1+r.Int64N(6), true, errors.New("power"))
			_ = k.save()
		}
		learn()
		after, ok := keptIndexIn(t, mem.Crash(r))
		names := len(maps.Collect(after.names.Find("a.*")))
		if !ok && saved > 0 || names != saved && names != trying {
			t.Errorf("seed %d: %d names after the crash (file used: %v), saved were %d, being saved %d", seed, names, ok, saved, trying)
		}
		series := after.tags.Names()
		for _, s := range series {
			if !k.tags.Has(s) {
				t.Errorf("seed %d: %q is in the index of tags", seed, s)
			}
		}
		if len(series) < names {
			t.Errorf("seed %d: %d tagged series after the crash, saved were %d", seed, len(series), names)
		}
	}
}

// TestDamagedKeptIndex: what is not the file as it was written, is not used.
func TestDamagedKeptIndex(t *testing.T) {
	mem := vfs.NewMem()
	if err := mem.MkdirAll("/data", 0o755); err != nil {
		t.Fatal(err)
	}
	k, ok := keptIndexIn(t, mem)
	if ok {
		t.Error("there was no file, and it was used")
	}
	k.learn(t, "a.b", "c", "s;t=1")
	if err := k.save(); err != nil {
		t.Fatal(err)
	}
	data, err := vfs.ReadFile(mem, k.path)
	if err != nil {
		t.Fatal(err)
	}
	again := func(what string, content []byte, want bool) {
		t.Helper()
		if err := vfs.WriteFile(mem, k.path, content, 0o644); err != nil {
			t.Fatal(err)
		}
		k, ok := keptIndexIn(t, mem)
		if ok != want || want && (k.names.Len() != 3 || k.tags.Len() != 1) || !want && k.names.Len() > 0 {
			t.Errorf("%s: used %v, %d names, %d tagged series", what, ok, k.names.Len(), k.tags.Len())
		}
	}
	again("as it was", data, true)
	again("empty", nil, false)
	again("another version", []byte(strings.Replace(string(data), "index 1", "index 2", 1)), false)
	for n := range data {
		again(fmt.Sprintf("cut at %d", n), data[:n], false)
		changed := slices.Clone(data)
		changed[n] ^= 4
		again(fmt.Sprintf("byte %d changed", n), changed, false)
	}
	again("longer", append(slices.Clone(data), 0), false)
	if err := mem.Remove(filepath.Join("/data", tagLogFile)); err != nil {
		t.Fatal(err)
	}
	again("the list of tagged series is gone", data, true)
	if list, err := vfs.ReadFile(mem, filepath.Join("/data", tagLogFile)); err != nil || string(list) != "s;t=1\n" {
		t.Errorf("the list was written anew with %q, %v", list, err)
	}
}

// TestKeptIndexIsSavedOnce: without changes nothing is written.
func TestKeptIndexIsSavedOnce(t *testing.T) {
	mem := vfs.NewMem()
	if err := mem.MkdirAll("/data", 0o755); err != nil {
		t.Fatal(err)
	}
	k, _ := keptIndexIn(t, mem)
	k.learn(t, "a", "s;t=1")
	count := vfs.FailNth(mem, 1<<40, false, nil)
	k.fsys = count
	for i, want := range []bool{true, false, false} {
		before := count.Ops()
		if err := k.save(); err != nil {
			t.Fatal(err)
		}
		if wrote := count.Ops() > before; wrote != want {
			t.Errorf("save %d wrote: %v, want %v", i, wrote, want)
		}
	}
	k.names.Delete("a")
	k.fsys = vfs.FailNth(mem, 1, true, errors.New("full"))
	if err := k.save(); err == nil {
		t.Error("a save that failed was none")
	}
	k.fsys = mem
	if err := k.save(); err != nil {
		t.Fatal(err)
	}
	if again, ok := keptIndexIn(t, mem); !ok || again.names.Has("a") || again.tags.Len() != 1 {
		t.Error("the change was not saved after the failure")
	}
}
