package whisper

// The sizes of the parts of a file, and its limits.
const (
	headerSize  = 16 // method, longest retention, xFilesFactor, archive count
	archiveSize = 12 // offset, step, points
	pointSize   = 12 // timestamp, value

	headerGuess = 256        // the size of the first read: a header of up to 19 archives and the first slot
	maxArchives = 64         // more than steps that divide one another can be in 32 bits
	maxSlots    = 1 << 24    // points that make one point of the next coarser archive: a roll-up reads 200 MB
	compressed  = "whisper_" // go-whisper's compressed format begins so
)
