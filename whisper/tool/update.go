package tool

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"graphited/whisper"
)

var updateTool = tool{
	name: "update", script: "whisper-update", args: "[options] path [timestamp:value]*", short: "Store points in a whisper file.",
	long: "A timestamp N is now. Without points on the command line, the command reads them from standard input, separated by blanks or newlines.", min: 1,
	setup: func() ([]option, func(*env, []string) error) {
		var dryRun, asJSON bool
		return []option{dryRunOption(&dryRun), jsonOption(&asJSON)}, func(e *env, args []string) error {
			e.dryRun, e.json = dryRun, asJSON
			return update(e, args[0], args[1:])
		}
	},
}

func update(e *env, path string, texts []string) error {
	if len(texts) == 0 {
		words := bufio.NewScanner(e.stdin)
		words.Split(bufio.ScanWords)
		for words.Scan() {
			texts = append(texts, words.Text())
		}
		if err := words.Err(); err != nil {
			return err
		}
	}
	now := e.unix()
	pts := make([]whisper.Point, len(texts))
	for i, text := range texts {
		var err error
		if pts[i], err = parsePoint(text, now); err != nil {
			return err
		}
	}
	f, err := whisper.Open(e.fs, path, whisper.Options{})
	if err != nil {
		return err
	}
	if age := now - firstTime(pts, now); len(pts) == 1 && (age < 0 || age >= f.Spec().MaxRetention()) {
		err = inWords("Timestamp not covered by any archives in this database.")
	} else if !e.dryRun {
		err = f.Update(now, firstOfEquals(pts))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return e.result(object{"updated": path, "points": len(pts)})
}

func firstTime(pts []whisper.Point, now int64) int64 {
	if len(pts) == 0 {
		return now
	}
	return pts[0].Time
}

// firstOfEquals keeps only the first of points with the same time. This is the rule of
// whisper-update, while package whisper keeps the last.
func firstOfEquals(pts []whisper.Point) []whisper.Point {
	seen := make(map[int64]bool, len(pts))
	kept := pts[:0]
	for _, p := range pts {
		if !seen[p.Time] {
			seen[p.Time] = true
			kept = append(kept, p)
		}
	}
	return kept
}

func parsePoint(text string, now int64) (whisper.Point, error) {
	at, value, ok := strings.Cut(text, ":")
	v, err := strconv.ParseFloat(value, 64)
	if !ok || err != nil && !math.IsInf(v, 0) {
		return whisper.Point{}, fmt.Errorf("bad point %q: must be timestamp:value", text)
	}
	if at == "N" {
		return whisper.Point{Time: now, Value: v}, nil
	}
	t, err := strconv.ParseInt(at, 10, 64)
	if err != nil {
		return whisper.Point{}, fmt.Errorf("bad point %q: must be timestamp:value", text)
	}
	return whisper.Point{Time: t, Value: v}, nil
}
