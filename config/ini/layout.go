package ini

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"graphited/config/problem"
)

// layout is what the lines of a file are, as Python's ConfigParser (strict) sees them: where each
// section and option stands, and the same text in a form in which ini.v1 reads what ConfigParser
// reads. What ConfigParser refuses is reported and left out of the text.
type layout struct {
	text    []byte
	headers []header
	lines   map[option]int
	report  problem.Report
}

// DefaultSection holds options that every section has.
const DefaultSection = "DEFAULT"

// option names one key, in lower case, of one section.
type option struct{ section, key string }

// header is one [section] line. A header is bare when nothing follows its bracket: carbon's loader
// of rule files does not see others.
type header struct {
	Name string
	Line int
	Bare bool
}

// mark stands before each key and value in the text for ini.v1, which gives a meaning of its own,
// that no option switches off, to a key or value that begins with a quote, and to the key "-".
const mark = "|"

// layoutScanner walks the lines. The rules that ini.v1 does not share: a line indented deeper than
// the option above continues its value, comments stand on lines of their own, sections and options
// are unique, and there is no text before the first section.
type layoutScanner struct {
	layout
	file    string
	section string
	inside  bool // a header was seen
	skip    bool // the current section is a duplicate, already reported
	orphan  bool // text before the first header was reported
	indent  int
	open    bool // the last option's value may go on
	blanks  int  // empty lines within that value, not yet written
	out     bytes.Buffer
}

// scanLayout never fails: a file of which nothing can be kept gives an empty text and a report.
func scanLayout(file string, text []byte) layout {
	s := layoutScanner{file: file}
	s.lines = make(map[option]int)
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	text = bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n"))
	text = bytes.ReplaceAll(text, []byte("\r"), []byte("\n"))
	n := 0
	for line := range bytes.SplitSeq(text, []byte("\n")) {
		n++
		s.scan(n, string(line))
	}
	s.text = s.out.Bytes()
	return s.layout
}

func (s *layoutScanner) fail(line int, key, value, msg string) {
	s.report = append(s.report, problem.Problem{Severity: problem.Error, File: s.file, Line: line, Section: s.section, Key: key, Value: value, Msg: msg})
}

func (s *layoutScanner) scan(n int, line string) {
	text := strings.TrimSpace(line)
	switch {
	case text == "":
		s.blanks++
		return
	case text[0] == '#' || text[0] == ';':
		return
	case !utf8.ValidString(line):
		s.fail(n, "", "", "this line is not valid UTF-8")
		return
	}
	indent := utf8.RuneCountInString(line[:strings.IndexFunc(line, isText)])
	if s.open && indent > s.indent {
		s.continuation(n, text)
		return
	}
	s.indent = indent
	if end := strings.LastIndexByte(text, ']'); text[0] == '[' && end >= 2 {
		s.header(n, text[1:end], end == len(text)-1)
		return
	}
	switch {
	case s.skip:
	case s.inside:
		s.option(n, text)
	case !s.orphan:
		s.orphan = true
		s.fail(n, "", "", fmt.Sprintf("%q stands before the first [section]", text))
	}
}

func isText(r rune) bool { return !unicode.IsSpace(r) }

func (s *layoutScanner) header(n int, name string, bare bool) {
	s.section, s.inside, s.open, s.skip = name, true, false, false
	fmt.Fprintf(&s.out, "[%s]\n", name)
	i := slices.IndexFunc(s.headers, func(h header) bool { return h.Name == name })
	switch {
	case i < 0:
		s.headers = append(s.headers, header{name, n, bare})
	case name != DefaultSection: // which may be continued anywhere
		s.skip = true
		s.fail(n, "", "", fmt.Sprintf("this section stands already on line %d; put its options there", s.headers[i].Line))
	}
}

func (s *layoutScanner) option(n int, text string) {
	s.open = false
	i := strings.IndexAny(text, "=:")
	switch {
	case text[0] == '[':
		s.fail(n, "", "", fmt.Sprintf("%q looks like a section, but has no name between brackets", text))
		return
	case i < 0:
		s.fail(n, "", "", fmt.Sprintf("%q is no option: expected KEY = value", text))
		return
	case i == 0:
		s.fail(n, "", "", fmt.Sprintf("%q has no key in front of %q", text, text[:1]))
		return
	}
	name, value := strings.TrimSpace(text[:i]), strings.TrimSpace(text[i+1:])
	key := strings.ToLower(name)
	if first, ok := s.lines[option{s.section, key}]; ok {
		s.fail(n, name, value, fmt.Sprintf("this option stands already on line %d", first))
		return
	}
	s.lines[option{s.section, key}] = n
	s.open, s.blanks = true, 0
	fmt.Fprintf(&s.out, "%s%s=%s%s\n", mark, name, mark, value)
}

// continuation adds a line, and the empty lines before it, to the value of the option above.
// Written with one space, ini.v1 joins it as well.
func (s *layoutScanner) continuation(n int, text string) {
	for ; s.blanks > 0; s.blanks-- {
		s.out.WriteString(" \n")
	}
	fmt.Fprintf(&s.out, " %s\n", text)
	if looksLikeOption(text) || text[0] == '[' && text[len(text)-1] == ']' {
		s.report = append(s.report, problem.Problem{Severity: problem.Warning, File: s.file, Line: n, Section: s.section,
			Msg: fmt.Sprintf("%q is indented deeper than the option above, so it continues its value; to stand for itself it must not be", text)})
	}
}

// looksLikeOption says whether a line reads as "name = ...", name being a word: what somebody meant
// as an option.
func looksLikeOption(text string) bool {
	name, _, ok := strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	return ok && name != "" && strings.IndexFunc(name, func(r rune) bool { return !unicode.IsLetter(r) && r != '_' }) < 0
}
