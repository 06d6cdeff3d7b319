package whisper

// Missing returns how many bytes a file lacks at its end, as of when its header was read; mostly 0.
// Early versions of whisper made every sparse file short, and a full disk or a copy that was broken
// off leaves such files. As whisper.py this package takes the slots that are not there for empty
// ones. The first write of a point gives the file its size.
func (f *File) Missing() int64 { return max(f.layout.size-f.size, 0) }

// complete gives a short file its size; what is added reads as empty slots and takes no disk space
// yet. Of a slot that was cut in half nothing is left.
func (f *File) complete() error {
	if f.size >= f.layout.size {
		return nil
	}
	if torn := f.size - f.whole; torn > 0 {
		if _, err := f.h.WriteAt(make([]byte, torn), f.whole); err != nil {
			return err
		}
		// A power cut must not leave the size without this.
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
