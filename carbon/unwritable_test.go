package carbon

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"graphited/carbon/naming"
	"graphited/whisper/vfs"
)

// sendEach gives each series a point.
func (b *bench) sendEach(names []string) {
	for _, name := range names {
		addPoint(b.cache, name, uint32(b.now), 1)
	}
}

// failFiles makes all operations on the files of some series fail.
func (b *bench) failFiles(err error, names ...string) {
	bad := map[string]bool{}
	for _, name := range names {
		bad[naming.FilePath("/data", name, true)] = true
	}
	b.fail = func(op vfs.Op) error {
		if bad[op.Name] {
			return err
		}
		return nil
	}
}

func manyNames(n int) (names []string) {
	for i := range n {
		names = append(names, fmt.Sprintf("s%d", i))
	}
	return names
}

// TestUnwritableFiles: errors that are each of one file, which the breaker does not count, are
// named by /health at once, and make it ill when they are too many for a minute.
func TestUnwritableFiles(t *testing.T) {
	names := manyNames(200)
	for _, c := range []struct {
		what string
		err  error
		bad  int
		text string // of the detail
		ill  bool   // after a minute
	}{
		{"nobody may write", syscall.EACCES, 200, "200 of 200 series that were due cannot be written: permission denied (200, such as s", true},
		{"more than one in a hundred", syscall.EISDIR, 3, "3 of 200 series that were due cannot be written: is a directory (3, such as s", true},
		{"one in a hundred", syscall.EPERM, 2, "2 of 200 series that were due cannot be written: operation not permitted (2, such as s", false},
		{"one", syscall.ENOTDIR, 1, "1 of 200 series that were due cannot be written: not a directory (1, such as s0", false},
		{"no name for a file", syscall.ENAMETOOLONG, 5, "5 of 200 series that were due cannot be written: file name too long (5, such as s", true},
		{"another error", errors.New("strange"), 4, "strange (4, such as s", true},
	} {
		b := newBench(t, nil)
		b.sendEach(names)
		b.seconds(1)
		if u := b.updating(); !u.OK || u.Detail != "at work" {
			t.Fatalf("%s: at the beginning: %+v", c.what, u)
		}
		b.failFiles(c.err, names[:c.bad]...)
		for second := range 90 {
			if second%10 == 0 {
				b.sendEach(names)
			}
			b.seconds(1)
			u := b.updating()
			if !strings.Contains(u.Detail, c.text) {
				t.Fatalf("%s, second %d: %+v, want %q", c.what, second, u, c.text)
			}
			if want := !c.ill || second < 59; u.OK != want {
				t.Fatalf("%s, second %d: OK is %t: %s", c.what, second, u.OK, u.Detail)
			}
		}
		b.fail = nil
		b.sendEach(names)
		b.seconds(70) // each is tried again within a minute
		if u := b.updating(); !u.OK || u.Detail != "at work" || b.cache.Size() != 0 {
			t.Errorf("%s: when all is well again: %+v, %d points are left", c.what, u, b.cache.Size())
		}
	}
}

// TestUnwritableAgainstThoseDue: what counts is the share of the series that were due, not of all
// that are known, and old times of points do not make them late.
func TestUnwritableAgainstThoseDue(t *testing.T) {
	b := newBench(t, nil)
	idle, busy := manyNames(1000), []string{"a", "b", "c", "d"}
	b.sendEach(append(idle, busy...))
	b.seconds(120)
	b.failFiles(syscall.EACCES, "a", "b")
	for range 7 {
		for _, name := range busy {
			addPoint(b.cache, name, benchTime-500, 1)
		}
		b.seconds(10)
	}
	if u := b.updating(); u.OK || !strings.Contains(u.Detail, "2 of 4 series") {
		t.Errorf("two of four: %+v", u)
	}
	b.fail = nil
	b.seconds(70)
	for _, name := range idle {
		addPoint(b.cache, name, benchTime-500, 1)
	}
	b.seconds(1)
	if u := b.updating(); !u.OK || u.Detail != "at work" {
		t.Errorf("old points are said to be late: %+v", u)
	}
}

// TestOneUnwritableFileAlone is named, and no reason to be ill even if it is the only series that
// was due for long; unless nothing could ever be written.
func TestOneUnwritableFileAlone(t *testing.T) {
	for _, first := range []bool{true, false} {
		b := newBench(t, nil)
		if first {
			b.sendEach(manyNames(5))
			b.seconds(1)
		}
		b.failFiles(syscall.EISDIR, "bad")
		b.sendEach([]string{"bad"})
		b.seconds(2000)
		if u := b.updating(); u.OK != first || !strings.Contains(u.Detail, "1 of 1 series that were due cannot be written: is a directory (1, such as bad") {
			t.Errorf("with others before: %t: %+v", first, u)
		}
	}
}

// TestUnwritableReasons are told one by one, with an example that is still one; what is removed, or
// has no file name and comes no more, is not told any longer.
func TestUnwritableReasons(t *testing.T) {
	b := newBench(t, nil)
	names := manyNames(100)
	errs := map[string]error{}
	for i, name := range names[:30] {
		errs[naming.FilePath("/data", name, true)] = [...]error{syscall.EACCES, syscall.EISDIR, &fs.PathError{Op: "open", Path: name, Err: syscall.ENAMETOOLONG}}[i%3]
	}
	b.fail = func(op vfs.Op) error { return errs[op.Name] }
	b.sendEach(names)
	b.seconds(1)
	st := b.unwritable.status()
	if st.Series != 30 || st.Due != 100 || len(st.Reasons) != 3 {
		t.Fatalf("%+v", st)
	}
	for _, r := range st.Reasons {
		if r.Series != 10 || r.Since != benchTime || errs[naming.FilePath("/data", r.Example, true)] == nil {
			t.Errorf("%+v", r)
		}
	}
	for i, name := range names[:30] {
		if i%3 == 0 && i > 0 {
			delete(errs, naming.FilePath("/data", name, true))
		}
	}
	b.seconds(70)
	for _, r := range b.unwritable.status().Reasons {
		if r.Reason == syscall.EACCES.Error() && (r.Series != 1 || r.Example != "s0") {
			t.Errorf("when nine of ten are well: %+v", r)
		}
	}
	delete(errs, naming.FilePath("/data", "s0", true))
	b.seconds(700)
	const want = "10 of 10 series that were due cannot be written: is a directory (10, such as "
	if u := b.updating(); u.OK || !strings.HasPrefix(u.Detail, want) {
		t.Errorf("when names without a file come no more: %+v", u)
	}
	b.unwritable.forget(b.cache.Lookup([]byte("s1")))
	if st := b.unwritable.status(); st.Series != 9 {
		t.Errorf("when one is removed: %+v", st)
	}
}

// TestUnwritableWhileTheDiskIsFull: the series that are not even tried are told, too.
func TestUnwritableWhileTheDiskIsFull(t *testing.T) {
	b := newBench(t, nil)
	names := manyNames(50)
	b.sendEach(names)
	b.seconds(1)
	b.fail = func(op vfs.Op) error {
		if op.Kind == "WriteAt" || op.Kind == "Open" && vfs.IsTemp(filepath.Base(op.Name)) {
			return syscall.ENOSPC
		}
		return nil
	}
	b.sendEach(append(names, "new1", "new2", "new3", "new4", "new5", "new6"))
	b.seconds(10)
	if st := b.unwritable.status(); st.Series != 56 || len(st.Reasons) == 0 || st.Reasons[0].Reason != syscall.ENOSPC.Error() || st.Reasons[0].Example == "" {
		t.Errorf("%+v", st)
	}
	if u := b.updating(); u.OK || !strings.Contains(u.Detail, "no space left") {
		t.Errorf("%+v", u)
	}
	b.fail = nil
	b.seconds(20)
	if st := b.unwritable.status(); st.Series != 0 || b.cache.Size() != 0 {
		t.Errorf("with room again: %+v", st)
	}
}

// TestUpdateThatHangs, as on a network file system whose server is gone: no error comes, and
// nothing is written.
func TestUpdateThatHangs(t *testing.T) {
	b := newBench(t, nil)
	reached, goOn, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	b.fail = func(op vfs.Op) error {
		if op.Name == naming.FilePath("/data", "a", true) && op.Kind == "Open" {
			close(reached)
			<-goOn
		}
		return nil
	}
	b.sendEach([]string{"a", "b"})
	all := b.next()
	go func() {
		defer close(done)
		b.round(t.Context(), all)
	}()
	<-reached
	clock := b.unwritable.clock
	b.unwritable.mu.Lock()
	b.unwritable.clock = func() time.Time { return clock().Add(unwritablePatience) }
	b.unwritable.mu.Unlock()
	if u := b.updating(); u.OK || u.Detail != "the update of a has not ended for more than 60 s" {
		t.Errorf("%+v", u)
	}
	b.fail = nil
	close(goOn)
	<-done
	if u := b.updating(); !u.OK || u.Detail != "at work" {
		t.Errorf("afterwards: %+v", u)
	}
}

// TestCensus counts each series once, whatever the clock does.
func TestCensus(t *testing.T) {
	var c census
	c.enter(benchTime)
	c.enter(benchTime + 5)
	c.leave(benchTime)
	c.enter(benchTime + 600)
	if got := c.since(benchTime); got != 2 {
		t.Errorf("two series are %d", got)
	}
	if got := c.since(benchTime + 60); got != 1 {
		t.Errorf("one since a minute later is %d", got)
	}
	c.leave(1)
	c.leave(benchTime + 100_000)
	c.enter(benchTime - 86400)
	if got := c.since(benchTime - 86400); got != 1 {
		t.Errorf("after the clock was put back by a day: %d", got)
	}
	c.enter(benchTime + 86400)
	if got := c.since(0); got != 1 {
		t.Errorf("after a day: %d", got)
	}
}
