// Package whisper reads and writes the files of Graphite's whisper format: the same bytes as
// whisper.py for the same operations.
//
// The nouns: a File holds one series at several resolutions. Each is an Archive, a ring of points
// Step seconds apart; the finest comes first. Method and xFilesFactor say how points of one archive
// become a point of the next coarser one: the roll-up, done at every update. A Spec is all of that,
// a Point is what goes in, a Series is what comes out.
//
// The format, all numbers big-endian: method u32, longest retention u32, xFilesFactor f32, archive
// count u32; per archive offset u32, step u32, points u32; then the archives, each point a u32
// timestamp and a f64 value. A slot belongs to an interval when it holds exactly that timestamp, so
// old laps of the ring and slots never written are told from data. Timestamps are good until 2106.
//
// Concurrency: a File belongs to one goroutine at a time. Several Files of one path may be open;
// writers of one path must take turns (Options.Lock where they are several processes). A reader
// beside a writer may miss the points being written. Open recycles Files: a File must not be used
// after its Close.
//
// Faults: a file is checked when its header is read, and what is not a sound whisper file yields a
// *CorruptError. A file that is short at its end is sound: the slots that it lacks are empty.
// Nothing is remembered of a file that is closed, so that others may replace it. No content makes
// this package panic, read outside a file or return a value under a time that it was not stored
// for. The format has no checksums: a damaged value cannot be told from a good one.
package whisper
