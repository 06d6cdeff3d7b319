package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"

	bolt "go.etcd.io/bbolt"
)

// Limits of an event.
const (
	maxWhat = 4 << 10
	maxData = 256 << 10
	maxTags = 4 << 10 // of all tags, with a space between two
)

// Event is an event that happened at a time.
type Event struct {
	ID   int64
	When int64 // Unix seconds
	What string
	Data string
	Tags []string // words without spaces
}

// Add stores an event under the next free id. It ignores e.ID. It syncs the file. The error is a
// *LimitError if the event is too large, and wraps ErrFull if the store is full.
func (s *Store) Add(_ context.Context, e Event) error {
	value, err := appendEvent(nil, e)
	if err != nil {
		return err
	}
	err = s.update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(events))
		id, err := b.NextSequence()
		if err != nil {
			return err
		}
		if err := b.Put(eventKey(e.When, id), value); err != nil {
			return err
		}
		return tx.Bucket([]byte(eventTimes)).Put(bigEndian(id), eventKey(e.When, id)[:8])
	})
	if err != nil {
		return fmt.Errorf("cannot store event %.40q: %w", e.What, err)
	}
	return nil
}

// Find returns the events between from and until, inclusive, sorted by time and then by id. They
// have all tags, or with union any of them. An empty list of tags matches every event. Find reads
// every event in the interval. The error wraps ErrTooMany if the matching events are larger than
// Options.MaxAnswer.
func (s *Store) Find(ctx context.Context, from, until int64, tags []string, union bool) ([]Event, error) {
	var found []Event
	size := 0
	err := s.scan(ctx, from, until, func(when int64, id uint64, value []byte) error {
		if !matches(value, tags, union) {
			return nil
		}
		if size += len(value) + 64; size > s.o.MaxAnswer {
			return ErrTooMany
		}
		e, err := readEvent(value)
		e.ID, e.When = int64(id), when
		found = append(found, e)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("cannot find events: %w", err)
	}
	return found, nil
}

// EventTimes returns the sorted times of the events between from and until, inclusive, that have
// all the tags. An empty list of tags matches every event.
func (s *Store) EventTimes(ctx context.Context, tags []string, from, until int64) ([]int64, error) {
	var times []int64
	err := s.scan(ctx, from, until, func(when int64, _ uint64, value []byte) error {
		if matches(value, tags, false) {
			times = append(times, when)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot find events: %w", err)
	}
	return times, nil
}

// Get returns one event. ok is false if it does not exist.
func (s *Store) Get(_ context.Context, id int64) (e Event, ok bool, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		at := tx.Bucket([]byte(eventTimes)).Get(bigEndian(uint64(id)))
		if len(at) != 8 {
			return nil
		}
		key := append(slices.Clip(slices.Clone(at)), bigEndian(uint64(id))...)
		value := tx.Bucket([]byte(events)).Get(key)
		if value == nil {
			return nil
		}
		ok = true
		e, err = readEvent(value)
		e.ID, e.When = id, whenOf(key)
		return err
	})
	if err != nil {
		return Event{}, false, fmt.Errorf("cannot get event %d: %w", id, err)
	}
	return e, ok, nil
}

// scan calls fn for the events between from and until, in order. value is valid until fn returns.
func (s *Store) scan(ctx context.Context, from, until int64, fn func(when int64, id uint64, value []byte) error) error {
	return s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(events)).Cursor()
		n := 0
		for k, v := c.Seek(eventKey(from, 0)); k != nil; k, v = c.Next() {
			if len(k) != 16 {
				return fmt.Errorf("%w: key %x of an event", ErrDamaged, k)
			}
			when := whenOf(k)
			if when > until {
				return nil
			}
			if n++; n%1024 == 0 && ctx.Err() != nil {
				return ctx.Err()
			}
			if err := fn(when, binary.BigEndian.Uint64(k[8:]), v); err != nil {
				return err
			}
		}
		return nil
	})
}

// eventKey returns a key that sorts by time, also before 1970, then by id.
func eventKey(when int64, id uint64) []byte {
	return append(bigEndian(uint64(when)^1<<63), bigEndian(id)...)
}

func whenOf(key []byte) int64 { return int64(binary.BigEndian.Uint64(key) ^ 1<<63) }

// appendEvent appends the tags with a space after each, what, and data. The first two are preceded
// by their lengths. The tags come first because searches read them.
func appendEvent(dst []byte, e Event) ([]byte, error) {
	var tags strings.Builder
	for _, t := range e.Tags {
		if t == "" || strings.ContainsFunc(t, unicode.IsSpace) {
			return nil, &LimitError{fmt.Sprintf("the tag %.40q is not a word", t)}
		}
		tags.WriteString(t)
		tags.WriteByte(' ')
	}
	switch {
	case tags.Len() > maxTags:
		return nil, tooLong("the tags of an event", maxTags)
	case len(e.What) > maxWhat:
		return nil, tooLong(`"what" of an event`, maxWhat)
	case len(e.Data) > maxData:
		return nil, tooLong(`"data" of an event`, maxData)
	}
	dst = append(binary.AppendUvarint(dst, uint64(tags.Len())), tags.String()...)
	dst = append(binary.AppendUvarint(dst, uint64(len(e.What))), e.What...)
	return append(dst, e.Data...), nil
}

// readEvent decodes the output of appendEvent. The event does not refer to value.
func readEvent(value []byte) (e Event, err error) {
	tags, rest, ok := cutField(value)
	what, data, ok2 := cutField(rest)
	if !ok || !ok2 {
		return e, fmt.Errorf("%w: an event is cut off", ErrDamaged)
	}
	text := string(value) // one allocation for all fields
	end := len(text) - len(data)
	e.What, e.Data = text[end-len(what):end], text[end:]
	end = len(text) - len(rest)
	e.Tags = strings.Fields(text[end-len(tags) : end])
	return e, nil
}

// cutField removes a field and its length from the beginning of b.
func cutField(b []byte) (field, rest []byte, ok bool) {
	n, width := binary.Uvarint(b)
	if width <= 0 || n > math.MaxInt32 || int(n) > len(b)-width {
		return nil, nil, false
	}
	b = b[width:]
	return b[:n], b[n:], true
}

// matches reports whether an event has all of the tags, or with union any of them. It does not
// allocate.
func matches(value []byte, tags []string, union bool) bool {
	if len(tags) == 0 {
		return true
	}
	has, _, _ := cutField(value)
	for _, t := range tags {
		if hasWord(has, t) == union {
			return union
		}
	}
	return !union
}

// hasWord reports whether word is in words, which has a space after each word.
func hasWord(words []byte, word string) bool {
	for len(words) > 0 {
		end := bytes.IndexByte(words, ' ')
		if end < 0 {
			return string(words) == word
		}
		if string(words[:end]) == word {
			return true
		}
		words = words[end+1:]
	}
	return false
}
