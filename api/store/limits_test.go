package store

import (
	"errors"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnswerLimit: events of just as many bytes as MAX_EVENTS_SIZE are given, and one byte more is
// too much.
func TestAnswerLimit(t *testing.T) {
	e := Event{What: "deploy", Data: "by somebody", Tags: []string{"a"}}
	value, err := appendEvent(nil, e)
	if err != nil {
		t.Fatal(err)
	}
	size := 3 * (len(value) + 64)
	for most, fails := range map[int]bool{size: false, size - 1: true} {
		s := open(t, filepath.Join(t.TempDir(), "web.db"), Options{MaxAnswer: most})
		for range 3 {
			if err := s.Add(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		if got, err := s.Find(t.Context(), 0, 1, nil, false); errors.Is(err, ErrTooMany) != fails || !fails && len(got) != 3 {
			t.Errorf("%d bytes, at most %d: %d events, %v", size, most, len(got), err)
		}
	}
}

// TestLongestOfAll: the longest link, and the longest name, can be saved, found and deleted.
func TestLongestOfAll(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "web.db"), Options{})
	long := strings.Repeat("x", maxLink)
	id, err := s.Link(long)
	if path, ok, lerr := s.Linked(id); err != nil || lerr != nil || !ok || path != long {
		t.Errorf("a link of %d bytes: %v, %v, %d bytes are found", len(long), err, lerr, len(path))
	}
	var limit *LimitError
	if _, err := s.Link(long + "x"); !errors.As(err, &limit) {
		t.Errorf("a link of %d bytes: %v", len(long)+1, err)
	}
	name := strings.Repeat("n", maxName)
	if err := s.Dashboards().Save(name, []byte("{}")); err != nil {
		t.Fatal(err)
	}
	if ok, err := s.Dashboards().Delete(name); !ok || err != nil {
		t.Errorf("a name of %d bytes is deleted: %v, %v", len(name), ok, err)
	}
}
