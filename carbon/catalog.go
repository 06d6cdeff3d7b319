package carbon

import (
	"graphited/carbon/index"
	"graphited/carbon/naming"
)

// catalog is what is known of the names of series: the tree and the index of tags. Whoever makes a
// series known does it here. Nobody takes one out of the index that has points: see Cache.forget.
type catalog struct {
	names *index.Tree
	tags  *index.Tags
	hash  bool // TAG_HASH_FILENAMES
}

// learn makes a series known by its canonical name.
func (c catalog) learn(name string) {
	c.names.Add(naming.TreeName(name, c.hash))
	c.learnTags(name)
}

// learnTags makes a series known to the index of tags alone, since the tree has its file.
func (c catalog) learnTags(name string) {
	if naming.IsTagged(name) && !c.tags.Has(name) {
		c.tags.Add(name)
	}
}

// hasFile tells whether the tree has the file of a tagged series.
func (c catalog) hasFile(name string) bool {
	return c.names.Has(naming.TreeName(name, true)) || c.names.Has(naming.TreeName(name, false))
}

// forget takes a series that has neither points nor a file out of the index.
func (c catalog) forget(name string) {
	c.names.Delete(naming.TreeName(name, c.hash))
	c.tags.Delete(name)
}
