package tool

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"

	"graphited/whisper"
)

var corruptTool = tool{
	name: "find-corrupt", script: "find-corrupt-whisper-files", args: "[options] WHISPER_DIR [WHISPER_DIR]*",
	short: "Find and (optionally) repair, move away or delete corrupt Whisper data files.",
	long: "With --repair, files that are short at their end get their missing slots, empty, and damaged headers are written again by the rules of the schemas.\n" +
		"Files that cannot be repaired are then moved or deleted, if you ask for it. A short file is not corrupt: its points can be read, and the next write gives it its full size.",
	min: 1, strict: true,
	setup: func() ([]option, func(*env, []string) error) {
		c := &corrupt{}
		return []option{
			{name: "delete-corrupt", value: &c.remove, help: "Delete reported files"},
			{name: "quarantine", value: &c.quarantine, help: "Move reported files to this folder, under the same relative names"},
			{name: "repair", value: &c.repair, help: "Repair reported files, and short ones, where possible"},
			{name: "deep", value: &c.deep, help: "Read every point as well, and report those in wrong places"},
			{name: "verbose", value: &c.verbose, help: "Display progress info"},
			dryRunOption(&c.dryRun), jsonOption(&c.json),
		}, c.run
	},
}

type corrupt struct {
	remove, repair, deep, verbose, dryRun, json bool
	quarantine                                  string

	mu    sync.Mutex // guards printing and the fields below
	found []object
	match func() (Match, error) // for the current folder; reads the schemas when it is first needed for a damaged header
}

func (c *corrupt) run(e *env, args []string) error {
	e.json = c.json
	for _, dir := range args {
		if info, err := e.fs.Stat(dir); err != nil || !info.IsDir() {
			fmt.Fprintf(e.stderr, "%s: error: %s is not a directory!\n", e.program, dir)
			return exit(2)
		}
		if abs, err := filepath.Abs(dir); err == nil {
			if real, err := filepath.EvalSymlinks(abs); err == nil {
				dir = real
			}
		}
		if err := c.folder(e, dir); err != nil {
			return err
		}
	}
	if c.found == nil {
		c.found = []object{}
	}
	return e.result(c.found)
}

// folder checks all files below one folder.
func (c *corrupt) folder(e *env, dir string) error {
	c.match = sync.OnceValues(func() (Match, error) { return c.load(e, dir) })
	var enter func(string)
	if c.verbose {
		enter = func(dir string) { e.say("Scanning %s…", dir) }
	}
	paths, err := files(e.fs, dir, enter)
	if err != nil {
		return err
	}
	var errs []error
	e.forEach(paths, 0, func(path string) {
		if err := c.check(e, dir, path); err != nil {
			c.mu.Lock()
			if !slices.Contains(errs, err) { // an error of the schemas is the same for all files
				errs = append(errs, err)
			}
			c.mu.Unlock()
		}
	})
	return errors.Join(errs...)
}

// load reads the schemas for a folder.
func (c *corrupt) load(e *env, dir string) (Match, error) {
	if e.load == nil {
		return nil, nil
	}
	if filepath.Base(dir) == corruptFolder {
		dir = filepath.Dir(dir)
	}
	match, note, err := e.load("", "", dir)
	if err == nil && note != "" {
		fmt.Fprintf(e.stderr, "[WARNING] %s\n", note)
	}
	return match, err
}

// check checks one file and treats it if it is corrupt or short.
func (c *corrupt) check(e *env, dir, path string) error {
	points, missing, err := c.look(e, path)
	var bad *whisper.CorruptError
	if err != nil && !errors.As(err, &bad) {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if bad == nil {
		if c.verbose {
			e.say("%s: %d points", path, points)
		}
		if c.repair && missing > 0 {
			return c.complete(e, path, missing)
		}
		return nil
	}
	what, err := c.treat(e, dir, path)
	c.found = append(c.found, object{"path": path, "reason": bad.Reason, "done": what})
	if err == nil && !e.json {
		if text := map[string]string{"": "Corrupt", "deleted": "Deleting corrupt", "moved": "Moving corrupt"}[what]; text != "" {
			_, err = fmt.Fprintf(e.stderr, "%s Whisper file: %s\n", text, path)
		}
	}
	return err
}

// look reads the header, or with --deep everything. It returns the number of slots and the number
// of bytes missing at the end.
func (c *corrupt) look(e *env, path string) (points, missing int64, err error) {
	f, err := whisper.OpenRead(e.fs, path)
	if err != nil {
		return 0, 0, err
	}
	for _, a := range f.Spec().Archives {
		points += a.Points
	}
	missing = f.Missing()
	if err := f.Close(); err != nil || !c.deep {
		return points, missing, err
	}
	h, err := whisper.Verify(e.fs, path)
	if err == nil && h.Misplaced > 0 {
		err = &whisper.CorruptError{Path: path, Reason: fmt.Sprintf("%d points are in wrong places", h.Misplaced)}
	}
	return points, missing, err
}

// complete gives a short file its full size.
func (c *corrupt) complete(e *env, path string, missing int64) error {
	what, verb, done := fmt.Sprintf("the last %d bytes are missing", missing), "Short", ""
	if !c.dryRun {
		var err error
		if what, err = whisper.Repair(e.fs, path, nil); err != nil || what == "" {
			return err
		}
		verb, done = "Repaired short", "repaired"
	}
	c.found = append(c.found, object{"path": path, "reason": what, "done": done})
	if e.json {
		return nil
	}
	_, err := fmt.Fprintf(e.stderr, "%s Whisper file: %s: %s\n", verb, path, what)
	return err
}

// treat repairs, moves or deletes a corrupt file, depending on the options, and returns a word for
// what it did.
func (c *corrupt) treat(e *env, dir, path string) (string, error) {
	if c.dryRun {
		return "", nil
	}
	if c.repair {
		match, err := c.match()
		if err != nil {
			return "", err
		}
		var spec *whisper.Spec
		if match != nil {
			if s, ok := match(metricName(dir, path)); ok {
				spec = &s
			}
		}
		what, err := whisper.Repair(e.fs, path, spec)
		if err == nil && what != "" {
			if !e.json {
				fmt.Fprintf(e.stderr, "Repaired corrupt Whisper file: %s: %s\n", path, what)
			}
			return "repaired", nil
		}
		var bad *whisper.CorruptError
		if err != nil && !errors.As(err, &bad) {
			return "", err
		}
	}
	switch {
	case c.quarantine != "":
		rel, err := filepath.Rel(dir, path)
		if err != nil {
			return "", err
		}
		to := filepath.Join(c.quarantine, rel)
		if err := e.fs.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return "", err
		}
		return "moved", e.fs.Rename(path, to)
	case c.remove:
		return "deleted", e.fs.Remove(path)
	}
	return "", nil
}

var rebuildTool = tool{
	name: "rebuild", script: "whisper-rebuild", args: "path [path]*",
	short: "Compute the coarser archives of whisper files again from the finest.", min: 1,
	setup: func() ([]option, func(*env, []string) error) {
		var lock, dryRun, asJSON bool
		return []option{
				{name: "lock", value: &lock, help: "Lock whisper files"}, dryRunOption(&dryRun), jsonOption(&asJSON),
			}, func(e *env, args []string) error {
				e.json = asJSON
				for _, path := range args {
					if err := e.exists(path); err != nil {
						return err
					}
					if dryRun {
						continue
					}
					if err := whisper.Rebuild(e.fs, path, e.unix(), whisper.Options{Lock: lock}); err != nil {
						return err
					}
				}
				return e.result(object{"rebuilt": args})
			}
	},
}
