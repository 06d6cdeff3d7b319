package store

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"
)

func open(t testing.TB, path string, o Options) *Store {
	t.Helper()
	s, err := Open(path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// filled creates a file with n events and a few other entries, and returns its path.
func filled(t testing.TB, n int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sub", "web.db")
	s, err := Open(path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	addMany(t, s, n)
	for _, f := range []Folder{s.Dashboards(), s.Templates(), s.Graphs()} {
		if err := f.Save("a", []byte(`{"x": "`+strings.Repeat("y", 6000)+`"}`)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Link("render?target=a"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

// addMany adds n events, ten seconds apart, in one transaction.
func addMany(t testing.TB, s *Store, n int) {
	t.Helper()
	err := s.update(func(tx *bolt.Tx) error {
		for i := range n {
			v, err := appendEvent(nil, Event{What: "deploy of something", Data: "by somebody, for some reason", Tags: []string{"deploy", "host" + string(rune('a'+i%26))}})
			if err != nil {
				return err
			}
			b := tx.Bucket([]byte(events))
			id, err := b.NextSequence()
			if err != nil {
				return err
			}
			k := eventKey(int64(i)*10, id)
			if err := b.Put(k, v); err != nil {
				return err
			}
			if err := tx.Bucket([]byte(eventTimes)).Put(bigEndian(id), k[:8]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestReopen(t *testing.T) {
	s := open(t, filled(t, 100), Options{})
	if s.SetAside() != "" || s.Faults() != 0 {
		t.Errorf("an undamaged file was set aside: %q", s.SetAside())
	}
	if e, err := s.Find(context.Background(), 0, 1e9, nil, false); len(e) != 100 || err != nil {
		t.Errorf("%d events, %v", len(e), err)
	}
	if err := s.Add(context.Background(), Event{What: "next"}); err != nil {
		t.Fatal(err)
	}
	if e, ok, err := s.Get(context.Background(), 101); !ok || e.What != "next" || err != nil {
		t.Errorf("ids do not continue: %v %v %v", e, ok, err)
	}
	if p, ok, err := s.Linked(1); p != "render?target=a" || !ok || err != nil {
		t.Errorf("%q %v %v", p, ok, err)
	}
	if n, err := s.Size(); n < 8192 || err != nil {
		t.Errorf("size %d, %v", n, err)
	}
}

func TestLocked(t *testing.T) {
	path := filled(t, 1)
	open(t, path, Options{})
	_, err := Open(path, Options{LockTimeout: 10 * time.Millisecond})
	if !errors.Is(err, ErrLocked) || !strings.Contains(err.Error(), path) {
		t.Errorf("got %v", err)
	}
}

func TestCannotOpen(t *testing.T) {
	dir := t.TempDir()
	if _, err := Open(dir, Options{}); err == nil || errors.Is(err, ErrDamaged) {
		t.Errorf("a folder: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "file"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(filepath.Join(dir, "file", "web.db"), Options{}); err == nil {
		t.Error("opened a path below a file")
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 1 {
		t.Errorf("left behind %v", entries)
	}
}

// TestDamaged checks that Open gives a working store whatever the file contains, and that an
// unreadable file is still there under another name.
func TestDamaged(t *testing.T) {
	whole, err := os.ReadFile(filled(t, 500))
	if err != nil {
		t.Fatal(err)
	}
	f := func(name string, data []byte) {
		t.Helper()
		path := filepath.Join(t.TempDir(), "web.db")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := open(t, path, Options{Now: func() time.Time { return time.Unix(1e9, 0) }})
		if want := path + ".damaged-1000000000"; s.SetAside() != want {
			t.Fatalf("%s: set aside %q", name, s.SetAside())
		}
		if kept, err := os.ReadFile(s.SetAside()); err != nil || len(kept) != len(data) {
			t.Errorf("%s: set aside are %d bytes, %v", name, len(kept), err)
		}
		if s.Faults() == 0 {
			t.Errorf("%s: not counted", name)
		}
		if err := s.Add(context.Background(), Event{What: "x"}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	f("one byte", []byte("x"))
	f("text", []byte(strings.Repeat("not a database\n", 1000)))
	f("zeros", make([]byte, len(whole)))
	f("cut in the first page", whole[:1000])
	f("cut in the second page", whole[:5000])
	f("cut in the middle", whole[:len(whole)/2])
	meta := append([]byte(nil), whole...)
	copy(meta, make([]byte, 8192))
	f("no meta pages", meta)
	pages := append([]byte(nil), whole...)
	for i := 8192; i < len(pages); i++ {
		pages[i] = 0xff
	}
	f("overwritten pages", pages)
}

// TestBitRot checks that a file with wrong bytes anywhere is either opened or set aside, that
// methods return a result or ErrDamaged, and that none ends the program.
func TestBitRot(t *testing.T) {
	whole, err := os.ReadFile(filled(t, 300))
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(1, 2))
	dir := t.TempDir()
	for i := range 150 {
		data := append([]byte(nil), whole...)
		at := rng.IntN(len(data))
		for j := range 1 + rng.IntN(64) {
			data[(at+j)%len(data)] = byte(rng.Uint32())
		}
		path := filepath.Join(dir, string(rune('a'+i%26))+strings.Repeat("x", i/26))
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		s, err := Open(path, Options{})
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		_, err1 := s.Find(ctx, 0, 1e9, []string{"deploy"}, false)
		_, _, err2 := s.Get(ctx, 7)
		_, _, err3 := s.Dashboards().Load("a")
		err4 := s.Add(ctx, Event{What: "x", When: rng.Int64N(3000)})
		err5 := s.Graphs().Save("b", []byte("c"))
		for _, err := range []error{err1, err2, err3, err4, err5} {
			if err != nil && !errors.Is(err, ErrDamaged) && s.Faults() == 0 {
				t.Errorf("%d: %v", i, err)
			}
		}
		_ = s.Close()
	}
}

func TestFull(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "web.db"), Options{MaxBytes: 4 << 20})
	big := []byte(strings.Repeat("x", maxBody))
	var err error
	for n := range 20 {
		if err = s.Dashboards().Save(strings.Repeat("n", n+1), big); err != nil {
			break
		}
	}
	if !errors.Is(err, ErrFull) {
		t.Fatalf("got %v", err)
	}
	if body, ok, err := s.Dashboards().Load("n"); len(body) != len(big) || !ok || err != nil {
		t.Errorf("lost the stored body: %d %v %v", len(body), ok, err)
	}
	if ok, err := s.Dashboards().Delete("n"); !ok || err != nil {
		t.Errorf("cannot make room: %v %v", ok, err)
	}
	if err := s.Dashboards().Save("again", big); err != nil {
		t.Errorf("no room after deleting: %v", err)
	}
}

// TestCloseUnderWork checks that Close waits for running calls and later calls fail.
func TestCloseUnderWork(t *testing.T) {
	s, err := Open(filepath.Join(t.TempDir(), "web.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	var wg sync.WaitGroup
	started := make(chan bool, 4)
	for range 4 {
		wg.Go(func() {
			for i := 0; ; i++ {
				if err := s.Add(ctx, Event{What: "x", When: int64(i)}); err != nil {
					return
				}
				if _, err := s.Find(ctx, 0, 10, nil, false); err != nil {
					return
				}
				if i == 2 {
					started <- true
				}
			}
		})
	}
	for range 4 {
		<-started
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if err := s.Add(ctx, Event{What: "x"}); err == nil {
		t.Error("added to a closed store")
	}
	if s.Faults() != 0 {
		t.Errorf("%d faults", s.Faults())
	}
}

// TestKilled checks that completed writes survive a kill of the process while it is writing, and
// that no file is set aside.
func TestKilled(t *testing.T) {
	const env = "GRAPHITED_TEST_STORE"
	ctx := context.Background()
	if path := os.Getenv(env); path != "" {
		s, err := Open(path, Options{})
		for i := int64(1); err == nil; i++ {
			if err = s.Add(ctx, Event{When: i, What: strings.Repeat("x", int(i%3000))}); err == nil {
				fmt.Println(i)
			}
		}
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "web.db")
	child := exec.Command(os.Args[0], "-test.run=^TestKilled$")
	child.Env = append(os.Environ(), env+"="+path)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	done := 0
	for in := bufio.NewScanner(out); in.Scan(); {
		if done, err = strconv.Atoi(in.Text()); err != nil {
			t.Errorf("the child said %q", in.Text())
		}
		if done == 40 {
			_ = child.Process.Kill()
		}
	}
	_ = child.Wait()
	s := open(t, path, Options{})
	events, err := s.Find(ctx, 0, 1e9, nil, false)
	if err != nil || len(events) < done || done < 40 || s.SetAside() != "" {
		t.Errorf("found %d events of %d, %v, set aside %q", len(events), done, err, s.SetAside())
	}
}
