// Package facts has the small types in which carbon describes its parts and its series. They are a
// package of their own so that the HTTP side can receive them without knowing carbon.
package facts

// Condition is the condition of a part of the daemon.
type Condition struct {
	Name   string
	OK     bool
	Detail string // what is wrong, or worth to know
}

// File is the size of the file of a series.
type File struct {
	Size     int64 // bytes in its length
	RealSize int64 // bytes on the disk; 0 where the system does not tell
	Modified int64 // Unix seconds
	Accessed int64 // always 0: not known
}

// CardinalityQuery is a question about where the series come from.
type CardinalityQuery struct {
	Branch  string // the prefixes below it; "": all
	Depth   int    // levels below it; 0: 1
	Tag     string // its values are listed; "": none
	Limit   int    // entries of each list; 0: 50
	Growing bool   // those that have grown most come first
}
