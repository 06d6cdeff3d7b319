// Package wal implements the write-ahead log. Received points are written here before they count as
// received, so that neither a killed process nor a power cut loses them while they wait in memory
// to be written to their whisper files.
//
// The terms are Log (a folder of segments), segment (one file of 64 MiB), record (names or a batch
// of points) and reference (it says that a segment is still needed). A Log is used like this:
//
//	l, err := wal.Open(fsys, wal.Options{Dir: dir, Sync: wal.Interval})
//	stats, err := l.Replay(ctx, func(p *wal.Point) { keep(p); l.Retain(p.Segment) }) // once, before the first Append
//	go l.Run(ctx)                                                              // syncs
//	seg, err := l.Append(now, entries)                                         // for each batch; it retains seg
//	...                                                                        // call l.Retain(seg) for each series whose oldest unwritten point is now there
//	l.Release(seg)                                                             // for the batch, and once for each series whose points are in its file
//	l.Prune(syncData)                                                          // from time to time
//
// Replay must be called by one goroutine. All other methods may be called by many goroutines at
// once. Append waits for a sync only with the policy Always.
//
// # Guarantees
//
// A batch for which Append has returned survives the end of the process, whatever ends it. It
// survives a power cut once it is synced: immediately with Always, within SyncInterval plus the
// duration of a sync with Interval, and whenever the system writes it back with Never.
// Replay returns points in the order in which they were appended, and nothing that was not
// appended. It may return points twice, and points that are already in their files. If name and
// time are equal, the last point counts.
//
// # Format
//
// A segment is named <sequence number, 16 hex digits>.wal. Numbers are little-endian:
//
//	header   "GWAL", version uint16, flags uint16, sequence uint64, created uint64 (Unix ns), salt uint32, copied uint64, crc32c of all that uint32
//	record   length uint32 of what follows the crc, crc32c uint32 of the header up to salt, kind and payload, kind byte, payload
//	names 1  first id uvarint, then names with following ids: length uvarint, bytes
//	points 2 received int64 (Unix seconds), count uvarint, then points: head uvarint, [time zigzag varint], value float64
//	end 3    empty; nothing follows in a segment that was ended in order
//
// A point's head is the zigzag difference between its id and the previous id plus one (0 before the
// first point), shifted left by one. The lowest bit says that its time differs from that of the
// previous point (from received for the first point) and that the difference follows. Ids belong to
// their segment, so each segment can be read alone. A record's crc covers the segment's header, so
// that a block of another file is not read as a record. Copied is the offset where the records end
// that were copied because a failed sync left them in doubt. It is usually 0. The copies count only
// if all of them are whole.
//
// # Damage
//
// A segment without an end record may be torn: it is read up to the first record that is not whole.
// Damage in a segment that has an end record, or in any header, is corruption: everything readable
// is read, and the file is renamed to *.corrupt instead of being removed.
// The reader skips a damaged record if its length leads to a whole one.
package wal
