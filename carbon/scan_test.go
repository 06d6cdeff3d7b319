package carbon

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/whisper/vfs"
)

// tree is a folder of empty files and the scanner that follows it.
type tree struct {
	*scanner
	t      *testing.T
	points map[string]bool // names that have points waiting
}

func newTree(t *testing.T) *tree {
	tr := &tree{t: t, points: map[string]bool{}}
	names := index.New()
	t.Cleanup(func() { names.Close() })
	tr.scanner = &scanner{
		fsys: vfs.OS{}, root: t.TempDir(), names: names, tags: index.NewTags(names), clock: time.Now, sweep: time.Now().Add(time.Hour),
		packed: &packedFiles{},
		hash:   true, forget: func(name string, f func()) bool {
			if !tr.points[name] {
				f()
			}
			return !tr.points[name]
		},
	}
	return tr
}

func (tr *tree) touch(files ...string) {
	tr.t.Helper()
	for _, f := range files {
		path := filepath.Join(tr.root, f)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			tr.t.Fatal(err)
		}
		if err := os.WriteFile(path, nil, 0o644); err != nil {
			tr.t.Fatal(err)
		}
	}
}

func (tr *tree) remove(what string) {
	tr.t.Helper()
	if err := os.RemoveAll(filepath.Join(tr.root, what)); err != nil {
		tr.t.Fatal(err)
	}
}

// want scans and compares all names.
func (tr *tree) want(when string, names ...string) {
	tr.t.Helper()
	if err := tr.scan(); err != nil {
		tr.t.Errorf("%s: %v", when, err)
	}
	if got := slices.Collect(tr.names.Names()); strings.Join(got, " ") != strings.Join(names, " ") {
		tr.t.Errorf("%s: %q, want %q", when, got, names)
	}
}

func TestScanFollowsTheDisk(t *testing.T) {
	tr := newTree(t)
	tr.want("an empty folder")
	tr.touch("a/b.wsp", "a/b/c.wsp", "d.wsp", "a/no-metric.txt", "a/x.y.wsp", ".hidden/z.wsp", "a/.wsp")
	tr.want("files", "a.b", "a.b.c", "d")
	tr.touch("a/b/new.wsp", "e/f/g.wsp")
	tr.want("new files and folders", "a.b", "a.b.c", "a.b.new", "d", "e.f.g")
	tr.remove("a/b/c.wsp")
	tr.want("a file removed", "a.b", "a.b.new", "d", "e.f.g")
	tr.remove("e")
	tr.remove("d.wsp")
	tr.want("a folder removed", "a.b", "a.b.new")
	if err := os.Rename(filepath.Join(tr.root, "a"), filepath.Join(tr.root, "z")); err != nil {
		t.Fatal(err)
	}
	tr.want("a folder renamed", "z.b", "z.b.new")
	tr.names.Add("z.unwritten")
	tr.points["z.unwritten"] = true
	tr.touch("z/other.wsp")
	tr.want("a name whose file is still to come", "z.b", "z.b.new", "z.other", "z.unwritten")
}

func TestScanFollowsLinks(t *testing.T) {
	tr := newTree(t)
	tr.touch("a/b.wsp")
	for link, to := range map[string]string{"link": "a", "a/circle": "..", "c.wsp": "a/b.wsp", "nowhere": "no/such"} {
		if err := os.Symlink(to, filepath.Join(tr.root, link)); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	if err := tr.scan(); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.b", "c", "link.b"} {
		if !tr.names.Has(name) {
			t.Errorf("%s was not found", name)
		}
	}
}

// TestScanOddFolders: a folder whose name reads as a pattern is a folder.
func TestScanOddFolders(t *testing.T) {
	tr := newTree(t)
	tr.touch("a{b}/c.wsp", "ab/c.wsp", "[x]/c.wsp", "x/c.wsp", "x/d;t=1.wsp")
	tr.want("files", "[x].c", "ab.c", "a{b}.c", "x.c", "x.d;t=1")
	tr.remove("a{b}/c.wsp")
	tr.remove("[x]")
	tr.remove("x/d;t=1.wsp")
	tr.want("removed", "ab.c", "x.c")
}

func TestScanTaggedSeries(t *testing.T) {
	tr := newTree(t)
	const name = "disk.used;dc=1;host=a"
	file := naming.RelativePath(name, false) + naming.FileSuffix
	tr.touch(file)
	tr.want("a tagged file", naming.TreeName(name, false))
	if !tr.tags.Has(name) {
		t.Error("its series is not in the index of tags")
	}
	tr.remove(file)
	tr.want("removed")
	if tr.tags.Has(name) {
		t.Error("its series is still in the index of tags")
	}
}

func TestFirstScanRemovesTemporaryFiles(t *testing.T) {
	tr := newTree(t)
	tr.touch("a/b.wsp", "a/.graphited-abc.tmp")
	tr.want("first", "a.b")
	if _, err := os.Stat(filepath.Join(tr.root, "a/.graphited-abc.tmp")); !os.IsNotExist(err) {
		t.Errorf("the temporary file is still there: %v", err)
	}
	tr.touch("a/.graphited-def.tmp")
	tr.want("later", "a.b")
	if _, err := os.Stat(filepath.Join(tr.root, "a/.graphited-def.tmp")); err != nil {
		t.Errorf("a temporary file of our own was removed: %v", err)
	}
}

// TestRemovedFileIsFoundAgain: the series is in the cache still, so that only the writer can tell
// that it has a file again.
func TestRemovedFileIsFoundAgain(t *testing.T) {
	b := newBench(t, nil)
	b.known.names.Add("s")
	addPoint(b.cache, "s", benchTime, 1)
	b.rounds(1)
	if err := b.fsys.Remove(naming.FilePath("/data", "s", true)); err != nil {
		t.Fatal(err)
	}
	b.known.names.Delete("s")
	addPoint(b.cache, "s", benchTime, 2)
	b.rounds(1)
	if !b.known.names.Has("s") {
		t.Error("the name is not in the index")
	}
	if got := b.points("s"); len(got) != 1 {
		t.Errorf("s has %v, want the second point", got)
	}
}

// TestUnreadableFolder is told when it is first seen, when its reason is another and when it can be
// read again, not at each scan; all others are looked at. What a file system has as lost+found is
// no word worth.
func TestUnreadableFolder(t *testing.T) {
	tr := newTree(t)
	tr.touch("a/x.wsp", "b/c/y.wsp", "d/z.wsp")
	why := map[string]error{}
	fail := func(folder string, err error) { why[filepath.Join(tr.root, folder)] = err }
	tr.fsys = &vfs.Fail{FS: vfs.OS{}, Hook: func(op vfs.Op) error {
		if op.Kind == "ReadDir" {
			return why[op.Name]
		}
		return nil
	}}
	var told []string
	tr.tellUnread = func(folder, why string) {
		told = append(told, strings.TrimPrefix(folder, tr.root+string(filepath.Separator))+": "+why)
	}
	for _, folder := range []string{"lost+found", "b/lost+found"} {
		if err := os.MkdirAll(filepath.Join(tr.root, folder), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	fail("lost+found", syscall.EACCES)
	tr.want("with lost+found", "a.x", "b.c.y", "d.z")
	if len(told) > 0 || tr.unreadable() != "" {
		t.Errorf("lost+found is told: %q; %s", told, tr.unreadable())
	}
	scans := func(want ...string) {
		t.Helper()
		told = nil
		for range 3 {
			_ = tr.scan()
		}
		if slices.Sort(told); !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
	}
	for _, folder := range []string{"b", "b/lost+found"} { // the latter is not at the root of a file system
		fail(folder, syscall.EACCES)
		if err := os.Chtimes(filepath.Join(tr.root, folder), time.Now(), time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	tr.touch("a/new.wsp")
	scans("b/lost+found: permission denied", "b: permission denied")
	if got := strings.Join(slices.Collect(tr.names.Names()), " "); got != "a.new a.x b.c.y d.z" {
		t.Errorf("the names are %s", got)
	}
	if got := tr.unreadable(); !strings.Contains(got, "(2)") || !strings.Contains(got, filepath.Join(tr.root, "b")+": permission denied") {
		t.Errorf("/health says %q", got)
	}
	fail("b", syscall.EIO)
	scans("b: input/output error")
	clear(why)
	scans("b/lost+found: ", "b: ")
	if got := tr.unreadable(); got != "" {
		t.Errorf("/health still says %q", got)
	}
}
