package carbon

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"graphited/carbon/index"
	"graphited/carbon/naming"
	"graphited/carbon/tally"
	"graphited/whisper/vfs"
)

const (
	scanInterval = 20 * time.Second // between two looks at the folders
	maxInterval  = 28 * time.Second // where a look takes long: what appears is to be found within half a minute
	scanMany     = 10_000           // files in the folders that a look had to list, after which the memory that took is given back
	scanSettle   = 2 * time.Second  // a folder that changed within this time before it was listed is listed again: its clock may be coarse
	scanStretch  = 5 * time.Millisecond
	scanRest     = 5                     // how many times as long the scanner rests after it has worked for a stretch: it takes less than a fifth of a core
	maxUnread    = 8                     // folders that are told one by one
	maxStretch   = 20 * time.Millisecond // what a stretch took longer, it has waited for the disk or for others
)

// scanner keeps the index in step with the whisper files on disk: files that appear (a restore,
// rsync) are found, those that vanish (rm) are not found any more. It lists a folder only when the
// folder's time has changed, and opens no file. It belongs to one goroutine.
type scanner struct {
	fsys   vfs.FS
	root   string
	names  *index.Tree
	tags   *index.Tags
	hash   bool                               // TAG_HASH_FILENAMES
	forget func(series string, f func()) bool // as Cache.forget
	clock  func() time.Time
	sweep  time.Time // temporary files from before this time are removed when a folder is first listed: an earlier process has begun them
	rest   func()    // is called between folders; nil: the scan is in a hurry
	known  bool      // the index had names before the first scan
	packed *packedFiles
	place  *vfs.Place
	top    *folder

	files    int                // seen in the folders that were listed
	appeared bool               // there are files of tagged series among them that the tree did not have
	gone     map[string]*folder // the names of tagged series' files that are gone, and where from
	err      error

	unread     map[string]string                 // the folders that could not be read, and why
	tellUnread func(folder, why string)          // is told when one is found, its reason is another, or with "" it can be read again; nil: nobody is
	shown      atomic.Pointer[map[string]string] // unread of the last scan, for others

	unnamed     unnamed
	tellUnnamed func(files int) // is told the number of files whose series is not known, when it changes; nil: nobody counts them
}

// scannerDeps is what a scanner needs from outside.
type scannerDeps struct {
	FS          vfs.FS
	Root        string // the folder of whisper files
	Place       *vfs.Place
	Known       catalog
	Packed      *packedFiles
	Forget      func(series string, f func()) bool // as Cache.forget
	Clock       func() time.Time
	Sweep       time.Time                // temporary files from before this time are removed
	TellUnread  func(folder, why string) // is told of folders that cannot be read, or with "" can be read again; may be nil
	TellUnnamed func(files int)          // is told the number of files whose series is not known, when it changes; nil: nobody counts them
}

func newScanner(deps scannerDeps) *scanner {
	return &scanner{
		fsys: deps.FS, root: deps.Root, place: deps.Place, names: deps.Known.names, tags: deps.Known.tags, hash: deps.Known.hash, packed: deps.Packed,
		forget: deps.Forget, clock: deps.Clock, sweep: deps.Sweep, tellUnread: deps.TellUnread, tellUnnamed: deps.TellUnnamed,
	}
}

// folder is what is remembered of a folder between two scans.
type folder struct {
	name     string
	mtime    int64 // 0: to be listed again
	children []*folder
}

// scan brings the index up to date. Folders are followed through symbolic links as Graphite does. A
// folder that cannot be read keeps its names; the first such error is returned after everything
// else has been looked at.
func (s *scanner) scan() error {
	s.files, s.appeared, s.gone, s.err = 0, false, map[string]*folder{}, nil
	if err := s.place.Here(); err != nil {
		return err
	}
	before := s.unread
	s.unread = map[string]string{}
	first := s.top == nil
	if first {
		s.top = &folder{}
	}
	s.visit(s.top, s.root, nil)
	if err := s.place.Here(); err != nil {
		s.top.mtime = 0 // that may be of another folder
		s.unread = before
		return err
	}
	s.compare(before)
	s.forgetTagged()
	if first && s.known && s.err == nil {
		s.forgetFileless()
	}
	s.packed.listed.Store(s.packed.listed.Load() || s.err == nil)
	return s.err
}

// run scans each interval until ctx ends, in no hurry; the first time at once where the index was
// not read from this disk.
func (s *scanner) run(ctx context.Context) {
	wait := scanInterval
	for {
		first := s.top == nil
		if first {
			wait = 0
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		start := time.Now()
		worked := s.scanSlowly(ctx)
		if s.files >= scanMany {
			debug.FreeOSMemory()
		}
		interval := scanInterval
		if !first { // which lists everything
			interval = min(max(interval, 200*worked), maxInterval)
		}
		wait = max(interval-time.Since(start), scanStretch)
	}
}

// scanSlowly is scan with rests in between. It returns for how long it worked.
func (s *scanner) scanSlowly(ctx context.Context) (worked time.Duration) {
	began := time.Now()
	s.rest = func() {
		d := time.Since(began)
		if d < scanStretch {
			return
		}
		worked += min(d, maxStretch)
		select {
		case <-ctx.Done():
		case <-time.After(scanRest * min(d, maxStretch)):
		}
		began = time.Now()
	}
	_ = s.scan() // what could not be read is told, and what is away, too
	s.countUnnamed()
	return worked + min(time.Since(began), maxStretch)
}

// above is a folder that is being visited and those it is in: where symbolic links go in circles,
// one of them comes again.
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
func (s *scanner) visit(f *folder, path string, up *above) {
	info, err := s.fsys.Stat(path)
	if err != nil {
		s.fail(path, err)
		return
	}
	if up.has(info) {
		return
	}
	if err := s.place.Below(path, info, up != nil && up.dev != info.Dev); err != nil {
		s.fail(path, err)
		return
	}
	if f.mtime == 0 || f.mtime != info.Mtime {
		f.mtime = info.Mtime
		if s.clock().UnixNano()-info.Mtime < int64(scanSettle) {
			f.mtime = 0
		}
		s.list(f, path)
	}
	if s.rest != nil {
		s.rest()
	}
	up = &above{info.Dev, info.Inode, up}
	for _, child := range f.children {
		s.visit(child, path+string(filepath.Separator)+child.name, up)
	}
}

// prefix is what the names of a folder's files begin with.
func (s *scanner) prefix(path string) string {
	if len(path) <= len(s.root) {
		return ""
	}
	return strings.ReplaceAll(path[len(s.root)+1:], string(filepath.Separator), ".") + "."
}

// list reads a folder: what is new in it goes to the index, what is gone leaves it.
func (s *scanner) list(f *folder, path string) {
	prefix, first := s.prefix(path), f.children == nil
	entries, err := s.fsys.ReadDir(path)
	if err != nil {
		f.mtime = 0
		s.fail(path, err)
		return
	}
	before := map[string]*folder{}
	for _, child := range f.children {
		before[child.name] = child
	}
	f.children = make([]*folder, 0)
	leaves, branches := map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		switch node, isLeaf := s.entry(path, e); {
		case node == "":
			if first && vfs.IsTemp(e.Name) {
				s.removeTemp(filepath.Join(path, e.Name))
			}
		case isLeaf:
			leaves[prefix+node] = true
			s.file(prefix, node)
		default:
			branches[prefix+node] = true
			child := before[node]
			if child == nil {
				child = &folder{name: node}
			}
			f.children = append(f.children, child)
		}
	}
	s.forgetIn(f, prefix, leaves, branches)
}

// removeTemp removes a temporary file that no process can still be writing.
func (s *scanner) removeTemp(path string) {
	if info, err := s.fsys.Stat(path); err == nil && time.Unix(0, info.Mtime).Before(s.sweep) {
		s.fsys.Remove(path)
	}
}

// entry says what a folder's entry is to the index: the node of a leaf, that of a branch, or
// nothing. Names with dots lead nowhere: they are temporary files, or what no metric's name can
// mean.
func (s *scanner) entry(path string, e vfs.Entry) (node string, isLeaf bool) {
	kind := e.Type
	if kind&fs.ModeSymlink != 0 {
		if info, err := s.fsys.Stat(filepath.Join(path, e.Name)); err == nil {
			kind = info.Mode.Type()
		}
	}
	node = e.Name
	if !kind.IsDir() {
		unpacked, packed := strings.CutSuffix(e.Name, ".gz")
		if node, isLeaf = strings.CutSuffix(unpacked, naming.FileSuffix); !isLeaf {
			return "", false
		}
		if packed {
			s.packed.see()
		}
	}
	if strings.Contains(node, ".") {
		return "", false
	}
	if node == "" && strings.HasPrefix(s.prefix(path), naming.TaggedFolder) {
		node = naming.NoNode
	}
	return node, isLeaf
}

// file takes a whisper file into the index.
func (s *scanner) file(prefix, node string) {
	s.files++
	if strings.HasPrefix(prefix, naming.TaggedFolder) {
		// A hashed name says nothing of the series in the file.
		if name, ok := naming.TaggedName(prefix + node); ok {
			s.tags.Add(name)
		}
		s.appeared = s.names.Add(prefix+node) || s.appeared
		return
	}
	s.names.Add(prefix + node)
}

// forgetIn takes what the index has in a folder, apart from the leaves and branches that are there,
// out of it. Series with points that wait stay, since they will have a file.
func (s *scanner) forgetIn(f *folder, prefix string, leaves, branches map[string]bool) {
	var gone []string
	for path, leaf := range s.names.Find(wildcard(prefix) + "*") {
		switch {
		case !strings.HasPrefix(path, prefix):
		case leaf && !leaves[path]:
			gone = append(gone, strings.Clone(path))
		case !leaf && !branches[path]:
			for name, leaf := range s.names.Find(wildcard(path) + ".**") {
				if leaf && strings.HasPrefix(name, path+".") {
					gone = append(gone, strings.Clone(name))
				}
			}
		}
	}
	if len(gone) > 0 && s.place.Here() != nil {
		return // what was listed may be another folder that has the name now
	}
	for _, name := range gone {
		if strings.HasPrefix(name, naming.TaggedFolder) {
			s.gone[name] = f // whose file it is takes a look at all tagged series
		} else {
			s.forgetFile(f, name)
		}
	}
}

// wildcard returns a pattern that matches a path, whatever is in it, and perhaps others.
func wildcard(path string) string {
	if !strings.ContainsAny(path, "*[]{}") {
		return path
	}
	return strings.NewReplacer("*", "?", "[", "?", "]", "?", "{", "?", "}", "?").Replace(path)
}

// forgetFile takes the name of one file out of the tree.
func (s *scanner) forgetFile(f *folder, name string) {
	if strings.Contains(name, ";") { // a plain file with tags in its name: the points of such a series go elsewhere
		if s.isGone(f, name) {
			s.names.Delete(name)
		}
		return
	}
	s.forget(name, func() {
		if s.isGone(f, name) {
			s.names.Delete(name)
		}
	})
}

// isGone looks whether there is no file under a name in this moment: it may have been made after
// the folder was listed.
func (s *scanner) isGone(f *folder, name string) bool {
	path := s.root + "/" + index.MetricFile(name) + naming.FileSuffix
	for _, suffix := range [...]string{"", ".gz"} {
		if suffix != "" && !s.packed.seen.Load() {
			break
		}
		_, err := s.fsys.Stat(path + suffix)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			f.mtime = 0 // to be looked at again
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return false
		}
	}
	return true
}

// fail notes that a folder could not be read.
func (s *scanner) fail(path string, err error) {
	if errors.Is(err, fs.ErrNotExist) || vfs.LostFound(s.fsys, s.root, path, err) {
		return
	}
	s.unread[path] = tally.Cause(err)
	if s.err == nil {
		s.err = err
	}
}

// compare tells what is different from the scan before in the folders that cannot be read.
func (s *scanner) compare(before map[string]string) {
	s.shown.Store(&s.unread)
	if s.tellUnread == nil {
		return
	}
	for folder, why := range s.unread {
		if before[folder] != why {
			s.tellUnread(folder, why)
		}
	}
	for folder := range before {
		if s.unread[folder] == "" {
			s.tellUnread(folder, "")
		}
	}
}

// unreadable is a sentence about the folders that the last scan could not read, "" when there are
// none. Others may call it, too.
func (s *scanner) unreadable() string {
	unread := s.shown.Load()
	if unread == nil || len(*unread) == 0 {
		return ""
	}
	list := slices.Sorted(maps.Keys(*unread))
	text := fmt.Sprintf("folders that cannot be read (%d), whose series are not found until they are received: ", len(list))
	for i, folder := range list {
		if i == maxUnread {
			return text + "; and others"
		}
		if i > 0 {
			text += "; "
		}
		text += folder + ": " + (*unread)[folder]
	}
	return text
}
