// Package cachequery serves carbon's cache query port, where graphite-web asks for points that are
// not in a file yet, and for metadata.
package cachequery
