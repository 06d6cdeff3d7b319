package carbon

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"graphited/carbon/conf"
	"graphited/carbon/naming"
	"graphited/carbon/tally"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

func TestBreaker(t *testing.T) {
	now := time.Unix(benchTime, 0)
	b := &breaker{now: func() time.Time { return now }}
	full := &fs.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}
	for range breakerTrips * 2 {
		if b.failed(syscall.EACCES) || b.failed(errors.New("damaged")) || b.tripped.Load() {
			t.Fatal("errors of one file trip the breaker")
		}
	}
	for range breakerTrips {
		if b.failed(full) {
			t.Fatal("it trips although updates work in between")
		}
		b.worked()
	}
	for i := range breakerTrips {
		if got := b.failed(full); got != (i == breakerTrips-1) {
			t.Fatalf("failure %d: trips: %t", i, got)
		}
	}
	if b.tries() != 0 || !b.stopped() || b.why() == nil || b.trips.Load() != 1 {
		t.Fatal("it has not tripped")
	}
	for _, wait := range []time.Duration{1, 2, 4, 8, 8, 8} {
		now = now.Add(wait*time.Second - 1)
		if b.tries() != 0 {
			t.Fatalf("a try after less than %d s", wait)
		}
		now = now.Add(1)
		if b.tries() != 1 || b.stopped() {
			t.Fatalf("no try after %d s", wait)
		}
		if b.failed(full) || !b.stopped() {
			t.Fatalf("after the try in vain after %d s", wait)
		}
	}
	now = now.Add(8 * time.Second)
	if b.tries() != 1 || !b.worked() || b.worked() || b.tries() != math.MaxInt || b.why() != nil {
		t.Error("it does not recover")
	}
}

// second lets the writer do the rounds of so many seconds.
func (b *bench) seconds(n int) {
	for range n {
		b.round(context.Background(), b.next())
		b.now++
	}
}

// logTo makes the writer log to a buffer.
func (b *bench) logTo() *bytes.Buffer {
	buf := new(bytes.Buffer)
	*b.logs = *tally.NewLogs(zerolog.New(buf).Level(zerolog.InfoLevel))
	b.space.log = b.logs.All
	return buf
}

// TestDiskThatTakesNothing: of a thousand series only one is tried now and then, a handful of lines
// is logged, and all is written soon after the disk is well.
func TestDiskThatTakesNothing(t *testing.T) {
	for _, failure := range []error{syscall.EROFS, syscall.EIO, syscall.ENOSPC, syscall.EDQUOT, syscall.EMFILE} {
		b := newBench(t, nil)
		log := b.logTo()
		const series = 1000
		for i := range series {
			addPoint(b.cache, fmt.Sprintf("s%d", i), benchTime-10, 1)
		}
		b.seconds(1)
		tries := 0
		b.fail = func(op vfs.Op) error {
			if op.Kind == "Open" {
				tries++
				return failure
			}
			return nil
		}
		for second := range 60 {
			for i := range series {
				addPoint(b.cache, fmt.Sprintf("s%d", i), uint32(benchTime+second), 1)
			}
			b.seconds(1)
		}
		if tries > 20 {
			t.Errorf("%v: %d tries in a minute", failure, tries)
		}
		if lines := strings.Count(log.String(), "\n"); lines < 1 || lines > 10 {
			t.Errorf("%v: %d lines in the log:\n%s", failure, lines, log)
		}
		if c := b.updating(); c.OK || !strings.Contains(c.Detail, failure.Error()) {
			t.Errorf("%v: health says %+v", failure, c)
		}
		b.fail = nil
		b.seconds(10)
		if b.cache.Size() != 0 || b.stats.Committed.Load() != series*61 || !b.updating().OK {
			t.Errorf("%v: after ten seconds %d points are left, %d committed", failure, b.cache.Size(), b.stats.Committed.Load())
		}
	}
}

// TestDiskThatTakesNoNewFiles: the files that are there are updated all the same.
func TestDiskThatTakesNoNewFiles(t *testing.T) {
	b := newBench(t, nil)
	log := b.logTo()
	for i := range 20 {
		addPoint(b.cache, fmt.Sprintf("old%d", i), benchTime-10, 1)
	}
	b.seconds(1)
	tries := 0
	b.fail = func(op vfs.Op) error {
		if op.Kind == "Open" && vfs.IsTemp(filepath.Base(op.Name)) {
			tries++
			return syscall.ENOSPC
		}
		return nil
	}
	for i := range 500 {
		addPoint(b.cache, fmt.Sprintf("new%d", i), benchTime, 1)
	}
	for second := range 60 {
		for i := range 20 {
			addPoint(b.cache, fmt.Sprintf("old%d", i), uint32(benchTime+second), 1)
		}
		b.seconds(1)
		if got := b.stats.Committed.Load(); got != int64(20*(second+2)) {
			t.Fatalf("second %d: %d points committed", second, got)
		}
	}
	if tries > 20 || strings.Count(log.String(), "\n") > 10 {
		t.Errorf("%d tries to create a file in a minute, and the log is:\n%s", tries, log)
	}
	if b.turn.waiting < 490 || b.stats.CreateWaits.Load() < 490 {
		t.Errorf("%d series are said to wait for their file, %d were counted", b.turn.waiting, b.stats.CreateWaits.Load())
	}
	b.fail = nil
	b.seconds(10)
	if b.cache.Size() != 0 || b.stats.Creates.Load() != 520 {
		t.Errorf("after ten seconds %d points are left, %d files were created", b.cache.Size(), b.stats.Creates.Load())
	}
}

// smallDisk has as much space as it is told.
type smallDisk struct {
	vfs.FS
	space vfs.Space
}

func (d *smallDisk) Space(string) (vfs.Space, error) { return d.space, nil }

// TestCreatesStopBeforeTheDiskIsFull also where it is files that are scarce.
func TestCreatesStopBeforeTheDiskIsFull(t *testing.T) {
	size := uint64(testSpec("").FileSize())
	const room = 10 << 30
	for _, c := range []struct {
		what  string
		min   int64
		space vfs.Space
		ok    bool
	}{
		{"enough", 1 << 20, vfs.Space{Free: 1<<20 + size, Total: room}, true},
		{"too little", 1 << 20, vfs.Space{Free: 1<<20 + size - 1, Total: room}, false},
		{"a twentieth of a small disk", 1 << 20, vfs.Space{Free: 50<<10 + size, Total: 1000 << 10}, true},
		{"less than that", 1 << 20, vfs.Space{Free: 50<<10 + size - 1, Total: 1000 << 10}, false},
		{"no limit", 0, vfs.Space{Free: size, Total: room}, true},
		{"files", 0, vfs.Space{Free: room, Total: room, FreeFiles: minFreeFiles, TotalFiles: 1 << 20}, true},
		{"few files", 0, vfs.Space{Free: room, Total: room, FreeFiles: minFreeFiles - 1, TotalFiles: 1 << 20}, false},
	} {
		b := newBench(t, func(o *conf.Options) { o.MinFreeSpace = c.min })
		log := b.logTo()
		disk := &smallDisk{b.fsys, vfs.Space{Free: room, Total: room}}
		b.fsys, b.space.fsys = disk, disk
		addPoint(b.cache, "old", benchTime-20, 1)
		b.seconds(1)
		disk.space = c.space
		for i := range 3 {
			addPoint(b.cache, fmt.Sprintf("new%d", i), benchTime-10, 1)
		}
		addPoint(b.cache, "old", benchTime-10, 1)
		b.seconds(3)
		want := int64(2)
		if c.ok {
			want += 3
		}
		if got := b.stats.Committed.Load(); got != want || (b.space.short() == "") != c.ok {
			t.Errorf("%s: %d points committed, want %d; short of %q", c.what, got, want, b.space.short())
		}
		disk.space.Free, disk.space.FreeFiles = room, 1<<20
		b.seconds(2)
		if b.cache.Size() != 0 || b.space.short() != "" {
			t.Errorf("%s: with room again %d points are left", c.what, b.cache.Size())
		}
		if n := strings.Count(log.String(), "\n"); !c.ok && n != 2 {
			t.Errorf("%s: the log is\n%s", c.what, log)
		}
	}
}

// TestDamagedFiles of every kind: reads find nothing instead of failing, writes set them aside
// under their path and begin anew.
func TestDamagedFiles(t *testing.T) {
	b := newBench(t, nil)
	whole := func(name string) []byte {
		addPoint(b.cache, name, benchTime-20, 1)
		b.seconds(1)
		data, err := vfs.ReadFile(b.fsys, naming.FilePath("/data", name, true))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	model := whole("a.model")
	flip := func(at int) []byte {
		return append(append(append([]byte{}, model[:at]...), model[at]^0xff), model[at+1:]...)
	}
	files := map[string][]byte{
		"a.empty": {}, "a.cut.header": model[:10], "a.cut.archives": model[:39],
		"a.zeros": make([]byte, len(model)), "a.method": flip(0), "a.count": flip(12), "a.offset": flip(18), "a.text": []byte("no whisper file"),
	}
	for name, data := range files {
		path := naming.FilePath("/data", name, true)
		if err := b.fsys.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := vfs.WriteFile(b.fsys, path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := b.store.Fetch(t.Context(), name, benchTime-600, benchTime, benchTime); !errors.Is(err, whisper.ErrNoData) {
			t.Errorf("%s: a read finds %v", name, err)
		}
		addPoint(b.cache, name, benchTime-10, 2)
		if got := b.points(name); len(got) != 1 || got[benchTime-10] != 2 {
			t.Errorf("%s: before the write it has %v", name, got)
		}
	}
	b.seconds(1)
	for name, data := range files {
		if got := b.points(name); len(got) != 1 || got[benchTime-10] != 2 {
			t.Errorf("%s: it has %v", name, got)
		}
		kept, err := vfs.ReadFile(b.fsys, strings.Replace(naming.FilePath("/data", name, true), "/data", "/data/.corrupt", 1))
		if err != nil || !bytes.Equal(kept, data) {
			t.Errorf("%s: what was there is not kept: %v", name, err)
		}
	}
	if n := b.stats.SetAside.Load(); n != int64(len(files)) || b.stats.Unreadable.Load() == 0 || b.cache.Size() != 0 {
		t.Errorf("%d files set aside, want %d; %d points are left", n, len(files), b.cache.Size())
	}
	// A second one of the same path does not replace the first.
	path := naming.FilePath("/data", "a.text", true)
	if err := vfs.WriteFile(b.fsys, path, []byte("again"), 0o644); err != nil {
		t.Fatal(err)
	}
	addPoint(b.cache, "a.text", benchTime, 3)
	b.seconds(1)
	if list, err := b.fsys.ReadDir("/data/.corrupt/a"); err != nil || len(list) < len(files)-1 {
		t.Errorf("%v, %v", list, err)
	}
	if kept, err := vfs.ReadFile(b.fsys, "/data/.corrupt/a/text.wsp"); err != nil || string(kept) != "no whisper file" {
		t.Errorf("the first one is %q, %v", kept, err)
	}
}

// TestClockPutBack: a series that failed is not left alone for longer because the clock was put
// back.
func TestClockPutBack(t *testing.T) {
	b := newBench(t, nil)
	b.fail = func(vfs.Op) error { return syscall.EACCES }
	addPoint(b.cache, "a", benchTime-10, 1)
	b.seconds(1)
	b.fail = nil
	b.now -= 86400
	b.seconds(1)
	if b.cache.Size() != 0 {
		t.Error("the series waits for the old time to come again")
	}
}

// TestHealth of a daemon whose disk takes nothing any more: it goes on receiving and says so,
// everywhere.
func TestHealth(t *testing.T) {
	failing := make(chan struct{})
	hook := func(op vfs.Op) error {
		select {
		case <-failing:
			if op.Kind == "Open" || op.Kind == "WriteAt" {
				return syscall.EROFS
			}
		default:
		}
		return nil
	}
	f := startDaemon(t, Deps{FS: &vfs.Fail{FS: vfs.OS{}, Hook: hook}}, nil)
	well := func(name string) bool {
		for _, c := range f.Health() {
			if c.Name == name {
				return c.OK
			}
		}
		t.Fatalf("no condition %q", name)
		return false
	}
	for _, name := range []string{"start", "updates", "creates", "files", "log"} {
		if !well(name) {
			t.Errorf("%s is not well: %+v", name, f.Health())
		}
	}
	close(failing)
	var lines strings.Builder
	for i := range 10 {
		fmt.Fprintf(&lines, "s%d 1 -1\n", i)
	}
	f.send("line", lines.String())
	f.received(10)
	f.until("the breaker trips", func() bool { return !well("updates") })
	if well("log") {
		t.Error("the log is said to be well")
	}
	if _, err := f.Ingest(t.Context(), "", []byte("s 1 -1\n")); !errors.Is(err, ErrNotSafe) {
		t.Errorf("points that could not be logged are acknowledged: %v", err)
	}
	f.until("all that wait are told", func() bool { return f.Status().Unwritable.Series >= 10 })
	text := string(f.AppendPrometheus(nil))
	for _, want := range []string{"graphited_disk_updates_stopped 1\n", "graphited_unwritable_series{reason=\"read-only file system\"} 1", "graphited_log_missed_points_total 11\n"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	got := map[string]float64{}
	f.addHealth(func(name string, v float64) { got[name] = v })
	if got["disk.updatesStopped"] != 1 || got["unwritable.series"] < 10 || got["unwritable.due"] < 10 || got["wal.missedPoints"] != 11 {
		t.Errorf("our own metrics: %v", got)
	}
}
