package carbon

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"strconv"
	"time"

	"graphited/carbon/naming"
	"graphited/carbon/wire"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// Explainer says what becomes of a metric, from files and rules alone: no daemon need run.
type Explainer struct {
	FS         vfs.FS
	DataDir    string // LOCAL_DATA_DIR
	HashTagged bool   // TAG_HASH_FILENAMES
	Names      *NameRules
	Spec       func(metric string) whisper.Spec                 // as Deps.Spec
	Sections   func(metric string) (schema, aggregation string) // which rules Spec comes from, in words; nil: they are not told
	Pending    func(metric string) (points int, oldest int64)   // of a daemon that runs: what waits to be written; nil: unknown
	Writes     func(metric string) (int64, Trouble)             // of a daemon that runs, and the last error of it; nil: unknown
	Now        int64
}

// Explanation is what an Explainer has found out about one name.
type Explanation struct {
	Received string
	Rules    []AppliedRule // of the filters and rewrite rules those that had an effect, in order
	Refused  string        // why the name is not taken in, a Reason; "" when it is
	Cure     string        // how such a name can be taken in after all; "" when nothing is known
	Metric   string        // the name of the series; "" when there is none

	Path                string // of its file
	Schema, Aggregation string
	Want                whisper.Spec  // what a new file would be created to
	File                *whisper.Spec // what the file is; nil: see FileError
	FileError           error         // wraps fs.ErrNotExist when there is no file yet
	Archives            []ArchiveState
	RollUps             []RollUpState

	Pending int   // points that are not in the file yet; -1: unknown
	Oldest  int64 // the oldest of them

	Written int64   // when the file was last written, in Unix seconds: by the daemon, or since that has not done so since its start, by its time; 0: never
	Trouble Trouble // the last error that kept the daemon from writing it
}

// AppliedRule is a filter or rewrite rule that decided something, and the name after it.
type AppliedRule struct{ Rule, Name string }

// ArchiveState says what one archive of a file holds.
type ArchiveState struct {
	whisper.Archive
	Known  int64 // points within the retention
	Newest int64 // the time of the last one; 0: there is none
}

// RollUpState says for one coarser archive how many of its intervals, within the last day as far as
// the finer archive reaches back, have what it takes to be filled.
type RollUpState struct {
	Fine, Coarse whisper.Archive
	Slots        int64 // finer points that an interval has room for
	Need         int64 // known ones that it takes, by the file's xFilesFactor
	Intervals    int64 // complete ones that were looked at
	Empty        int64 // without any known point
	Short        int64 // with some, but fewer than Need
	Median       int64 // of known points in those that have some
	Seconds      int64 // how far back was looked
}

// Explain explains one name, as it is received or as it is queried. The price is reading the whole
// file of the series.
func (e Explainer) Explain(name string) Explanation {
	x := Explanation{Received: name, Pending: -1}
	rules := e.Names
	if rules == nil {
		rules = new(NameRules)
	}
	to, reason, ok := rules.apply(name, func(rule, name string) { x.Rules = append(x.Rules, AppliedRule{rule, name}) })
	var canon []byte
	if ok {
		reason = wire.BadName
		canon, ok = naming.Canonical([]byte(to))
	}
	if !ok {
		x.Refused, x.Cure = reason.String(), reason.Cure(to)
		return x
	}
	x.Metric = string(canon)
	x.Path = naming.ExistingPath(e.FS, e.DataDir, x.Metric, e.HashTagged)
	x.Want = e.Spec(x.Metric)
	if e.Sections != nil {
		x.Schema, x.Aggregation = e.Sections(x.Metric)
	}
	if e.Pending != nil {
		x.Pending, x.Oldest = e.Pending(x.Metric)
	}
	if e.Writes != nil {
		x.Written, x.Trouble = e.Writes(x.Metric)
	}
	if info, err := e.FS.Stat(x.Path); err == nil && x.Written == 0 {
		x.Written = info.Mtime / int64(time.Second)
	}
	x.readFile(e)
	return x
}

// readFile looks into the file of the series, or where there is a packed one alone, into that.
func (x *Explanation) readFile(e Explainer) {
	f, err := whisper.OpenRead(e.FS, x.Path)
	if errors.Is(err, fs.ErrNotExist) {
		for rel := range naming.AllPlaces(x.Metric, e.HashTagged) {
			path := e.DataDir + "/" + rel + naming.PackedSuffix
			if p, perr := whisper.OpenGzip(e.FS, path); !errors.Is(perr, fs.ErrNotExist) {
				f, err, x.Path = p, perr, path
				break
			}
		}
	}
	if err != nil {
		x.FileError = err
		return
	}
	defer f.Close()
	spec := f.Spec()
	times := make([]map[int64]bool, len(spec.Archives))
	for i, a := range spec.Archives {
		state := ArchiveState{Archive: a}
		times[i] = map[int64]bool{}
		err := f.Slots(i, func(_ int64, s whisper.Slot) bool {
			t := int64(s.Time)
			if t > e.Now-a.Retention() && s.Value == s.Value {
				state.Known++
				state.Newest = max(state.Newest, t)
				if t > e.Now-day-a.Step {
					times[i][t] = true
				}
			}
			return true
		})
		if err != nil {
			x.FileError = err
			return
		}
		x.Archives = append(x.Archives, state)
	}
	x.File = &spec
	for i := 1; i < len(spec.Archives); i++ {
		x.RollUps = append(x.RollUps, rollUpState(spec, i, times[i-1], e.Now))
	}
}

const day = 86400

// rollUpState counts the known points of the finer archive in each complete interval of a coarse
// one.
func rollUpState(spec whisper.Spec, coarse int, known map[int64]bool, now int64) RollUpState {
	fine, a := spec.Archives[coarse-1], spec.Archives[coarse]
	r := RollUpState{Fine: fine, Coarse: a, Slots: a.Step / fine.Step, Need: 1}
	r.Seconds = min(day, fine.Retention())
	for r.Need < r.Slots && float64(r.Need)/float64(r.Slots) < float64(spec.XFilesFactor) {
		r.Need++
	}
	counts := make([]int64, r.Slots+1)
	from := now - r.Seconds
	from += (a.Step - from%a.Step) % a.Step
	for t := from; t+a.Step <= now; t += a.Step {
		n := int64(0)
		for s := t; s < t+a.Step; s += fine.Step {
			if known[s] {
				n++
			}
		}
		counts[n]++
		r.Intervals++
		if n == 0 {
			r.Empty++
		} else if n < r.Need {
			r.Short++
		}
	}
	seen := int64(0)
	for n := int64(1); n <= r.Slots; n++ {
		if seen += counts[n]; 2*seen >= r.Intervals-r.Empty && seen > 0 {
			r.Median = n
			break
		}
	}
	return r
}

// AppendText appends the explanation in plain words, several lines.
func (x Explanation) AppendText(dst []byte) []byte {
	p := func(format string, args ...any) { dst = fmt.Appendf(dst, format+"\n", args...) }
	p("name        %s", x.Received)
	for _, r := range x.Rules {
		p("  by rule   %s", r.Rule)
		if r.Name != x.Received {
			p("         -> %s", r.Name)
		}
	}
	if x.Refused != "" {
		p("refused     %s: no point of this name is taken in", x.Refused)
		if x.Cure != "" {
			p("            %s", x.Cure)
		}
		return dst
	}
	if x.Metric != x.Received {
		p("series      %s", x.Metric)
	}
	p("file        %s", x.Path)
	if x.Schema != "" {
		p("schema      %s", x.Schema)
	}
	if x.Aggregation != "" {
		p("aggregation %s", x.Aggregation)
	}
	switch {
	case x.Pending > 0:
		p("cache       %d points are not in the file yet, the oldest is of %s", x.Pending, clock(x.Oldest))
	case x.Pending == 0:
		p("cache       every point is in the file")
	}
	if x.Written > 0 {
		p("last write  %s", clock(x.Written))
	}
	if x.Trouble.When > 0 {
		p("last error  %s: %s", clock(x.Trouble.When), x.Trouble.Text)
	}
	switch {
	case errors.Is(x.FileError, fs.ErrNotExist):
		p("            there is no file yet; it would be created with %s", specText(x.Want))
	case x.FileError != nil:
		p("            the file cannot be used: %v", x.FileError)
	default:
		dst = x.appendFile(dst)
	}
	return dst
}

// appendFile appends what is in the file.
func (x Explanation) appendFile(dst []byte) []byte {
	p := func(format string, args ...any) { dst = fmt.Appendf(dst, format+"\n", args...) }
	p("is          %s", specText(*x.File))
	if got, want := specText(*x.File), specText(x.Want); got != want {
		p("would be    %s", want)
		p("            The rules count when a file is created. This one is older than the rules, or was made by other means; graphited whisper resize makes it what they say.")
	}
	for _, a := range x.Archives {
		newest := "it is empty"
		if a.Newest > 0 {
			newest = fmt.Sprintf("the last one is of %s", clock(a.Newest))
		}
		p("archive     %s: %d of %d points are known; %s", archiveText(a.Archive), a.Known, a.Points, newest)
	}
	for _, r := range x.RollUps {
		dst = r.appendText(dst, x.File.XFilesFactor)
	}
	return dst
}

func (r RollUpState) appendText(dst []byte, xff float32) []byte {
	p := func(format string, args ...any) { dst = fmt.Appendf(dst, format+"\n", args...) }
	p("roll-up     every %s from %d points of every %s: it takes %d known ones (xFilesFactor %v)", span(r.Coarse.Step), r.Slots, span(r.Fine.Step), r.Need, xff)
	filled := r.Intervals - r.Empty - r.Short
	p("            in the last %s: %d intervals, %d filled, %d with too few points, %d without any", span(r.Seconds), r.Intervals, filled, r.Short, r.Empty)
	if r.Short == 0 {
		return dst
	}
	factor := math.Floor(float64(r.Median)/float64(r.Slots)*1000) / 1000
	p("            Typically %d of %d points come: with xFilesFactor %s the roll-up stays empty. Send every %s, or set xFilesFactor to %v or less.",
		r.Median, r.Slots, strconv.FormatFloat(float64(xff), 'g', -1, 32), span(r.Fine.Step), factor)
	return dst
}

func specText(s whisper.Spec) string {
	text := ""
	for i, a := range s.Archives {
		if i > 0 {
			text += ", "
		}
		text += archiveText(a)
	}
	return fmt.Sprintf("%s; %s; xFilesFactor %v", text, s.Method, s.XFilesFactor)
}

func archiveText(a whisper.Archive) string { return span(a.Step) + " for " + span(a.Retention()) }

func clock(t int64) string { return time.Unix(t, 0).UTC().Format(time.RFC3339) }

// span writes seconds in the greatest unit that leaves no rest.
func span(seconds int64) string {
	for _, u := range []struct {
		name    string
		seconds int64
	}{{"d", day}, {"h", 3600}, {"m", 60}} {
		if seconds >= u.seconds && seconds%u.seconds == 0 {
			return strconv.FormatInt(seconds/u.seconds, 10) + u.name
		}
	}
	return strconv.FormatInt(seconds, 10) + "s"
}

// Explain explains one name as Explainer does, with the daemon's files and rules and what its cache
// holds.
func (r *Report) Explain(name string) Explanation {
	e := Explainer{FS: r.fsys, DataDir: r.o.LocalDataDir, HashTagged: r.o.HashTagged, Spec: r.spec, Now: r.clock().Unix(), Writes: r.writer.lastWrite}
	if r.rules != nil {
		e.Names = r.rules()
	}
	e.Pending = func(metric string) (int, int64) {
		points := r.cache.Pending(metric)
		oldest := int64(0)
		for i, p := range points {
			if i == 0 || p.Time < oldest {
				oldest = p.Time
			}
		}
		return len(points), oldest
	}
	return e.Explain(name)
}
