package carbon

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"graphited/carbon/index"
	"graphited/whisper/vfs"
)

const fileSuffix = ".wsp"

// scan walks the whisper files under root into the index. It reads folders only, no file, and follows symbolic links as Graphite does.
// Folders that vanish meanwhile are none; the first other error is returned after everything that can be read has been read.
func scan(fsys vfs.FS, root string, names *index.Tree, tags *index.Tags) (files int, err error) {
	s := scanner{fsys: fsys, names: names, tags: tags}
	s.folder(root, "", 0)
	return s.files, s.err
}

// maxDepth of folders ends the walk where symbolic links go in circles.
const maxDepth = 128

type scanner struct {
	fsys  vfs.FS
	names *index.Tree
	tags  *index.Tags
	files int
	err   error
}

// folder walks one folder; prefix is its name as a metric's, with a dot behind it.
func (s *scanner) folder(path, prefix string, depth int) {
	entries, err := s.fsys.ReadDir(path)
	if err != nil {
		s.fail(err)
	}
	for _, e := range entries {
		name, kind := e.Name, e.Type
		if kind&fs.ModeSymlink != 0 {
			if info, err := s.fsys.Stat(filepath.Join(path, name)); err == nil {
				kind = info.Mode.Type()
			}
		}
		switch {
		case kind.IsDir():
			if depth < maxDepth && !strings.Contains(name, ".") {
				s.folder(filepath.Join(path, name), prefix+name+".", depth+1)
			}
		case strings.HasSuffix(name, fileSuffix):
			s.file(prefix, strings.TrimSuffix(name, fileSuffix))
		}
	}
}

func (s *scanner) file(prefix, node string) {
	if node == "" || strings.Contains(node, ".") {
		return // a temporary file, or one that no metric's name leads to
	}
	s.files++
	if strings.HasPrefix(prefix, taggedFolder) {
		// A hashed name says nothing of the series in the file.
		if canon, err := index.ParseTagged(strings.ReplaceAll(node, "_DOT_", ".")); err == nil && isTagged(canon) {
			s.tags.Add(canon)
		}
	}
	s.names.Add(prefix + node)
}

func (s *scanner) fail(err error) {
	if s.err == nil && !errors.Is(err, fs.ErrNotExist) {
		s.err = err
	}
}
