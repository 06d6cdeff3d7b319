// Package store stores what people write into Graphite that is not a metric: events, dashboards,
// templates of dashboards, saved graphs and short links. All of it is in one bbolt file. Each write
// is one transaction that is synced before the method returns, and after a crash the file has the
// last synced transaction.
//
// A Store is safe for concurrent use. Readers never wait, and writers wait for each other. Only one
// process can open the file at a time. The file never shrinks, and does not grow beyond
// Options.MaxBytes.
//
// An unreadable file is never deleted: Open renames it and creates a new one. The method that finds
// damage later returns ErrDamaged.
package store
