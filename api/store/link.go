package store

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	bolt "go.etcd.io/bbolt"
)

// maxLink is the largest length of a short link's path.
const maxLink = 32 << 10

// Link returns the number of a path, which is always the same for a path. The first number is 1.
// For a new path Link syncs the file. The error is a *LimitError if path is too long, and wraps
// ErrFull if there are already Options.MaxLinks.
func (s *Store) Link(path string) (id int64, err error) {
	if len(path) > maxLink {
		return 0, tooLong("a link", maxLink)
	}
	sum := sha256.Sum256([]byte(path))
	err = s.view(func(tx *bolt.Tx) error {
		id = linkID(tx, sum[:])
		return nil
	})
	if err != nil || id != 0 {
		return id, err
	}
	err = s.update(func(tx *bolt.Tx) error {
		if id = linkID(tx, sum[:]); id != 0 {
			return nil // another goroutine was faster
		}
		b := tx.Bucket([]byte(links))
		if b.Sequence() >= uint64(s.o.MaxLinks) {
			return fmt.Errorf("%w: %d links", ErrFull, b.Sequence())
		}
		n, err := b.NextSequence()
		if err != nil {
			return err
		}
		id = int64(n)
		if err := b.Put(bigEndian(n), []byte(path)); err != nil {
			return err
		}
		return tx.Bucket([]byte(linkIDs)).Put(sum[:], bigEndian(n))
	})
	if err != nil {
		return 0, fmt.Errorf("cannot store link: %w", err)
	}
	return id, nil
}

func linkID(tx *bolt.Tx, sum []byte) int64 {
	if v := tx.Bucket([]byte(linkIDs)).Get(sum); len(v) == 8 {
		return int64(binary.BigEndian.Uint64(v))
	}
	return 0
}

// Linked returns the path of a number. ok is false if there is none.
func (s *Store) Linked(id int64) (path string, ok bool, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		v := tx.Bucket([]byte(links)).Get(bigEndian(uint64(id)))
		path, ok = string(v), v != nil
		return nil
	})
	if err != nil {
		return "", false, fmt.Errorf("cannot find link %d: %w", id, err)
	}
	return path, ok, nil
}
