// Package ini reads configuration files as Python 3's ConfigParser reads them: sections, options,
// values over several lines, and %(KEY)s in values. It knows nothing of what the options mean.
//
// Two parsers share the work. ini.v1 reads the sections, the keys in lower case and the values over
// several lines. It accepts what ConfigParser refuses, reads some lines in another way, and tells no
// line numbers; so scanLayout goes over the lines first, reports what ConfigParser refuses, notes
// the number of each line, and writes the rest in a form that both read alike.
package ini

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/ini.v1"

	"graphited/config/problem"
)

// File is a configuration file as ConfigParser gives it out: sections in file order, keys in
// lower case, values not yet interpolated.
type File struct {
	Path     string
	Sections []Section
	defaults []Entry // of [DEFAULT]
}

type Section struct {
	header
	Entries []Entry
}

// Entry is one option. An inherited one comes from [DEFAULT].
type Entry struct {
	Key, Value string
	Line       int
	Inherited  bool
}

// Parse reads text as ConfigParser does. The report holds what ConfigParser refuses; the file is
// what is left without it.
func Parse(path string, text []byte) (*File, problem.Report) {
	l := scanLayout(path, text)
	f := &File{Path: path}
	parsed, err := ini.LoadSources(ini.LoadOptions{
		InsensitiveKeys:            true,
		IgnoreInlineComment:        true,
		IgnoreContinuation:         true,
		PreserveSurroundedQuote:    true,
		AllowPythonMultilineValues: true,
		ReaderBufferSize:           len(l.text) + 1,
	}, l.text)
	if err != nil {
		l.report = append(l.report, problem.Problem{Severity: problem.Error, File: path, Msg: fmt.Sprintf("cannot read the file: %v", err)})
		return f, l.report
	}
	for _, h := range l.headers {
		s := Section{header: h}
		for _, k := range parsed.Section(h.Name).Keys() {
			key := strings.TrimPrefix(k.Name(), mark)
			s.Entries = append(s.Entries, Entry{Key: key, Value: joinLines(strings.TrimPrefix(k.Value(), mark)), Line: l.lines[option{h.Name, key}]})
		}
		if h.Name == DefaultSection {
			f.defaults = s.Entries
		}
		f.Sections = append(f.Sections, s)
	}
	return f, l.report
}

// joinLines strips each line of a value that spans several, as ConfigParser does.
func joinLines(value string) string {
	if !strings.Contains(value, "\n") {
		return value
	}
	lines := strings.Split(value, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// Section finds a section by its exact name.
func (f *File) Section(name string) (Section, bool) {
	i := slices.IndexFunc(f.Sections, func(s Section) bool { return s.Name == name })
	if i < 0 {
		return Section{}, false
	}
	return f.Sections[i], true
}

// Items gives the options of a section, those of [DEFAULT] included, with %(KEY)s replaced, as
// ConfigParser.items does. An option whose references cannot be resolved is reported and left out.
func (f *File) Items(s Section) ([]Entry, problem.Report) {
	all := slices.Clone(s.Entries)
	values := make(map[string]string, len(all)+len(f.defaults))
	for _, e := range all {
		values[e.Key] = e.Value
	}
	for _, e := range f.defaults {
		if _, ok := values[e.Key]; !ok {
			values[e.Key] = e.Value
			e.Inherited = true
			all = append(all, e)
		}
	}
	var report problem.Report
	kept := all[:0]
	for _, e := range all {
		value, err := appendInterpolated(nil, e.Value, values, 1)
		if err != nil {
			report = append(report, problem.Problem{Severity: problem.Error, File: f.Path, Line: e.Line, Section: s.Name,
				Key: strings.ToUpper(e.Key), Value: e.Value, Msg: err.Error()})
			continue
		}
		e.Value = string(value)
		kept = append(kept, e)
	}
	return kept, report
}

const (
	maxInterpolationDepth = 10      // as ConfigParser's
	maxInterpolatedBytes  = 1 << 20 // a value that doubles itself at each level stops here
)

// appendInterpolated appends value to dst with %(key)s replaced from values and %% by %. A lone %
// is an error, as in ConfigParser.
func appendInterpolated(dst []byte, value string, values map[string]string, depth int) ([]byte, error) {
	if depth > maxInterpolationDepth {
		return dst, fmt.Errorf("%%(KEY)s refers to itself, or is nested deeper than %d", maxInterpolationDepth)
	}
	for {
		before, rest, found := strings.Cut(value, "%")
		dst = append(dst, before...)
		if len(dst) > maxInterpolatedBytes {
			return dst, fmt.Errorf("the value grows beyond %d bytes when %%(KEY)s is replaced", maxInterpolatedBytes)
		}
		if !found {
			return dst, nil
		}
		if strings.HasPrefix(rest, "%") {
			dst = append(dst, '%')
			value = rest[1:]
			continue
		}
		name, after, ok := strings.Cut(strings.TrimPrefix(rest, "("), ")")
		if !strings.HasPrefix(rest, "(") || !ok || name == "" || !strings.HasPrefix(after, "s") {
			return dst, fmt.Errorf("'%%' must be followed by '%%' or by a reference (KEY)s; a plain %% is written %%%%")
		}
		inner, ok := values[strings.ToLower(name)]
		if !ok {
			return dst, fmt.Errorf("%%(%s)s names no option of this section or [DEFAULT]", name)
		}
		var err error
		if dst, err = appendInterpolated(dst, inner, values, depth+1); err != nil {
			return dst, err
		}
		value = after[1:]
	}
}

// Commented warns of what looksCommented finds.
const Commented = "the text from # or ; on is part of the value: a comment has to stand on a line of its own"

// LooksCommented reports whether somebody has put a comment behind a value.
func LooksCommented(value string) bool {
	return strings.Contains(value, " #") || strings.Contains(value, "\t#") || strings.Contains(value, " ;")
}
