package carbon

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"path/filepath"
	"sync"
	"time"

	"graphited/carbon/index"
	"graphited/carbon/pace"
	"graphited/carbon/tally"
	"graphited/whisper/vfs"
)

const (
	indexFile     = ".graphited.index"    // below the whisper files
	indexMagic    = "graphited index 1\n" // another form has another number
	indexInterval = time.Minute           // between two looks whether the file is to be written again
)

// keptIndex is the file that the names are read from at a start, so that a million files need not
// be listed before. It is the index as it is in memory, written as a whole: a million names are
// about ten megabytes and take ten milliseconds to write and as many to read. What came after it
// was written is in the write-ahead log, which is shortened only after the file was written again;
// and the scanner puts right what the file says wrong. So nothing depends on it, and a file that is
// damaged, or not there, costs the time of looking at all folders.
//
// The layout: indexMagic; the length of the list of tagged series that the file knows and its
// checksum; the sizes of what Tree and Tags write of themselves, and that; a checksum of all before
// it. Numbers are little-endian; checksums are CRC-32C.
type keptIndex struct {
	fsys   vfs.FS
	path   string
	names  *index.Tree
	tags   *index.Tags
	tagged *tagLog // nil until load is over
	logs   *tally.Logs

	mu    sync.Mutex // held while the file is written
	saved uint64     // changes that the file has; guarded by mu
}

// indexHead is what comes before the names.
type indexHead struct {
	Magic            [len(indexMagic)]byte
	LogEnd           int64
	LogSum           uint32
	Names, TagsBytes int64
}

// load fills the index, and tells how far the list of tagged series is in it; ok is false when
// there is no file that can be used.
func (k *keptIndex) load() (log tagLogState, ok bool) {
	data, err := vfs.ReadFile(k.fsys, k.path)
	if errors.Is(err, fs.ErrNotExist) {
		return log, false
	}
	if err == nil {
		log, err = k.decode(data)
	}
	if err != nil {
		k.logs.All.Warn().Err(err).Str("file", k.path).Msg("cannot use the kept index; all folders are looked at")
		return log, false
	}
	k.saved = k.changes()
	return log, true
}

func (k *keptIndex) decode(data []byte) (log tagLogState, err error) {
	n := len(data) - crc32.Size
	var head indexHead
	size := binary.Size(head)
	if n < size || string(data[:len(indexMagic)]) != indexMagic {
		return log, errors.New("it is of another version, or cut")
	}
	if crc32.Checksum(data[:n], castagnoli()) != binary.LittleEndian.Uint32(data[n:]) {
		return log, errors.New("its checksum is wrong")
	}
	if err := binary.Read(bytes.NewReader(data), binary.LittleEndian, &head); err != nil {
		return log, err
	}
	body := data[size:n]
	if head.Names < 0 || head.TagsBytes != int64(len(body))-head.Names {
		return log, index.ErrDamaged
	}
	if err := k.names.Load(body[:head.Names]); err != nil {
		return log, err
	}
	return tagLogState{end: head.LogEnd, sum: head.LogSum}, k.tags.Load(body[head.Names:])
}

func (k *keptIndex) changes() uint64 { return k.names.Changes() + k.tags.Changes() }

// save writes the file if anything has changed since.
func (k *keptIndex) save() error {
	k.mu.Lock()
	defer k.mu.Unlock()
	changes := k.changes()
	if changes == k.saved {
		return nil
	}
	var head indexHead
	copy(head.Magic[:], indexMagic)
	log := k.tagged.state() // first: a series is in the index before it is in the list
	head.LogEnd, head.LogSum = log.end, log.sum
	size := binary.Size(head)
	data := k.names.AppendTo(make([]byte, size))
	head.Names = int64(len(data) - size)
	data = k.tags.AppendTo(data)
	head.TagsBytes = int64(len(data)-size) - head.Names
	if _, err := binary.Encode(data, binary.LittleEndian, head); err != nil {
		return err
	}
	data = binary.LittleEndian.AppendUint32(data, crc32.Checksum(data, castagnoli()))
	if err := vfs.WriteFile(k.fsys, k.path, data, 0o644); err != nil {
		return fmt.Errorf("cannot keep the index: %w", err)
	}
	k.saved = changes
	return nil
}

// keep is save with the error told: the next save may be better, and the scanner does without. It
// returns an error only when the names of tagged series are kept neither in this file nor in their
// list, so that the log, which has them, must stay.
func (k *keptIndex) keep() error {
	unlisted := k.tagged.flush()
	err := k.save()
	if err == nil {
		return nil
	}
	if errors.Is(err, vfs.ErrAway) {
		return err
	}
	k.logs.Write.Error().Err(err).Msg("the next start will take longer")
	if unlisted != nil {
		return fmt.Errorf("cannot keep the names of tagged series: %w", unlisted)
	}
	return nil
}

// run writes the file when there is something new, until ctx ends.
func (k *keptIndex) run(ctx context.Context) {
	pace.Every(ctx, indexInterval, func() { _ = k.keep() }) // told
}

// newKeptIndex returns that of a data folder.
func newKeptIndex(fsys vfs.FS, dataDir string, names *index.Tree, tags *index.Tags, logs *tally.Logs) *keptIndex {
	return &keptIndex{fsys: fsys, path: filepath.Join(dataDir, indexFile), names: names, tags: tags, logs: logs}
}
