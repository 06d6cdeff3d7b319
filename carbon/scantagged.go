package carbon

import (
	"encoding/hex"
	"path/filepath"
	"strings"
	"sync/atomic"

	"graphited/carbon/index"
	"graphited/carbon/naming"
)

const tagRest = 1000 // tagged series that the scanner looks at between two rests

// forgetTagged takes the files of tagged series that are gone out of the tree, and the series that
// have neither a file nor points any more out of the index of tags.
func (s *scanner) forgetTagged() {
	if len(s.gone) == 0 {
		return
	}
	digits := map[[3]byte]bool{}
	for file := range s.gone {
		digits[folderDigits(file)] = true
	}
	s.eachTagged(func(name string) {
		if !digits[index.TaggedDigits(name)] {
			return
		}
		for _, hash := range [...]bool{s.hash, !s.hash} {
			file := naming.TreeName(name, hash)
			if f := s.gone[file]; f != nil {
				delete(s.gone, file)
				s.forgetTaggedFile(f, name, file)
			}
		}
	})
	for file, f := range s.gone { // nobody knows of whom
		if s.isGone(f, file) {
			s.names.Delete(file)
		}
	}
}

// folderDigits returns the part of the hash that is in a tree name of a tagged series' file:
// _tagged.abc.def.x
func folderDigits(file string) (digits [3]byte) {
	if parts := strings.SplitN(file, ".", 4); len(parts) == 4 {
		_, _ = hex.Decode(digits[:], []byte(parts[1][:min(3, len(parts[1]))]+parts[2][:min(3, len(parts[2]))])) // what is no hash belongs to no series
	}
	return digits
}

// eachTagged calls f for each tagged series, with rests in between.
func (s *scanner) eachTagged(f func(name string)) {
	n := 0
	for name := range s.tags.Each {
		if n++; n%tagRest == 0 && s.rest != nil {
			s.rest()
		}
		f(name)
	}
}

// forgetTaggedFile takes one file of a tagged series out of the tree, and the series out of the
// index of tags if it was the last. Where points wait the series stays, and so does the name of the
// file that they are going to have.
func (s *scanner) forgetTaggedFile(f *folder, name, file string) {
	known := catalog{names: s.names}
	forgotten := s.forget(name, func() {
		if !s.isGone(f, file) {
			return
		}
		s.names.Delete(file)
		if !known.hasFile(name) {
			s.tags.Delete(name)
		}
	})
	if !forgotten && file != naming.TreeName(name, s.hash) && s.isGone(f, file) { // it was called the other way, and has been renamed
		s.names.Delete(file)
	}
}

// forgetFileless takes the tagged series that are known from an earlier process and have no file
// out of the index of tags.
func (s *scanner) forgetFileless() {
	known := catalog{names: s.names}
	s.eachTagged(func(name string) {
		if known.hasFile(name) {
			return
		}
		s.forget(name, func() {
			if !known.hasFile(name) {
				s.tags.Delete(name)
			}
		})
	})
}

// unnamed is how many files of tagged series there are whose series is not known: they are called
// by a hash, and nothing received since has told of whom.
type unnamed struct {
	files  atomic.Int64
	excess int  // files that the tree has beyond the tagged series when they were last counted
	begun  bool // they were counted before
}

// countUnnamed counts the files of unknown series. Where there are some it looks first whether the
// list of tagged series knows them: the kept index may be older, or not whole.
func (s *scanner) countUnnamed() {
	u := &s.unnamed
	all := s.names.Count(naming.TaggedRoot)
	excess := all - s.tags.Len()
	if s.tellUnnamed == nil || u.begun && excess == u.excess && !s.appeared {
		return
	}
	files := 0
	if all > 0 { // whatever excess is: there may be series without files, such as those of /tags/tagSeries
		if s.appeared || !u.begun { // and not always: somebody may have taken the series out of the index of tags
			s.repair()
		}
		files = all - s.namedFiles()
	}
	u.begun, u.excess = true, s.names.Count(naming.TaggedRoot)-s.tags.Len()
	if u.files.Swap(int64(files)) != int64(files) {
		s.tellUnnamed(files)
	}
}

// namedFiles returns how many files of known tagged series the tree has.
func (s *scanner) namedFiles() (n int) {
	s.eachTagged(func(name string) {
		own, other := naming.TreeName(name, true), naming.TreeName(name, false)
		if s.names.Has(own) {
			n++
		}
		if other != own && s.names.Has(other) {
			n++
		}
	})
	return n
}

// repair makes the series known that the list of tagged series has and the index has not, where
// their files are there.
func (s *scanner) repair() {
	lines, err := readTagLog(s.fsys, filepath.Join(s.root, tagLogFile))
	if err != nil {
		s.fail(filepath.Join(s.root, tagLogFile), err)
		return
	}
	known := catalog{names: s.names}
	addTagged(lines, s.tags, func(name string) bool { return !s.tags.Has(name) && known.hasFile(name) })
}
