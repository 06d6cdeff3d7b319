package carbon

import (
	"bytes"
	"errors"
	"fmt"
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
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// exact tells whether a store finds a leaf by its whole name.
func exact(t *testing.T, st *Store, name string) bool {
	t.Helper()
	for path, leaf := range st.Find(t.Context(), name) {
		if leaf && path == name {
			return true
		}
	}
	return false
}

// putFile makes a whisper file with one point.
func putFile(t *testing.T, fsys vfs.FS, path string, at int64) {
	t.Helper()
	err := errors.Join(fsys.MkdirAll(filepath.Dir(path), 0o755),
		whisper.Create(fsys, path, testSpec(""), at, []whisper.Point{{Time: at - 60, Value: 7}}, whisper.Options{}))
	if err != nil {
		t.Fatal(err)
	}
}

// TestFoundByName: what another process puts below the folder is there at once for who asks by its
// name, and costs a look a second before.
func TestFoundByName(t *testing.T) {
	looks := map[string]int{}
	fsys := &vfs.Fail{FS: vfs.NewMem(), Hook: func(op vfs.Op) error {
		if op.Kind == "Stat" {
			looks[op.Name]++
		}
		return nil
	}}
	if err := fsys.MkdirAll("/d", 0o755); err != nil {
		t.Fatal(err)
	}
	now := time.Unix(benchTime, 0)
	o := conf.DefaultOptions()
	o.LocalDataDir = "/d"
	st, err := OpenStore(o, fsys, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for range 10 {
		for range 10 {
			if exact(t, st, "a.b") {
				t.Fatal("a.b is found and not there")
			}
			now = now.Add(time.Second / 10)
		}
	}
	if n := looks["/d/a/b.wsp"]; n < 9 || n > 10 {
		t.Errorf("%d looks in ten seconds", n)
	}
	putFile(t, fsys, "/d/a/b.wsp", benchTime)
	now = now.Add(time.Second)
	for range 2 {
		if !exact(t, st, "a.b") {
			t.Fatal("a.b is not found")
		}
	}
	if got := slices.Collect(st.Names()); len(got) != 1 {
		t.Errorf("the index has %q", got)
	}
	for _, bad := range []string{"", ".", "..", "a..b", ".a.b", "a.b.", "/d/a/b", "a/b", "../d/a/b", "a\x00b", "x\n", "_tagged.x", ".trash.b", strings.Repeat("a", 300), ";a=b", "x;", "_tagged.abc.def.x;a=b"} {
		clear(looks)
		if exact(t, st, bad) || len(looks) > 0 {
			t.Errorf("%q leads to files: %v", bad, looks)
		}
	}
	clear(looks)
	for i := range 3 * maxMisses { // each costs a look for a file and one for a packed file
		exact(t, st, fmt.Sprint("m", i))
	}
	if len(looks) > 2*maxMisses || len(st.missed.now)+len(st.missed.before) > 2*maxMisses {
		t.Errorf("%d looks within a second, %d names remembered", len(looks), len(st.missed.now)+len(st.missed.before))
	}
}

// TestFoundPacked: a file that gzip has packed is there at once as well, where none was seen
// before, and the next look at the folders keeps it.
func TestFoundPacked(t *testing.T) {
	now := time.Unix(benchTime, 0)
	o := conf.DefaultOptions()
	o.LocalDataDir = t.TempDir()
	st, err := OpenStore(o, vfs.OS{}, func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.b", "m;a=1"} {
		if exact(t, st, name) {
			t.Fatalf("%s is found and not there", name)
		}
		for rel := range naming.AllPlaces(name, true) {
			writePacked(t, filepath.Join(o.LocalDataDir, rel+naming.PackedSuffix), testSpec("").Archives, whisper.Point{Time: benchTime - 60, Value: 7})
			break
		}
		now = now.Add(time.Second)
		s, err := st.Fetch(t.Context(), name, benchTime-120, benchTime, benchTime)
		if err != nil || !slices.Contains(s.Values, 7) || !exact(t, st, name) {
			t.Errorf("%s: %v, error %v, found %v", name, s.Values, err, exact(t, st, name))
		}
	}
}

func (t testFiles) has(name string) bool { return slices.Contains(t.tags.Names(), name) }

// testFiles is a daemon on a folder in memory, of which only start, scans and updates run.
type testFiles struct {
	*Daemon
	*testing.T
	logged *bytes.Buffer
}

func startOn(t *testing.T, mem vfs.FS, hash bool) testFiles {
	t.Helper()
	o := conf.DefaultOptions()
	o.LocalDataDir, o.LineAddr.Port, o.PickleAddr.Port, o.QueryAddr.Port, o.MetricInterval, o.Workers, o.WAL, o.HashTagged = "/d", 0, 0, 0, 0, 1, false, hash
	var logged bytes.Buffer
	d, err := New(o, Deps{FS: mem, Spec: testSpec, Clock: func() time.Time { return time.Unix(benchTime, 0) }, Log: zerolog.New(&logged)})
	if err == nil {
		err = d.load(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	d.running.open(t.Context())
	return testFiles{d, t, &logged}
}

// update receives a point of a series and writes it.
func (f testFiles) update(name string) {
	b := wire.NewBatch()
	wire.DecodeDatagram(b, fmt.Appendf(nil, "%s 8 %d\n", name, benchTime-10))
	f.newIntake(nil).add(b)
	f.writer.round(f.Context(), f.cache.Round("sorted", always))
	if n := f.cache.Size(); n > 0 {
		f.Errorf("%d points of %s are not written", n, name)
	}
}

// values returns how many points a series has.
func (f testFiles) values(name string) (n int) {
	s, err := f.store.Fetch(f.Context(), name, benchTime-600, benchTime, benchTime)
	if err != nil && !errors.Is(err, whisper.ErrNoData) {
		f.Fatal(err)
	}
	for _, v := range s.Values {
		if v == v {
			n++
		}
	}
	return n
}

// files lists the whisper files.
func (f testFiles) files(mem *vfs.Mem) (files []string) {
	for _, name := range mem.Names() {
		if strings.HasSuffix(name, naming.FileSuffix) {
			files = append(files, name)
		}
	}
	return files
}

// TestReadableTaggedFiles: the files of carbon with TAG_HASH_FILENAMES = False, or before 1.1.4,
// are found by tag, read, and go on, whatever is in the tags.
func TestReadableTaggedFiles(t *testing.T) {
	names := []string{"disk.used;host=web1;mount=/var/lib", "req;path=/a/{id};region=eu", "disk.used;host=web9;mount=/", "x;url=http://a.b/c//d", "lit_DOT_x;a=b.c_DOT_d", "plain;a=b"}
	slices.Sort(names)
	for _, hash := range []bool{false, true} {
		mem := vfs.NewMem()
		for _, name := range names {
			putFile(t, mem, "/d/"+index.TaggedFile(name, false)+naming.FileSuffix, benchTime)
		}
		f := startOn(t, mem, hash)
		if got := f.tags.Names(); !slices.Equal(got, names) {
			t.Errorf("the series are %q, want %q", got, names)
		}
		for _, name := range names {
			if n := f.values(name); n != 1 {
				t.Errorf("%s has %d points, want 1", name, n)
			}
			f.update(name)
			if n := f.values(name); n != 2 {
				t.Errorf("hash %v: %s has %d points after an update, want 2", hash, name, n)
			}
		}
		if got := f.files(mem); len(got) != len(names) {
			t.Errorf("hash %v: the files are %q", hash, got)
		}
		f.started()
		var saved bytes.Buffer
		if err := f.Backup(t.Context(), &saved, nil); err != nil || bytes.Count(saved.Bytes(), []byte(naming.FileSuffix+"\x00")) != len(names) {
			t.Errorf("hash %v: %v, %d files in a backup", hash, err, bytes.Count(saved.Bytes(), []byte(naming.FileSuffix+"\x00")))
		}
		if err := f.scanner.scan(); err != nil {
			t.Error(err)
		}
		if got := f.tags.Names(); !slices.Equal(got, names) {
			t.Errorf("hash %v: after the updates the series are %q", hash, got)
		}
		f.Close()
		// Under their new names as well, from the list alone.
		if err := mem.Remove("/d/" + indexFile); err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		f = startOn(t, mem, !hash)
		for _, name := range names {
			if !f.has(name) || f.values(name) != 2 {
				t.Errorf("hash %v: after a start %s is known: %v, and has %d points", hash, name, f.has(name), f.values(name))
			}
			f.update(name)
		}
		if got := f.files(mem); len(got) != len(names) || f.scanner.unnamed.files.Load() != 0 {
			t.Errorf("hash %v: the files are %q, %d without a name", !hash, got, f.scanner.unnamed.files.Load())
		}
		if removed, err := f.Remove(t.Context(), names); err != nil || !slices.Equal(removed, names) || len(f.tags.Names()) > 0 || f.names.Len() > 0 {
			t.Errorf("removed %q, %v; left %q and %d names", removed, err, f.tags.Names(), f.names.Len())
		}
		f.Close()
	}
}

// TestHashedFilesOfCarbon: their series cannot be known, but whoever asks by the whole name, or
// sends a point, tells.
func TestHashedFilesOfCarbon(t *testing.T) {
	mem := vfs.NewMem()
	const asked, sent = "foo;bar=baz2", "foo;bar=baz3"
	putFile(t, mem, "/d/_tagged/b34/2de/b342defa10cb579981c63ef78be5ac248f681f4bd2c35bc0209d3a7b9eb99346.wsp", benchTime)
	putFile(t, mem, naming.FilePath("/d", sent, true), benchTime)
	f := startOn(t, mem, true)
	unnamed := func(want int64) {
		t.Helper()
		f.scanner.scanSlowly(t.Context())
		if got := f.Status().Unnamed; got != want {
			t.Errorf("%d files have no known name, want %d", got, want)
		}
	}
	unnamed(2)
	unnamed(2)
	f.tags.Add("none;of=these") // has no file, as one that /tags/tagSeries has made known
	unnamed(2)
	f.tags.Delete("none;of=these")
	unnamed(2)
	if n := strings.Count(f.logged.String(), "their names are not known"); n != 1 {
		t.Errorf("told %d times: %s", n, f.logged)
	}
	if f.has(asked) || !exact(t, f.store, asked) || !f.has(asked) || f.values(asked) != 1 || exact(t, f.store, "foo;bar=other") {
		t.Error("a series is not found by its whole name, or another one is")
	}
	unnamed(1)
	f.update(sent)
	if !f.has(sent) || f.values(sent) != 2 {
		t.Errorf("a series that is received is known: %v, and has %d points", f.has(sent), f.values(sent))
	}
	unnamed(0)
	f.Close()
	if f = startOn(t, mem, true); !f.has(asked) || !f.has(sent) {
		t.Errorf("after a start the series are %q", f.tags.Names())
	}
	f.Close()
}

// TestPlainFileWithTags: go-carbon with tags turned off leaves tagged names as plain files. They
// are found and drawn as any file, and are no series of the index of tags.
func TestPlainFileWithTags(t *testing.T) {
	mem := vfs.NewMem()
	const name = "a.uptime;host=c1"
	putFile(t, mem, "/d/a/"+name[2:]+naming.FileSuffix, benchTime)
	f := startOn(t, mem, true)
	defer f.Close()
	for path, leaf := range f.store.Find(t.Context(), "a.up*") {
		if path != name || !leaf {
			t.Errorf("found %q, %v", path, leaf)
		}
	}
	if f.values(name) != 1 || !exact(t, f.store, name) {
		t.Errorf("%s has %d points, and is found by name: %v", name, f.values(name), exact(t, f.store, name))
	}
	if found, err := f.tags.Find([]string{"name=~a"}); err != nil || len(found) > 0 || f.tags.Len() > 0 {
		t.Errorf("by tags %q, %v", found, err)
	}
	if _, err := f.Remove(t.Context(), []string{name}); err != nil || exact(t, f.store, name) || f.names.Len() > 0 {
		t.Errorf("after its removal it is there: %v", err)
	}
}

// TestReceivedWhileScanned: a name that the scanner has forgotten, since there was neither a file
// nor a point of it, is found again with the first point.
func TestReceivedWhileScanned(t *testing.T) {
	mem := vfs.NewMem()
	f := startOn(t, mem, true)
	defer f.Close()
	in := f.newIntake(nil)
	for _, name := range []string{"a.b", "m;t=1"} {
		s := in.create([]byte(name))
		if err := mem.MkdirAll("/d/a", 0o755); err != nil {
			t.Fatal(err)
		}
		f.scanner.top = nil // as if each folder had changed
		if err := f.scanner.scan(); err != nil {
			t.Fatal(err)
		}
		f.tags.Delete(name)
		f.names.Delete(name)
		f.cache.Append(s, benchTime, 1, 0, 0)
		f.cache.Grow(1)
		if !f.names.Has(naming.TreeName(name, true)) || naming.IsTagged(name) && !f.has(name) {
			t.Errorf("%s is not found by its first point", name)
		}
		f.scanner.top = nil
		if err := f.scanner.scan(); err != nil || !f.names.Has(naming.TreeName(name, true)) || naming.IsTagged(name) && !f.has(name) {
			t.Errorf("%s has a point that waits, and is forgotten: %v", name, err)
		}
	}
}

// TestFailedRemoval: a removal that fails leaves no series behind that its next point does not make
// known.
func TestFailedRemoval(t *testing.T) {
	fail := false
	fsys := &vfs.Fail{FS: vfs.NewMem(), Hook: func(op vfs.Op) error {
		if fail && op.Kind == "Rename" {
			return errInjected
		}
		return nil
	}}
	f := startOn(t, fsys, true)
	defer f.Close()
	fail = true
	if _, err := f.Remove(t.Context(), []string{"m;t=1"}); err == nil {
		t.Error("the removal has not failed")
	}
	fail = false
	f.update("m;t=1")
	if !f.has("m;t=1") || f.values("m;t=1") != 1 {
		t.Errorf("known: %v, with %d points", f.has("m;t=1"), f.values("m;t=1"))
	}
}
