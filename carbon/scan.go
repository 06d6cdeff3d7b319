package carbon

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"graphited/carbon/index"
	"graphited/whisper/vfs"
)

const (
	fileSuffix   = ".wsp"
	scanInterval = 30 * time.Second // between two looks at the folders
	scanSettle   = 2 * time.Second  // a folder that changed within this time before it was listed is listed again: its clock may be coarse
)

// scanner keeps the index in step with the whisper files on disk: files that appear (a restore, rsync) are found, those that vanish (rm) are not found any more.
// It lists a folder only when the folder's time has changed, and opens no file. It belongs to one goroutine.
type scanner struct {
	fsys    vfs.FS
	root    string
	names   *index.Tree
	tags    *index.Tags
	waiting func(name string) bool // whether a name, as find shows it, has points that wait for their file
	clock   func() time.Time
	folders map[string]*folder // by their prefix: the names of the folders above and their own, a dot behind each

	first bool
	files int // seen in the folders that were listed
	gone  map[string]bool
	err   error
}

// folder is what is remembered of a folder between two scans.
type folder struct {
	mtime    int64 // 0: to be listed again
	children []string
}

// scan brings the index up to date. Folders are followed through symbolic links as Graphite does.
// A folder that cannot be read keeps its names; the first such error is returned after everything else has been looked at.
func (s *scanner) scan() error {
	s.files, s.gone, s.err = 0, map[string]bool{}, nil
	if s.first = s.folders == nil; s.first {
		s.folders = map[string]*folder{}
	}
	s.visit(s.root, "", nil)
	s.forgetTagged()
	return s.err
}

// run scans each interval until ctx ends. fail is told when a scan could not read everything.
func (s *scanner) run(ctx context.Context, fail func(error)) {
	every(ctx, scanInterval, func() {
		if err := s.scan(); err != nil {
			fail(err)
		}
	})
}

// every calls f each interval, the first time after one, until ctx ends.
func every(ctx context.Context, interval time.Duration, f func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			f()
		}
	}
}

// above is a folder that is being visited and those it is in: where symbolic links go in circles, one of them comes again.
type above struct {
	dev, inode uint64
	next       *above
}

func (a *above) has(info vfs.Info) bool {
	for ; a != nil; a = a.next {
		if a.inode != 0 && a.dev == info.Dev && a.inode == info.Inode { // 0: the system does not tell
			return true
		}
	}
	return false
}

// visit looks at one folder and those below it.
func (s *scanner) visit(path, prefix string, up *above) {
	info, err := s.fsys.Stat(path)
	if err != nil {
		s.fail(err)
		return
	}
	if up.has(info) {
		return
	}
	f := s.folders[prefix]
	if f == nil {
		f = &folder{}
		s.folders[prefix] = f
	}
	if f.mtime == 0 || f.mtime != info.Mtime {
		f.mtime = info.Mtime
		if s.clock().UnixNano()-info.Mtime < int64(scanSettle) {
			f.mtime = 0
		}
		s.list(f, path, prefix)
	}
	up = &above{info.Dev, info.Inode, up}
	for _, child := range f.children {
		s.visit(filepath.Join(path, child), prefix+child+".", up)
	}
}

// list reads a folder: what is new in it goes to the index, what is gone leaves it.
func (s *scanner) list(f *folder, path, prefix string) {
	entries, err := s.fsys.ReadDir(path)
	if err != nil {
		f.mtime = 0
		s.fail(err)
		return
	}
	before := f.children
	f.children = nil
	leaves, branches := map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		switch node, isLeaf := s.entry(path, e); {
		case node == "":
			if s.first && vfs.IsTemp(e.Name) {
				s.fsys.Remove(filepath.Join(path, e.Name)) // an earlier process has begun it, and nobody else writes here
			}
		case isLeaf:
			leaves[prefix+node] = true
			s.file(prefix, node)
		default:
			branches[node] = true
			f.children = append(f.children, node)
		}
	}
	for _, child := range before {
		if !branches[child] {
			delete(s.folders, prefix+child+".")
			s.forget(prefix+child+".**", nil)
		}
	}
	s.forget(prefix+"*", leaves)
}

// entry says what a folder's entry is to the index: the node of a leaf, that of a branch, or nothing.
// Names with dots lead nowhere: they are temporary files, or what no metric's name can mean.
func (s *scanner) entry(path string, e vfs.Entry) (node string, isLeaf bool) {
	kind := e.Type
	if kind&fs.ModeSymlink != 0 {
		if info, err := s.fsys.Stat(filepath.Join(path, e.Name)); err == nil {
			kind = info.Mode.Type()
		}
	}
	node = e.Name
	if !kind.IsDir() {
		if node, isLeaf = strings.CutSuffix(e.Name, fileSuffix); !isLeaf {
			return "", false
		}
	}
	if strings.Contains(node, ".") {
		return "", false
	}
	return node, isLeaf
}

// file takes a whisper file into the index.
func (s *scanner) file(prefix, node string) {
	s.files++
	if strings.HasPrefix(prefix, taggedFolder) {
		// A hashed name says nothing of the series in the file.
		if canon, err := index.ParseTagged(strings.ReplaceAll(node, "_DOT_", ".")); err == nil && isTagged(canon) {
			s.tags.Add(canon)
		}
	}
	s.names.Add(prefix + node)
}

// forget takes the leaves that match a pattern, apart from those that are there, out of the index; those with waiting points stay, since they will have a file.
func (s *scanner) forget(pattern string, there map[string]bool) {
	var gone []string
	for name, leaf := range s.names.Find(pattern) {
		if leaf && !there[name] && !s.waiting(name) {
			gone = append(gone, strings.Clone(name))
		}
	}
	for _, name := range gone {
		// Its file may have been made after the folder was listed.
		if _, err := s.fsys.Stat(filepath.Join(s.root, filepath.FromSlash(index.MetricFile(name))) + fileSuffix); !errors.Is(err, fs.ErrNotExist) {
			continue
		}
		s.names.Delete(name)
		if strings.HasPrefix(name, taggedFolder) {
			s.gone[name] = true
		}
	}
}

// forgetTagged takes the tagged series whose files are gone out of the index of tags.
func (s *scanner) forgetTagged() {
	if len(s.gone) == 0 {
		return
	}
	for _, name := range s.tags.Names() {
		if s.gone[treeName(name, true)] || s.gone[treeName(name, false)] {
			s.tags.Delete(name)
		}
	}
}

func (s *scanner) fail(err error) {
	if s.err == nil && !errors.Is(err, fs.ErrNotExist) {
		s.err = err
	}
}
