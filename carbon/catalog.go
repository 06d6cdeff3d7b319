package carbon

import "graphited/carbon/index"

// catalog is what is known of the names of series: the tree and the index of tags. Whoever makes a
// series known does it here. Nobody takes one out of the index that has points: see Cache.forget.
type catalog struct {
	names *index.Tree
	tags  *index.Tags
	hash  bool // TAG_HASH_FILENAMES
}

// learn makes a series known by its canonical name.
func (c catalog) learn(name string) {
	c.names.Add(treeName(name, c.hash))
	c.learnTags(name)
}

// learnTags makes a series known to the index of tags alone, since the tree has its file.
func (c catalog) learnTags(name string) {
	if isTagged(name) && !c.tags.Has(name) {
		c.tags.Add(name)
	}
}

// hasFile tells whether the tree has the file of a tagged series.
func (c catalog) hasFile(name string) bool {
	return c.names.Has(treeName(name, true)) || c.names.Has(treeName(name, false))
}

// forget takes a series that has neither points nor a file out of the index.
func (c catalog) forget(name string) {
	c.names.Delete(treeName(name, c.hash))
	c.tags.Delete(name)
}

// catalog returns what the daemon knows of names.
func (d *Daemon) catalog() catalog { return catalog{d.names, d.tags, d.o.HashTagged} }

// keepNames writes the names down after which the log is shortened.
func (d *Daemon) keepNames() error {
	if d.kept == nil || d.kept.tagged == nil {
		return nil // the start has not come to it
	}
	return d.kept.keep()
}

// flushNames keeps the names that list could not keep.
func (d *Daemon) flushNames() error {
	if d.tagged == nil {
		return nil
	}
	return d.tagged.flush()
}

// list keeps the name of a new tagged series, whoever has made it known, for the next start.
func (d *Daemon) list(name string) {
	if err := d.tagged.add(name); err != nil {
		d.logs.write.Error().Err(err).Str("metric", name).Msg("cannot keep the name of a tagged series; this is tried again")
	}
}
