package index

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// hiddenBranch is the first node of the names of tagged series' files. Search answers with the
// series instead.
const hiddenBranch = "_tagged"

// TaggedFile returns where the file of a canonical name with tags is, below the directory of the
// metrics, with slashes and without suffix: _tagged/abc/def/ and the hexadecimal SHA-256 of the
// name, of which abcdef are the first digits; or, without hash, the name with _DOT_ for each dot.
// As TaggedSeries.encode.
func TaggedFile(canonical string, hash bool) string {
	sum := sha256.Sum256([]byte(canonical))
	digits := hex.EncodeToString(sum[:])
	file := digits
	if !hash {
		file = strings.ReplaceAll(canonical, ".", "_DOT_")
	}
	return hiddenBranch + "/" + digits[:3] + "/" + digits[3:6] + "/" + file
}

// MetricFile returns where the file of a name without tags is, below the directory of the metrics:
// a slash for each dot, and none at the front. It has no suffix.
func MetricFile(name string) string {
	return strings.TrimLeft(strings.ReplaceAll(name, ".", "/"), "/")
}

const (
	encodedDot = "_DOT_"
	maxOdd     = 4   // unusual readings of a file's name that are looked for together
	maxTries   = 500 // readings of a file's name
)

// TaggedName returns the canonical name whose file, called by the name, TaggedFile has placed at
// path; ok is false when there is none, as for a file that is called by a hash.
//
// The name of a file is not always clear: a _DOT_ may have been one before, and where there was
// more than one slash the system keeps one. The folders tell which reading is right, since they
// begin the hash of the name.
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

// TaggedDigits returns the three bytes of the hash of a canonical name that the folders of its file
// are called by.
func TaggedDigits(canonical string) [3]byte {
	sum := sha256.Sum256([]byte(canonical))
	return [3]byte(sum[:])
}

// A reading looks for the name that a file was called by.
type reading struct {
	file   string
	digits [3]byte // of the name's hash
	name   []byte
	tries  int
}

// read goes on with the name from file[i:], with exactly so many unusual readings, and tells
// whether that has the hash. Then r.name is it.
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

// insert is read after one more byte.
func (r *reading) insert(c byte, i, odd int) bool {
	r.name = append(r.name, c)
	if r.read(i, odd) {
		return true
	}
	r.name = r.name[:len(r.name)-1]
	return false
}
