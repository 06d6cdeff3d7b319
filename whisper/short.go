package whisper

// Missing returns the number of bytes missing at the end of the file when its header was read,
// usually 0. Early versions of whisper made every sparse file short, and a full disk or an
// interrupted copy leaves such files. Like whisper.py, this package reads the missing slots as
// empty. The first write of a point gives the file its full size.
func (f *File) Missing() int64 { return max(f.layout.size-f.size, 0) }

// complete gives a short file its full size. The added part reads as empty slots and takes no disk
// space yet. complete clears a slot that was cut in half.
func (f *File) complete() error {
	if f.size >= f.layout.size {
		return nil
	}
	if torn := f.size - f.whole; torn > 0 {
		if _, err := f.h.WriteAt(make([]byte, torn), f.whole); err != nil {
			return err
		}
		// This must be durable before the new size is.
		if err := f.h.SyncData(); err != nil {
			return err
		}
	}
	if err := f.h.Truncate(f.layout.size); err != nil {
		return err
	}
	f.size, f.whole = f.layout.size, f.layout.size
	return nil
}
