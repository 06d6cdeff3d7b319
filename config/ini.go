package config

import (
	"fmt"
	"slices"
	"strings"

	"gopkg.in/ini.v1"
)

// iniFile is a configuration file as ConfigParser gives it out: sections in file order, keys in
// lower case, values not yet interpolated.
type iniFile struct {
	path     string
	sections []iniSection
	defaults []entry // of [DEFAULT]
}

type iniSection struct {
	header
	entries []entry
}

// entry is one option. An inherited one comes from [DEFAULT].
type entry struct {
	key, value string
	line       int
	inherited  bool
}

// parseINI reads text as ConfigParser does. The report holds what ConfigParser refuses; the file is
// what is left without it.
func parseINI(path string, text []byte) (*iniFile, Report) {
	l := scanLayout(path, text)
	f := &iniFile{path: path}
	parsed, err := ini.LoadSources(ini.LoadOptions{
		InsensitiveKeys:            true,
		IgnoreInlineComment:        true,
		IgnoreContinuation:         true,
		PreserveSurroundedQuote:    true,
		AllowPythonMultilineValues: true,
		ReaderBufferSize:           len(l.text) + 1,
	}, l.text)
	if err != nil {
		l.report = append(l.report, Problem{Severity: Error, File: path, Msg: fmt.Sprintf("cannot read the file: %v", err)})
		return f, l.report
	}
	for _, h := range l.headers {
		s := iniSection{header: h}
		for _, k := range parsed.Section(h.name).Keys() {
			s.entries = append(s.entries, entry{key: k.Name(), value: joinLines(k.Value()), line: l.lines[option{h.name, k.Name()}]})
		}
		if h.name == defaultSection {
			f.defaults = s.entries
		}
		f.sections = append(f.sections, s)
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

// section finds a section by its exact name.
func (f *iniFile) section(name string) (iniSection, bool) {
	i := slices.IndexFunc(f.sections, func(s iniSection) bool { return s.name == name })
	if i < 0 {
		return iniSection{}, false
	}
	return f.sections[i], true
}

// items gives the options of a section, those of [DEFAULT] included, with %(KEY)s replaced, as
// ConfigParser.items does. An option whose references cannot be resolved is reported and left out.
func (f *iniFile) items(s iniSection) ([]entry, Report) {
	all := slices.Clone(s.entries)
	values := make(map[string]string, len(all)+len(f.defaults))
	for _, e := range all {
		values[e.key] = e.value
	}
	for _, e := range f.defaults {
		if _, ok := values[e.key]; !ok {
			values[e.key] = e.value
			e.inherited = true
			all = append(all, e)
		}
	}
	var report Report
	kept := all[:0]
	for _, e := range all {
		value, err := appendInterpolated(nil, e.value, values, 1)
		if err != nil {
			report = append(report, Problem{Severity: Error, File: f.path, Line: e.line, Section: s.name,
				Key: strings.ToUpper(e.key), Value: e.value, Msg: err.Error()})
			continue
		}
		e.value = string(value)
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

// commented warns of what looksCommented finds.
const commented = "the text from # or ; on is part of the value: a comment has to stand on a line of its own"

// looksCommented reports whether somebody has put a comment behind a value.
func looksCommented(value string) bool {
	return strings.Contains(value, " #") || strings.Contains(value, "\t#") || strings.Contains(value, " ;")
}
