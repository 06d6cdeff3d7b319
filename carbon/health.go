package carbon

import (
	"fmt"

	"graphited/carbon/facts"
)

// Health says how the parts are: start, folder (whether it is where it was), updates (of files),
// creates (of files), files (damaged ones), and log. The daemon goes on working with a part that is
// not well, and loses nothing that waits; only when the log is not well would the end of the
// process. It is safe for concurrent use.
func (r *Report) Health() []facts.Condition {
	start := facts.Condition{Name: "start", OK: true, Detail: "done"}
	if phase := r.starting(); phase != "" {
		start.Detail = phase
	}
	ok, detail := r.home.condition()
	w := r.writer.state()
	list := []facts.Condition{start, {Name: "folder", OK: ok, Detail: detail}}
	ok, detail = w.updating()
	list = append(list, facts.Condition{Name: "updates", OK: ok, Detail: detail})
	ok, detail = w.creating()
	creates := facts.Condition{Name: "creates", OK: ok, Detail: detail}
	if n := r.stats.AwaitFile.Load(); n > 0 {
		creates.Detail += fmt.Sprintf("; %d series wait for their file", n)
	}
	files := facts.Condition{Name: "files", OK: true, Detail: fmt.Sprintf("%d damaged ones set aside since the start", r.stats.SetAside.Load())}
	if text := r.scanner.unreadable(); text != "" {
		files.Detail += "; " + text
	}
	list = append(list, creates, files)
	if r.journal != nil {
		ok, detail := r.journal.condition()
		list = append(list, facts.Condition{Name: "log", OK: ok, Detail: detail})
	}
	return list
}

// appendHealth appends what Health is about, and the log's figures, for AppendPrometheus.
func (r *Report) appendHealth(family func(name, kind, help string, v float64), w State) {
	counter := func(name, help string, v int64) { family(name, "counter", help, float64(v)) }
	gauge := func(name, help string, v float64) { family(name, "gauge", help, v) }
	s := r.stats
	unwritable := w.Unwritable
	gauge("graphited_due_series", "Series that were due lately.", float64(unwritable.Due))
	gauge("graphited_unwritable_seconds", "For how long more than one in a hundred of the series that were due could not be written.", float64(unwritable.Over))
	counter("graphited_creates_delayed_total", "Series that had to wait for their file.", s.CreateWaits.Load())
	gauge("graphited_creates_waiting", "Series that wait for their file.", float64(s.AwaitFile.Load()))
	counter("graphited_files_set_aside_total", "Damaged files that were set aside.", s.SetAside.Load())
	counter("graphited_unreadable_total", "Reads that found a damaged file.", s.Unreadable.Load())
	gauge("graphited_folder_away", "1 while the folder of the files, or of the log, is not where it was at the start.", bit(r.home.away() != nil))
	gauge("graphited_disk_updates_stopped", "1 while the disk takes no updates.", bit(w.Updates != nil))
	gauge("graphited_disk_creates_stopped", "1 while the disk takes no new files.", bit(w.Creates != nil || w.Short != ""))
	counter("graphited_disk_stops_total", "How often the disk ceased to take updates or new files.", w.Stops)
	if space, err := r.fsys.Space(r.o.LocalDataDir); err == nil {
		gauge("graphited_disk_free_bytes", "Bytes that are free on the disk of the files.", float64(space.Free))
	}
	j := r.journal
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
func (r *Report) addHealth(add func(name string, v float64)) {
	w := r.writer.state()
	add("disk.folderAway", bit(r.home.away() != nil))
	add("disk.updatesStopped", bit(w.Updates != nil))
	add("disk.createsStopped", bit(w.Creates != nil || w.Short != ""))
	unwritable := w.Unwritable
	add("unwritable.series", float64(unwritable.Series))
	add("unwritable.due", float64(unwritable.Due))
	if r.journal == nil {
		return
	}
	st := r.journal.log.Stats()
	add("wal.segments", float64(st.Segments))
	add("wal.bytes", float64(st.Size))
	add("wal.syncErrors", float64(st.SyncErrors))
	add("wal.syncSecondsMax", st.SyncMax.Seconds())
	add("wal.missedPoints", float64(r.journal.missed.Load()))
	add("wal.corruptions", float64(st.Damaged))
}

func bit(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
