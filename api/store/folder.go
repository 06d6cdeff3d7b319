package store

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	bolt "go.etcd.io/bbolt"
)

// Limits of names and texts.
const (
	maxName = 255
	maxBody = 1 << 20
)

// Folder stores texts by name.
type Folder struct {
	s      *Store
	bucket string
	noun   string
}

// Dashboards returns the folder of dashboards, which maps a name to the JSON of a dashboard's
// state.
func (s *Store) Dashboards() Folder { return Folder{s, dashboards, "dashboard"} }

// Templates returns the folder of dashboard templates, which maps a name to the JSON of a
// template's state.
func (s *Store) Templates() Folder { return Folder{s, templates, "template"} }

// Graphs returns the folder of saved graphs, which maps a name to a URL. Dots in the name separate
// folders.
func (s *Store) Graphs() Folder { return Folder{s, graphs, "graph"} }

// Save stores body under name and replaces an earlier body. It syncs the file. The error is a
// *LimitError if name or body is too long, and wraps ErrFull if the store is full.
func (f Folder) Save(name string, body []byte) error {
	if err := f.allowed(name, body); err != nil {
		return err
	}
	err := f.s.update(func(tx *bolt.Tx) error { return tx.Bucket([]byte(f.bucket)).Put([]byte(name), body) })
	if err != nil {
		return fmt.Errorf("cannot save %s %q: %w", f.noun, name, err)
	}
	return nil
}

// Create stores body under a new name: prefix followed by a number that was never used before.
func (f Folder) Create(prefix string, body []byte) (name string, err error) {
	if err := f.allowed(prefix+strconv.Itoa(1<<30), body); err != nil {
		return "", err
	}
	err = f.s.update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(f.bucket))
		for {
			n, err := b.NextSequence()
			if err != nil {
				return err
			}
			name = prefix + strconv.FormatUint(n-1, 10)
			if b.Get([]byte(name)) == nil {
				return b.Put([]byte(name), body)
			}
		}
	})
	if err != nil {
		return "", fmt.Errorf("cannot save a new %s: %w", f.noun, err)
	}
	return name, nil
}

func (f Folder) allowed(name string, body []byte) error {
	switch {
	case name == "":
		return &LimitError{"the name of a " + f.noun + " is empty"}
	case len(name) > maxName:
		return tooLong("the name of a "+f.noun, maxName)
	case len(body) > maxBody:
		return tooLong("a "+f.noun, maxBody)
	case strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }):
		return &LimitError{"the name of a " + f.noun + " has a control character"}
	}
	return nil
}

// Load returns the body stored under name. ok is false if there is none.
func (f Folder) Load(name string) (body []byte, ok bool, err error) {
	err = f.s.view(func(tx *bolt.Tx) error {
		v := tx.Bucket([]byte(f.bucket)).Get([]byte(name))
		body, ok = bytes.Clone(v), v != nil
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("cannot load %s %q: %w", f.noun, name, err)
	}
	return body, ok, nil
}

// Delete deletes name. ok is false if it did not exist.
func (f Folder) Delete(name string) (ok bool, err error) {
	if name == "" || len(name) > maxName {
		return false, nil
	}
	err = f.s.update(func(tx *bolt.Tx) error {
		b := tx.Bucket([]byte(f.bucket))
		ok = b.Get([]byte(name)) != nil
		return b.Delete([]byte(name))
	})
	if err != nil {
		return false, fmt.Errorf("cannot delete %s %q: %w", f.noun, name, err)
	}
	return ok, nil
}

// Names returns the names with the given prefix, sorted by their bytes.
func (f Folder) Names(prefix string) ([]string, error) {
	var names []string
	err := f.s.view(func(tx *bolt.Tx) error {
		c := tx.Bucket([]byte(f.bucket)).Cursor()
		for k, _ := c.Seek([]byte(prefix)); k != nil && bytes.HasPrefix(k, []byte(prefix)); k, _ = c.Next() {
			names = append(names, string(k))
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("cannot list %ss: %w", f.noun, err)
	}
	return names, nil
}
