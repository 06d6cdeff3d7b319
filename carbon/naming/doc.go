// Package naming says what a metric may be called and where its file is: the one canonical spelling
// of a received name, the path of a series' file in each of the layouts that carbon and go-carbon
// have used, and the name under which find shows that file. It reads no files but to look whether
// one is there.
package naming
