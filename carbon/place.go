package carbon

import (
	"errors"
	"io/fs"
	"runtime"
	"strings"

	"graphited/carbon/index"
	"graphited/whisper/vfs"
)

// A tagged series has its file where TAG_HASH_FILENAMES says, as carbon has it. But the file may be
// an older one: called the other way, from before that option was changed or from a carbon before
// 1.1.4, or lie where a metric without tags of that name would, as go-carbon leaves it with tags
// turned off. Such a file is the series' as well.

// maxReadable is how long the path of a file with a readable name may be: with the data folder
// before it, it must stay below PATH_MAX.
const maxReadable = 3 << 10

// readable tells whether a path, below the data folder and without suffix, can be that of a file.
// One that cannot be is called by its hash, whatever TAG_HASH_FILENAMES says.
func readable(path string) bool {
	if len(path) > maxReadable || runtime.GOOS == "windows" && strings.ContainsAny(path, `<>:"\|?*`) {
		return false
	}
	for part := range strings.SplitSeq(path, "/") {
		if len(part) > maxNode {
			return false
		}
	}
	return true
}

// allPlaces yields where the file of a series may be, as relativePath gives it: first where it
// belongs.
func allPlaces(name string, hashTagged bool) func(yield func(rel string) bool) {
	return func(yield func(string) bool) {
		if yield(relativePath(name, hashTagged)) {
			otherPlaces(name, hashTagged)(yield)
		}
	}
}

// otherPlaces yields where the file of a series may be besides relativePath, the likeliest first.
func otherPlaces(name string, hashTagged bool) func(yield func(rel string) bool) {
	return func(yield func(string) bool) {
		if isTagged(name) && yield(relativePath(name, !hashTagged)) && isPlain(name) {
			yield(index.MetricFile(name))
		}
	}
}

// isPlain tells whether a name with tags can also be the path of a plain file, such as
// a/uptime;host=c1.wsp.
func isPlain(name string) bool {
	return !strings.Contains(name, "/") && validNodes([]byte(name))
}

// existingPath returns the path of the file of a series, wherever that is; where there is none, the
// path that it is going to have.
func existingPath(fsys vfs.FS, root, name string, hashTagged bool) string {
	rel := relativePath(name, hashTagged)
	if !isTagged(name) {
		return root + "/" + rel + fileSuffix
	}
	if _, err := fsys.Stat(root + "/" + rel + fileSuffix); errors.Is(err, fs.ErrNotExist) {
		for other := range otherPlaces(name, hashTagged) {
			if _, err := fsys.Stat(root + "/" + other + fileSuffix); err == nil {
				rel = other
				break
			}
		}
	}
	return root + "/" + rel + fileSuffix
}

// fileThere tells whether a series has a file.
func fileThere(fsys vfs.FS, root, name string, hashTagged bool) bool {
	_, err := fsys.Stat(existingPath(fsys, root, name, hashTagged))
	return err == nil
}

// noNode is the last node of the name under which find shows a file without a name, as that of
// disk;mount=/ is: _tagged/.../disk;mount=/.wsp. No other node has a slash.
const noNode = "/"

// treeName is the name under which find shows the file of a series.
func treeName(name string, hashTagged bool) string { return nodes(relativePath(name, hashTagged)) }

// nodes is the name under which find shows a file, given by its path below the data folder, without
// suffix.
func nodes(rel string) string {
	folder, unnamed := strings.CutSuffix(rel, "/")
	name := strings.ReplaceAll(folder, "/", ".")
	if unnamed {
		name += "." + noNode
	}
	return name
}

// taggedName returns the series whose file find shows under a name; ok is false where the file's
// name does not tell.
func taggedName(treeName string) (name string, ok bool) {
	folder, unnamed := strings.CutSuffix(treeName, noNode)
	rel := index.MetricFile(folder)
	if unnamed && !strings.HasSuffix(rel, "/") {
		return "", false
	}
	name, ok = index.TaggedName(rel)
	if !ok {
		return "", false
	}
	canon, ok := canonical([]byte(name))
	return name, ok && string(canon) == name && isTagged(name)
}
