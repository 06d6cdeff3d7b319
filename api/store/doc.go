// Package store keeps what people write into Graphite that is no metric: events,
// dashboards, templates of dashboards, saved graphs and short links. All of it is
// in one bbolt file, each write is one transaction that is synced before it is
// told as done, and a crash leaves the last one that was.
//
// A Store is safe for concurrent use; readers never wait, writers wait for each
// other. One process has the file at a time. The file never shrinks, and is not
// allowed to grow beyond Options.MaxBytes.
//
// What cannot be read as such a file is never deleted: Open moves it aside and
// begins a new one. Damage that only shows later is told as ErrDamaged by the
// method that meets it.
package store
