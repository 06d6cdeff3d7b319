//go:build unix

// Command measure prints what the index costs with a million names: memory, finding, adding, tags,
// search, and loading at a start. Times of finds are the best of several runs, since other work on
// the machine only adds to them. Times of adding and loading are CPU seconds of the whole process.
//
//	go run ./carbon/index/measure
package main

import (
	"fmt"
	"iter"
	"os"
	"runtime"
	"strings"
	"syscall"
	"time"

	"graphited/carbon/index"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

func run() error {
	fmt.Printf("%-58s %12s %12s\n", "what", "aim", "measured")
	regular, distinct := regularNames(), distinctNames()
	tree := addAll("1 M regular names", regular)
	for _, f := range []struct {
		pattern, aim string
		hits         int
	}{
		{"servers.*.cpu.0.user", "1.5 ms", 5000}, {"servers.web12*.*.*.user", "0.1 ms", 800}, {"servers.web1234.cpu.3.idle", "3 µs", 1}, {"*.*.*.*.*", "50 ms", 1_000_000},
	} {
		if err := find(tree, f.pattern, f.aim, f.hits); err != nil {
			return err
		}
	}
	search(tree, nil, "web1234 user", "regular")
	search(tree, nil, "s", "regular")
	keep(tree)
	tree = addAll("1 M distinct words", distinct)
	if err := find(tree, "app.*.*beef*.count", "30 ms", 0); err != nil {
		return err
	}
	search(tree, nil, "beef", "distinct")
	search(tree, nil, "a", "distinct")
	return tags()
}

func row(what, aim string, measured any) { fmt.Printf("%-58s %12s %12v\n", what, aim, measured) }

// cpu returns the CPU time of the process.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("BUG: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// heap returns the number of bytes in use after garbage collection.
func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// best returns the shortest time of several runs.
func best(runs int, f func()) time.Duration {
	least := time.Duration(1 << 62)
	for range runs {
		start := time.Now()
		f()
		least = min(least, time.Since(start))
	}
	return least
}

// addAll adds names one by one to an index, and merges it at the end.
func addAll(what string, names []string) *index.Tree {
	before, start := heap(), cpu()
	t := index.New()
	for _, n := range names {
		t.Add(n)
	}
	t.Compact()
	row(what+", added, findable and merged: CPU", "3 s", (cpu() - start).Round(time.Millisecond))
	row(what+", memory after the merge: bytes a name", "40", fmt.Sprintf("%.1f", float64(heap()-before)/float64(len(names))))
	runtime.KeepAlive(names)
	return t
}

func count(found iter.Seq2[string, bool]) (n int) {
	for range found {
		n++
	}
	return n
}

func find(t *index.Tree, pattern, aim string, want int) error {
	n := 0
	took := best(30, func() { n = count(t.Find(pattern)) })
	if want > 0 && n != want {
		return fmt.Errorf("%q found %d names, not %d", pattern, n, want)
	}
	row(fmt.Sprintf("%s, %d hits with names", pattern, n), aim, took)
	return nil
}

func search(tree *index.Tree, tags *index.Tags, text, set string) {
	took := best(20, func() {
		if _, err := index.Search(tree, tags, text, 50); err != nil {
			panic("BUG: " + err.Error())
		}
	})
	row(fmt.Sprintf("search %q among %s names, best 50", text, set), "few ms", took.Round(10*time.Microsecond))
}

// keep measures what a save and a start do with names.
func keep(t *index.Tree) {
	var data []byte
	row("save 1 M regular names", "", best(5, func() { data = t.AppendTo(nil) }).Round(100*time.Microsecond))
	row(fmt.Sprintf("read 1 M regular names, %.1f MB", float64(len(data))/1e6), "1 s", best(5, func() {
		if err := index.New().Load(data); err != nil {
			panic("BUG: " + err.Error())
		}
	}).Round(100*time.Microsecond))
}

func tags() error {
	names := taggedNames()
	before, start := heap(), cpu()
	t := index.NewTags(nil)
	for _, n := range names {
		t.Add(n)
	}
	row("1 M series with four tags, added: CPU", "", (cpu() - start).Round(time.Millisecond))
	row("1 M series with four tags, memory: bytes a series", "", fmt.Sprintf("%.1f", float64(heap()-before)/float64(len(names))))
	runtime.KeepAlive(names)
	var found []string
	exprs := []string{"name=disk.metric07", "dc=dc1", "host=~web1[0-9]|web[23]"}
	took := best(20, func() { found, _ = t.Find(exprs) })
	row(fmt.Sprintf("seriesByTag %s, %d hits", strings.Join(exprs, " "), len(found)), "2 ms", took.Round(time.Microsecond))
	search(nil, t, "metric07 web12", "tagged")
	data := t.AppendTo(nil)
	took = best(3, func() {
		if err := index.NewTags(nil).Load(data); err != nil {
			panic("BUG: " + err.Error())
		}
	})
	row(fmt.Sprintf("read 1 M tagged series, %.1f MB", float64(len(data))/1e6), "1 s", took.Round(time.Millisecond))
	if len(found) == 0 {
		return fmt.Errorf("%q found nothing", exprs)
	}
	return nil
}
