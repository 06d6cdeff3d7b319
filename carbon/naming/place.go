package naming

import (
	"errors"
	"io/fs"
	"strings"

	"graphited/carbon/index"
	"graphited/whisper/vfs"
)

// A tagged series has its file where TAG_HASH_FILENAMES says, as carbon has it. But the file may be
// an older one: called the other way, from before that option was changed or from a carbon before
// 1.1.4, or lie where a metric without tags of that name would, as go-carbon leaves it with tags
// turned off. Such a file is the series' as well.

// AllPlaces yields where the file of a series may be, as RelativePath gives it: first where it
// belongs.
func AllPlaces(name string, hashTagged bool) func(yield func(rel string) bool) {
	return func(yield func(string) bool) {
		if yield(RelativePath(name, hashTagged)) {
			OtherPlaces(name, hashTagged)(yield)
		}
	}
}

// OtherPlaces yields where the file of a series may be besides RelativePath, the likeliest first.
func OtherPlaces(name string, hashTagged bool) func(yield func(rel string) bool) {
	return func(yield func(string) bool) {
		if IsTagged(name) && yield(RelativePath(name, !hashTagged)) && isPlain(name) {
			yield(index.MetricFile(name))
		}
	}
}

// isPlain tells whether a name with tags can also be the path of a plain file, such as
// a/uptime;host=c1.wsp.
func isPlain(name string) bool {
	return !strings.Contains(name, "/") && validNodes([]byte(name))
}

// ExistingPath returns the path of the file of a series, wherever that is; where there is none, the
// path that it is going to have.
func ExistingPath(fsys vfs.FS, root, name string, hashTagged bool) string {
	rel := RelativePath(name, hashTagged)
	if !IsTagged(name) {
		return root + "/" + rel + FileSuffix
	}
	if _, err := fsys.Stat(root + "/" + rel + FileSuffix); errors.Is(err, fs.ErrNotExist) {
		for other := range OtherPlaces(name, hashTagged) {
			if _, err := fsys.Stat(root + "/" + other + FileSuffix); err == nil {
				rel = other
				break
			}
		}
	}
	return root + "/" + rel + FileSuffix
}

// FileThere tells whether a series has a file.
func FileThere(fsys vfs.FS, root, name string, hashTagged bool) bool {
	_, err := fsys.Stat(ExistingPath(fsys, root, name, hashTagged))
	return err == nil
}

// NoNode is the last node of the name under which find shows a file without a name, as that of
// disk;mount=/ is: _tagged/.../disk;mount=/.wsp. No other node has a slash.
const NoNode = "/"

// TreeName is the name under which find shows the file of a series.
func TreeName(name string, hashTagged bool) string { return Nodes(RelativePath(name, hashTagged)) }

// Nodes is the name under which find shows a file, given by its path below the data folder, without
// suffix.
func Nodes(rel string) string {
	folder, unnamed := strings.CutSuffix(rel, "/")
	name := strings.ReplaceAll(folder, "/", ".")
	if unnamed {
		name += "." + NoNode
	}
	return name
}

// TaggedName returns the series whose file find shows under a name; ok is false where the file's
// name does not tell.
func TaggedName(treeName string) (name string, ok bool) {
	folder, unnamed := strings.CutSuffix(treeName, NoNode)
	rel := index.MetricFile(folder)
	if unnamed && !strings.HasSuffix(rel, "/") {
		return "", false
	}
	name, ok = index.TaggedName(rel)
	if !ok {
		return "", false
	}
	canon, ok := Canonical([]byte(name))
	return name, ok && string(canon) == name && IsTagged(name)
}
