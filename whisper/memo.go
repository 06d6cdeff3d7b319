package whisper

import "graphited/whisper/vfs"

const (
	memoAge   = 600 // seconds a memo is believed
	memoBases = 5   // archives whose base it keeps; those beyond are read each time
)

// Memo is what a caller keeps of a file between two openings, so that the header need not be read again: the layout (shared by all files that
// have the same), the file's identity and the base timestamp of each archive. The zero Memo knows nothing. It takes 40 bytes.
//
// A Memo is renewed when the file's inode or size have changed and when it is older than 10 minutes. Within that time a change that keeps both,
// such as whisper-set-aggregation-method or a copy over the file in place, goes unseen.
type Memo struct {
	layout *layout
	inode  uint64
	read   uint32            // when the header was read, by the caller's clock; 0 is not known yet
	bases  [memoBases]uint32 // 0: not known, or the archive is empty
}

// Spec returns what the memo knows of the file, ok=false when it knows nothing. The archives are shared: do not change them.
func (m *Memo) Spec() (s Spec, ok bool) {
	if m == nil || m.layout == nil {
		return Spec{}, false
	}
	return m.layout.Spec, true
}

func (m *Memo) fits(info vfs.Info) bool {
	return m.layout != nil && m.inode == info.Inode && m.layout.size <= info.Size
}

// fresh says whether the memo may be used at now, and notes the time of a header just read.
func (m *Memo) fresh(now int64) bool {
	if m.read == 0 {
		m.read = uint32(now)
	}
	return now-int64(m.read) < memoAge && int64(m.read)-now < memoAge
}
