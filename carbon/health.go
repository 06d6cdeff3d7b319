package carbon

import (
	"fmt"

	"graphited/carbon/facts"
)

// Condition is the condition of one part of the daemon.
type Condition = facts.Condition

// Health says how the parts are: start, folder (whether it is where it was), updates (of files),
// creates (of files), files (damaged ones), and log. The daemon goes on working with a part that is
// not well, and loses nothing that waits; only when the log is not well would the end of the
// process. It is safe for concurrent use.
func (d *Daemon) Health() []Condition {
	start := Condition{Name: "start", OK: true, Detail: "done"}
	if phase := d.Starting(); phase != "" {
		start.Detail = phase
	}
	list := []Condition{start, d.home.condition(), d.writer.updating(), broken("creates", d.writer.creating)}
	creates := &list[3]
	if low := d.writer.space.short(); low != "" && creates.OK {
		*creates = Condition{Name: "creates", OK: false, Detail: "the disk has " + low}
	}
	if n := d.stats.AwaitFile.Load(); n > 0 {
		creates.Detail += fmt.Sprintf("; %d series wait for their file", n)
	}
	files := Condition{Name: "files", OK: true, Detail: fmt.Sprintf("%d damaged ones set aside since the start", d.stats.SetAside.Load())}
	if text := d.scanner.unreadable(); text != "" {
		files.Detail += "; " + text
	}
	list = append(list, files)
	if d.journal != nil {
		list = append(list, d.journal.condition())
	}
	return list
}

// updating is how the updates of files are: whether the disk takes them, and which series cannot be
// written.
func (w *writer) updating() Condition {
	c, st := broken("updates", w.disk), w.unwritable.status()
	switch text := st.String(); {
	case text == "":
	case c.OK && !st.well():
		c.OK, c.Detail = false, text
	default:
		c.Detail += "; " + text
	}
	return c
}

// broken is how what a breaker watches is.
func broken(name string, b *breaker) Condition {
	if err := b.why(); err != nil {
		return Condition{Name: name, OK: false, Detail: err.Error()}
	}
	return Condition{Name: name, OK: true, Detail: "at work"}
}

// condition is how the log is.
func (j *journal) condition() Condition {
	st := j.log.Stats()
	c := Condition{Name: "log", OK: true, Detail: fmt.Sprintf("%d segments with %d bytes", st.Segments, st.Size)}
	switch failing := j.failing.Load(); {
	case failing != nil:
		c.OK, c.Detail = false, fmt.Sprintf("%v; %d points are or were in memory alone", *failing, j.missed.Load())
	case st.Failing:
		c.OK, c.Detail = false, "what was received is not safe from a power cut: syncs fail"
	case j.doubt.open():
		c.OK, c.Detail = false, "a sync of the files has failed, so the log is kept until it has been written to them again and that is durable; "+c.Detail
	case j.unpruned.Load():
		c.OK, c.Detail = false, "it cannot be shortened; "+c.Detail
	}
	return c
}

// appendHealth appends what Health is about, and the log's figures, for AppendPrometheus.
func (d *Daemon) appendHealth(family func(name, kind, help string, v float64)) {
	counter := func(name, help string, v int64) { family(name, "counter", help, float64(v)) }
	gauge := func(name, help string, v float64) { family(name, "gauge", help, v) }
	s, w := &d.stats, d.writer
	unwritable := w.unwritable.status()
	gauge("graphited_due_series", "Series that were due lately.", float64(unwritable.Due))
	gauge("graphited_unwritable_seconds", "For how long more than one in a hundred of the series that were due could not be written.", float64(unwritable.Over))
	counter("graphited_creates_delayed_total", "Series that had to wait for their file.", s.CreateWaits.Load())
	gauge("graphited_creates_waiting", "Series that wait for their file.", float64(s.AwaitFile.Load()))
	counter("graphited_files_set_aside_total", "Damaged files that were set aside.", s.SetAside.Load())
	counter("graphited_unreadable_total", "Reads that found a damaged file.", s.Unreadable.Load())
	gauge("graphited_folder_away", "1 while the folder of the files, or of the log, is not where it was at the start.", bit(d.home.away() != nil))
	gauge("graphited_disk_updates_stopped", "1 while the disk takes no updates.", bit(w.disk.tripped.Load()))
	gauge("graphited_disk_creates_stopped", "1 while the disk takes no new files.", bit(w.creating.tripped.Load() || w.space.short() != ""))
	counter("graphited_disk_stops_total", "How often the disk ceased to take updates or new files.", w.disk.trips.Load()+w.creating.trips.Load())
	if space, err := d.fsys.Space(d.o.LocalDataDir); err == nil {
		gauge("graphited_disk_free_bytes", "Bytes that are free on the disk of the files.", float64(space.Free))
	}
	j := d.journal
	if j == nil {
		return
	}
	st := j.log.Stats()
	gauge("graphited_log_segments", "Files of the write-ahead log.", float64(st.Segments))
	gauge("graphited_log_bytes", "Bytes of the write-ahead log.", float64(st.Size))
	gauge("graphited_log_unsynced_bytes", "Bytes of the log that are not known to be on the disk.", float64(st.Unsynced))
	counter("graphited_log_points_total", "Points logged.", st.Points)
	counter("graphited_log_appended_bytes_total", "Bytes logged.", st.Bytes)
	counter("graphited_log_write_errors_total", "Batches that could not be logged.", st.WriteErrors)
	counter("graphited_log_missed_points_total", "Points taken in although they could not be logged.", j.missed.Load())
	counter("graphited_log_syncs_total", "Syncs of the log.", st.Syncs)
	counter("graphited_log_sync_errors_total", "Syncs of the log that failed.", st.SyncErrors)
	family("graphited_log_sync_seconds_total", "counter", "Time spent in syncs of the log.", st.SyncTime.Seconds())
	gauge("graphited_log_sync_seconds_max", "The longest sync of the log.", st.SyncMax.Seconds())
	counter("graphited_log_unsure_bytes_total", "Bytes that failed syncs have left in doubt.", st.Unsure)
	counter("graphited_log_corruptions_total", "Damaged segments.", st.Damaged)
	counter("graphited_log_rewritten_points_total", "Points written to their files again since a sync of those had failed.", j.rewritten.Load())
	gauge("graphited_log_replayed_points", "Points of an earlier process, taken over at the start.", float64(j.replayed.Load()))
}

// addHealth adds to our own metrics what Health is about: disk.folderAway, disk.updatesStopped and
// disk.createsStopped, 1 while that is so, how many series were due (unwritable.due) and cannot be
// written (unwritable.series), and the log's figures.
func (d *Daemon) addHealth(add func(name string, v float64)) {
	w := d.writer
	add("disk.folderAway", bit(d.home.away() != nil))
	add("disk.updatesStopped", bit(w.disk.tripped.Load()))
	add("disk.createsStopped", bit(w.creating.tripped.Load() || w.space.short() != ""))
	unwritable := w.unwritable.status()
	add("unwritable.series", float64(unwritable.Series))
	add("unwritable.due", float64(unwritable.Due))
	if d.journal == nil {
		return
	}
	st := d.journal.log.Stats()
	add("wal.segments", float64(st.Segments))
	add("wal.bytes", float64(st.Size))
	add("wal.syncErrors", float64(st.SyncErrors))
	add("wal.syncSecondsMax", st.SyncMax.Seconds())
	add("wal.missedPoints", float64(d.journal.missed.Load()))
	add("wal.corruptions", float64(st.Damaged))
}

func bit(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
