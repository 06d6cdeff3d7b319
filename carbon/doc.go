// Package carbon receives points, keeps them until they are in whisper files, and reads them back:
// carbon-cache in one package.
//
// The nouns, in the order in which a point meets them. A Decoder finds points in the bytes of a
// connection. A [Batch] is what one read brought, the unit that goes down the channels. The intake
// takes batches into the [Cache], after the write-ahead log (the journal, over package wal) has
// them; it is where names are checked, filtered and rewritten, once each (admission). A series
// holds the points of one metric: pending, then taken by the writer, then confirmed when they are
// in the file, or put back when that failed. The [Store] is the read view: files, with the points
// laid over them that are not in them yet. The [Daemon] owns all of it; the scanner keeps its index
// in step with the disk, and the index is kept in a file for the next start.
//
// Concurrency: a connection's batches all go to one intake goroutine, so its points stay in order.
// The cache is sharded, each series has a mutex of its own, and only the writer's worker that has
// taken a series touches what is remembered of its file. Every goroutine is waited for by
// [Daemon.Run].
//
// Whatever is refused or lost is counted under a [Reason]; nothing is dropped in silence.
package carbon
