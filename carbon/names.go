package carbon

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
		d.logs.Write.Error().Err(err).Str("metric", name).Msg("cannot keep the name of a tagged series; this is tried again")
	}
}

// catalog returns what the daemon knows of names.
func (d *Daemon) catalog() catalog { return catalog{d.names, d.tags, d.o.HashTagged} }

// logUnnamed tells of the files of tagged series whose names are not known.
func (d *Daemon) logUnnamed(files int) {
	if files == 0 {
		d.logs.All.Info().Msg("the series of all tagged files are known")
		return
	}
	d.logs.All.Warn().Int("files", files).Msg("files of tagged series are called by a hash, and their names are not known: each is found when it is received, or asked for by its whole name")
}

// logUnread tells of a folder that the scanner cannot read, or with no reason that it can be read
// again.
func (d *Daemon) logUnread(folder, why string) {
	if why == "" {
		d.logs.All.Info().Str("folder", folder).Msg("the folder can be read again, or is gone")
		return
	}
	d.logs.Write.Error().Str("folder", folder).Str("error", why).Msg("cannot read a folder; the series in it are not found until they are received, all others are")
}

// renewTagged makes sure that the list of tagged series is written where the folder is now.
func (d *Daemon) renewTagged() {
	if d.tagged == nil {
		return // the start has not come to it
	}
	if err := d.tagged.renew(d.fsys, d.o.LocalDataDir, d.tags); err != nil {
		d.logs.Write.Error().Err(err).Msg("cannot go on with the list of tagged series; after the next start those that are new are found when they are received again")
	}
}
