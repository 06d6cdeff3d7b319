package index

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// hiddenBranch is the first node of the names of tagged series' files. Search answers with the
// series instead.
const hiddenBranch = "_tagged"

// TaggedFile returns the path of the file of a canonical name with tags, relative to the directory
// of the metrics, with slashes and without suffix. The path is _tagged/abc/def/ and the hexadecimal
// SHA-256 of the name, whose first digits are abcdef. Without hash the last part is the name with
// _DOT_ for each dot. It follows TaggedSeries.encode.
func TaggedFile(canonical string, hash bool) string {
	sum := sha256.Sum256([]byte(canonical))
	digits := hex.EncodeToString(sum[:])
	file := digits
	if !hash {
		file = strings.ReplaceAll(canonical, ".", "_DOT_")
	}
	return hiddenBranch + "/" + digits[:3] + "/" + digits[3:6] + "/" + file
}

// MetricFile returns the path of the file of a name without tags, relative to the directory of the
// metrics: the name with a slash for each dot, without leading slashes and without suffix.
func MetricFile(name string) string {
	return strings.TrimLeft(strings.ReplaceAll(name, ".", "/"), "/")
}

const (
	encodedDot = "_DOT_"
	maxOdd     = 4   // unusual readings of parts of a file's name that are combined
	maxTries   = 500 // readings of a file's name that are tried
)

// TaggedName returns the canonical name for which TaggedFile, without hash, returns path. ok is
// false if there is none, as for a file named by a hash.
//
// The name of a file can be ambiguous: a _DOT_ may be a part of the metric's name, and the system
// makes several slashes one. The folders decide which reading is right, because their names are the
// first digits of the name's hash.
func TaggedName(path string) (canonical string, ok bool) {
	rest, ok := strings.CutPrefix(path, hiddenBranch+"/")
	if !ok || len(rest) < len("abc/def/") || rest[3] != '/' || rest[7] != '/' {
		return "", false
	}
	r := reading{file: rest[8:], tries: maxTries}
	if n, err := hex.Decode(r.digits[:], []byte(rest[:3]+rest[4:7])); n != len(r.digits) || err != nil || !strings.Contains(r.file, ";") {
		return "", false
	}
	for odd := range maxOdd + 1 {
		if r.read(0, odd) {
			name := string(r.name)
			canonical, err := ParseTagged(name)
			return name, err == nil && canonical == name
		}
	}
	return "", false
}

// TaggedDigits returns the first three bytes of the hash of a canonical name, which name the
// folders of its file.
func TaggedDigits(canonical string) [3]byte {
	sum := sha256.Sum256([]byte(canonical))
	return [3]byte(sum[:])
}

// A reading searches for the metric's name from which the name of a file was made.
type reading struct {
	file   string
	digits [3]byte // of the name's hash
	name   []byte
	tries  int
}

// read reads file[i:], with exactly odd unusual readings, and reports whether the name then has the
// hash. If so, the name is in r.name.
func (r *reading) read(i, odd int) bool {
	size := len(r.name)
	for ; i < len(r.file); i++ {
		c := r.file[i]
		dot := strings.HasPrefix(r.file[i:], encodedDot)
		if odd > 0 && r.tries > 0 && ((c == '/' || i == 0) && r.insert('/', i, odd-1) || dot && r.insert('_', i+1, odd-1)) {
			return true
		}
		if dot {
			c, i = '.', i+len(encodedDot)-1
		}
		r.name = append(r.name, c)
	}
	if odd == 0 && r.tries > 0 {
		r.tries--
		if TaggedDigits(string(r.name)) == r.digits {
			return true
		}
	}
	r.name = r.name[:size]
	return false
}

// insert adds a byte to the name and continues with read.
func (r *reading) insert(c byte, i, odd int) bool {
	r.name = append(r.name, c)
	if r.read(i, odd) {
		return true
	}
	r.name = r.name[:len(r.name)-1]
	return false
}
