package store

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"sync/atomic"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	"graphited/whisper/vfs"
)

// Errors that methods wrap.
var (
	// ErrLocked says that another process has the file open.
	ErrLocked = errors.New("another process has it open")
	// ErrDamaged says that a part of the file is not as it was written.
	ErrDamaged = errors.New("the file is damaged")
	// ErrFull says that the store has no space for more data.
	ErrFull = errors.New("the store is full")
	// ErrTooMany says that the result of a request is too large.
	ErrTooMany = errors.New("the result is too large, request less")
)

// LimitError says that a value is too large or malformed.
type LimitError struct{ What string }

// Error returns the reason.
func (e *LimitError) Error() string { return e.What }

func tooLong(what string, most int) error {
	return &LimitError{what + " is longer than " + strconv.Itoa(most) + " bytes"}
}

// Options are the settings of a Store, in the section [web] of carbon.conf. Zero values have their
// defaults, see DefaultOptions.
type Options struct {
	// LockTimeout is how long Open waits for another process to close the file.
	LockTimeout time.Duration
	MaxBytes    int `conf:"MAX_SAVED_SIZE" is:">0" unit:"bytes" own:"true" doc:"The size that the file of events, dashboards, graphs and links may have; beyond it nothing more is saved (507)."`
	MaxAnswer   int `conf:"MAX_EVENTS_SIZE" is:">0" unit:"bytes" own:"true" doc:"The size that the events of one answer may have; more are refused with 400."`
	MaxLinks    int `conf:"MAX_SHORT_LINKS" is:">0" own:"true" doc:"The short links that may exist. Links are never deleted."`
	// Now is the clock, which gives the name of a damaged file. Nil means time.Now.
	Now func() time.Time
}

// DefaultOptions returns what is used where nothing is configured.
func DefaultOptions() Options {
	return Options{LockTimeout: 5 * time.Second, MaxBytes: 512 << 20, MaxAnswer: 32 << 20, MaxLinks: 100_000}
}

func (o Options) filled() Options {
	def := DefaultOptions()
	o.LockTimeout = cmp.Or(o.LockTimeout, def.LockTimeout)
	o.MaxBytes = cmp.Or(o.MaxBytes, def.MaxBytes)
	o.MaxAnswer = cmp.Or(o.MaxAnswer, def.MaxAnswer)
	o.MaxLinks = cmp.Or(o.MaxLinks, def.MaxLinks)
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Store is an open file.
type Store struct {
	db    *bolt.DB
	o     Options
	aside string
	// faults counts the calls that found damage.
	faults atomic.Int64
}

// buckets are the names of the buckets. If the format of a bucket's content changes, the bucket
// needs a new name.
var buckets = [...]string{events, eventTimes, dashboards, templates, graphs, links, linkIDs}

const (
	events     = "events"      // when, id -> event
	eventTimes = "event times" // id -> when
	dashboards = "dashboards"  // name -> JSON
	templates  = "templates"   // name -> JSON
	graphs     = "graphs"      // name -> URL
	links      = "links"       // id -> path
	linkIDs    = "link ids"    // SHA-256 of path -> id
)

// Open opens the file at path. It creates the file and its folder if they do not exist. It renames
// a damaged file to path.damaged-<Unix time>, see SetAside, and creates a new one. The error wraps
// ErrLocked if another process has the file open.
func Open(path string, o Options) (*Store, error) {
	s := &Store{o: o.filled()}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("cannot make folder of %q: %w", path, err)
	}
	err := s.open(path)
	if errors.Is(err, ErrDamaged) {
		s.aside = path + ".damaged-" + strconv.FormatInt(s.o.Now().Unix(), 10)
		if moved := os.Rename(path, s.aside); moved != nil {
			return nil, fmt.Errorf("cannot set aside damaged %q: %w", path, moved)
		}
		s.faults.Store(1)
		err = s.open(path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot open %q: %w", path, err)
	}
	if err := (vfs.OS{}).SyncDir(filepath.Dir(path)); err != nil {
		return nil, fmt.Errorf("cannot make %q durable: %w", path, errors.Join(err, s.Close()))
	}
	return s, nil
}

// open opens the file and does the checks for damage that are cheap.
func (s *Store) open(path string) error {
	err := s.guard(func() (err error) {
		s.db, err = bolt.Open(path, 0o640, &bolt.Options{
			Timeout: s.o.LockTimeout, MaxSize: s.o.MaxBytes, FreelistType: bolt.FreelistMapType, NoStatistics: true,
		})
		return err
	})
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return ErrLocked
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), err != nil && tooSmall(path):
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	case err != nil:
		return err
	}
	if err = s.check(); err == nil {
		err = s.makeBuckets()
	}
	if err != nil {
		_ = s.guard(s.db.Close)
	}
	return err
}

// tooSmall reports whether there is a file that is smaller than any database.
func tooSmall(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > 0 && info.Size() < int64(2*os.Getpagesize())
}

// wholeCheck is the largest size at which Open reads the whole file, which takes milliseconds. In a
// larger file it reads only the ends of each bucket.
const wholeCheck = 8 << 20

// check reads enough to detect a file that was truncated or overwritten. An access beyond the end
// of a mapped file ends the program if it is not caught, so check compares the size first.
func (s *Store) check() error {
	return s.view(func(tx *bolt.Tx) error {
		info, err := os.Stat(s.db.Path())
		if err != nil {
			return err
		}
		if info.Size() < tx.Size() {
			return fmt.Errorf("%w: %d bytes are missing at its end", ErrDamaged, tx.Size()-info.Size())
		}
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error {
			c := b.Cursor()
			n := 0
			for k, v := c.First(); k != nil; k, v = c.Next() {
				n += len(k) + len(v)
				if info.Size() > wholeCheck && n > 0 {
					break
				}
			}
			c.Last()
			return nil
		})
	})
}

func (s *Store) makeBuckets() error {
	missing := false
	err := s.view(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			missing = missing || tx.Bucket([]byte(name)) == nil
		}
		return nil
	})
	if err != nil || !missing {
		return err
	}
	return s.update(func(tx *bolt.Tx) error {
		for _, name := range buckets {
			if _, err := tx.CreateBucketIfNotExists([]byte(name)); err != nil {
				return err
			}
		}
		return nil
	})
}

// SetAside returns the new name of a damaged file that Open renamed, or "" if the file was
// undamaged.
func (s *Store) SetAside() string { return s.aside }

// Faults returns how many calls have found damage since Open. If there are any, stop the program
// and restore the file or move it away.
func (s *Store) Faults() int64 { return s.faults.Load() }

// Size returns the number of bytes of the file that are in use.
func (s *Store) Size() (n int64, err error) {
	err = s.view(func(tx *bolt.Tx) error {
		n = tx.Size()
		return nil
	})
	return n, err
}

// Close closes the store. It waits for running calls. Later calls fail.
func (s *Store) Close() error {
	if err := s.guard(s.db.Close); err != nil {
		return fmt.Errorf("cannot close %q: %w", s.db.Path(), err)
	}
	return nil
}

// Dump writes a consistent copy of the file. It calls begin with the file's name, without folder,
// and its size in bytes, and writes to the result. Other calls may change the store meanwhile, and
// the file may grow.
func (s *Store) Dump(begin func(name string, size int64) (io.Writer, error)) error {
	return s.view(func(tx *bolt.Tx) error {
		w, err := begin(filepath.Base(s.db.Path()), tx.Size())
		if err == nil {
			_, err = tx.WriteTo(w)
		}
		return err
	})
}

func (s *Store) view(fn func(*bolt.Tx) error) error {
	return s.guard(func() error { return s.db.View(fn) })
}

func (s *Store) update(fn func(*bolt.Tx) error) error {
	err := s.guard(func() error { return s.db.Update(fn) })
	if errors.Is(err, bolterrors.ErrMaxSizeReached) {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// guard converts the panics and memory faults of bbolt on an invalid page to an error.
func (s *Store) guard(run func() error) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", ErrDamaged, r)
		}
		if errors.Is(err, ErrDamaged) {
			s.faults.Add(1)
		}
	}()
	return run()
}

func bigEndian(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }
