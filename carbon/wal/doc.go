// Package wal is the write-ahead log: what was received is here before it counts as received, so that neither a killed process
// nor a power cut loses it while it waits in memory to be written to its whisper file.
//
// The nouns are Log (a folder of segments), segment (one file, 64 MiB), record (names, or a batch of points) and reference
// (somebody still needs a segment). A Log is used like this:
//
//	l, err := wal.Open(fsys, wal.Options{Dir: dir, Sync: wal.Interval})
//	stats, err := l.Replay(ctx, func(p *wal.Point) { keep(p); l.Retain(p.Segment) }) // once, before the first Append
//	go l.Run(ctx)                                                              // syncs
//	seg, err := l.Append(now, entries)                                         // batch by batch; takes a reference to seg
//	...                                                                        // l.Retain(seg) for each series that now has its oldest unwritten point there
//	l.Release(seg)                                                             // the batch's own reference; and one for each series whose points are in its file
//	l.Prune(syncData)                                                          // now and then
//
// Concurrency: all methods may be called by many goroutines, Replay by one. Append never waits for a sync unless the policy is Always.
//
// # What is promised
//
// A batch that Append returned for survives the end of the process, whatever ends it. It survives a power cut once it is synced: at once with Always, within
// SyncInterval (and the time a sync takes) with Interval, when the system pleases with Never. Replay hands out points in the order in which they were appended and nothing
// that was not appended. It may hand out points twice, and points that are in their files already: of equal names and times the last one counts.
//
// # Format
//
// A segment is <sequence number, 16 hex digits>.wal, numbers in little endian:
//
//	header   "GWAL", version uint16, flags uint16, sequence uint64, created uint64 (Unix ns), salt uint32, copied uint64, crc32c of all that uint32
//	record   length uint32 of what follows the crc, crc32c uint32 of the header up to salt, kind and payload, kind byte, payload
//	names 1  first id uvarint, then names with following ids: length uvarint, bytes
//	points 2 received int64 (Unix seconds), count uvarint, then points: head uvarint, [time zigzag varint], value float64
//	end 3    empty; nothing follows in a segment that was ended in order
//
// A point's head is the zigzag difference of its id to the id before it plus one (before the first: 0), shifted left by one; the lowest bit says that
// its time differs from that of the point before it (before the first: received) and that the difference follows. Ids are of their segment: each segment can be read alone.
// A record's crc covers the segment's header, so that a block of another file is no record here.
// Copied is the offset up to which the records are copies of those that a failed sync has left in doubt, 0 usually: they count only if all of them are whole.
//
// # Damage
//
// A segment that was not ended in order may be torn: it is read up to the first record that is not whole. Damage in a segment that was, or in any
// header, is corruption: what can be read is read, and the file is kept under the name *.corrupt when it would have been removed.
// A damaged record is stepped over when its length leads to a whole one.
package wal
