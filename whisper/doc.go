// Package whisper reads and writes files in Graphite's whisper format. It writes the same bytes as
// whisper.py for the same operations.
//
// A File holds one series at several resolutions. Each resolution is an Archive, a ring of points
// that are Step seconds apart; the finest archive comes first. Method and xFilesFactor say how
// points of one archive become a point of the next coarser one. This roll-up happens at every
// update. A Spec describes all of this. A Point is what goes in, and a Series is what comes out.
//
// The format has these fields, all numbers big-endian: method u32, longest retention u32,
// xFilesFactor f32, archive count u32; for each archive offset u32, step u32, points u32; then the
// archives, each point a u32 timestamp and an f64 value. A slot belongs to an interval when it
// holds exactly the timestamp of that interval. This distinguishes data from old laps of the ring
// and from slots that were never written. Timestamps work until 2106.
//
// Concurrency: a File belongs to one goroutine at a time. Several Files of one path may be open,
// but writers of one path must take turns (several processes use Options.Lock). A reader beside a
// writer may miss the points being written. Open recycles Files, so a File must not be used after
// its Close.
//
// Faults: the header is checked whenever it is read. A file that is not a sound whisper file causes
// a *CorruptError. A file that is short at its end is sound: the missing slots are empty. The
// package remembers nothing about a closed file, so other programs may replace it. No content makes
// this package panic, read outside a file, or return a value for a time other than its own. The
// format has no checksums, so the package cannot detect a damaged value.
package whisper
