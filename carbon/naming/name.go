package naming

import (
	"bytes"
	"runtime"
	"strings"
	"unicode"
	"unicode/utf8"

	"graphited/carbon/index"
)

const (
	MaxName = 2048              // bytes of a metric's name: with the data folder before it, it must stay below PATH_MAX
	maxNode = 255 - len(".wsp") // bytes between two dots: the longest file name, less the extension
)

// FileSuffix is what a whisper file is called.
const FileSuffix = ".wsp"

// Canonical returns the one spelling of a received name under which its series is kept: tags
// sorted, the last of equal tags taken, as carbon normalises them. It is a part of name itself when
// that is canonical already. A name is also the path of a file, so what no file can be called is no
// name; then ok is false. A tag may have a slash: the file is called by a hash, or is in a folder
// of its own below _tagged, as carbon does.
func Canonical(name []byte) (canon []byte, ok bool) {
	name = bytes.TrimLeft(name, "~") // no value of a tag may begin with it, and the name is one
	tagged := bytes.IndexByte(name, ';') >= 0 || bytes.HasSuffix(name, []byte(`"}`))
	if len(name) == 0 || len(name) > MaxName || !ValidBytes(name, tagged) {
		return nil, false
	}
	if bytes.HasPrefix(name, []byte(TaggedFolder)) {
		return nil, false // it would be the file of a tagged series
	}
	if !tagged {
		return name, validNodes(name)
	}
	c, err := index.ParseTagged(string(name))
	if err != nil || !IsTagged(c) && !validNodes([]byte(c)) {
		return nil, false
	}
	return []byte(c), true
}

// ValidBytes refuses what neither a line of the protocol nor a file name can hold.
func ValidBytes(name []byte, slashes bool) bool {
	ascii := true
	for _, c := range name {
		if c < 0x20 || c == 0x7f || !slashes && (c == '/' || c == '\\' && runtime.GOOS == "windows") {
			return false
		}
		ascii = ascii && c < utf8.RuneSelf
	}
	return ascii || utf8.Valid(name) && bytes.IndexFunc(name, isStrange) < 0
}

// isStrange reports blanks and control characters beyond ASCII.
func isStrange(r rune) bool { return r != ' ' && unicode.IsSpace(r) || unicode.IsControl(r) }

// validNodes refuses empty and overlong nodes.
func validNodes(name []byte) bool {
	start := 0
	for i := 0; i <= len(name); i++ {
		if i < len(name) && name[i] != '.' {
			continue
		}
		if n := i - start; n == 0 || n > maxNode {
			return false
		}
		start = i + 1
	}
	return true
}

// TaggedRoot is the first node of where carbon keeps the files of tagged series, and of the names
// under which find shows them; TaggedFolder is what those names begin with.
const (
	TaggedRoot   = "_tagged"
	TaggedFolder = TaggedRoot + "."
)

// IsTagged reports whether a canonical name has tags. The name of a tagged series' file, as find
// shows it, is a name without tags.
func IsTagged(name string) bool {
	return strings.IndexByte(name, ';') >= 0 && !strings.HasPrefix(name, TaggedFolder)
}

// FilePath returns where the file of a canonical name is: dots are folders, tagged names live under
// _tagged as carbon puts them.
func FilePath(root, name string, hashTagged bool) string {
	return root + "/" + RelativePath(name, hashTagged) + FileSuffix
}

// RelativePath is FilePath below the folder of the whisper files, and without suffix.
func RelativePath(name string, hashTagged bool) string {
	if !IsTagged(name) {
		return index.MetricFile(name)
	}
	path := index.TaggedFile(name, hashTagged)
	if !hashTagged && !readable(path) {
		return index.TaggedFile(name, true)
	}
	for strings.Contains(path, "//") { // which the system reads as one
		path = strings.ReplaceAll(path, "//", "/")
	}
	return path
}

// PackedSuffix is what a whisper file is called that gzip has packed. Such files are read as
// graphite-web reads them, and never written: a new point begins a file of the usual name beside
// it.
const PackedSuffix = FileSuffix + ".gz"

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

// maxReadable is how long the path of a file with a readable name may be: with the data folder
// before it, it must stay below PATH_MAX.
const maxReadable = 3 << 10
