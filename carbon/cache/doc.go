// Package cache holds the points that have been received and are not in a file yet: a Series for
// each metric with its pending points, and flow control while there are too many. It knows the
// write-ahead log only as the keeper of segments that series still need, and nothing of connections,
// names and files. The intake appends, the writer takes and confirms, queries read.
package cache
