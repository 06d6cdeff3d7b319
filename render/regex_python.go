package render

import (
	"fmt"
	"strconv"
	"strings"
)

// pythonRegex is a pattern of Python's re in a notation that RE2 and .NET share:
// named groups are plain groups, because .NET numbers them after the others.
type pythonRegex struct {
	plain   string
	groups  int
	names   map[string]int
	foreign bool // has something that RE2 takes for something else than Python
}

// readPython translates what differs: named groups and references to them, \Z,
// and {,n}.
func readPython(p string) pythonRegex {
	r := pythonRegex{names: map[string]int{}}
	var b strings.Builder
	class := 0 // where the character class began, 0 outside; offset by 1
	for i := 0; i < len(p); {
		rest := p[i:]
		n := 1
		switch {
		case rest[0] == '\\' && len(rest) > 1:
			n = 2
			if rest[1] == 'Z' {
				b.WriteString(`\z`)
				i += n
				continue
			}
			r.foreign = r.foreign || strings.IndexByte("pPQECz", rest[1]) >= 0
		case class > 0:
			r.foreign = r.foreign || strings.HasPrefix(rest, "[:")
			first := i == class || i == class+1 && p[class] == '^'
			if rest[0] == ']' && !first {
				class = 0
			}
		case rest[0] == '[':
			class = i + 1
		case rest[0] == '(':
			text, taken := r.group(rest)
			b.WriteString(text)
			i += taken
			continue
		case strings.HasPrefix(rest, "{,") && len(rest) > 2 && rest[2] >= '0' && rest[2] <= '9':
			b.WriteString("{0")
			i++
			continue
		}
		b.WriteString(rest[:n])
		i += n
	}
	r.plain = b.String()
	return r
}

// group translates the beginning of a group and says how much of p it took.
func (r *pythonRegex) group(p string) (text string, taken int) {
	if name, after, ok := strings.Cut(strings.TrimPrefix(p, "(?P<"), ">"); ok && strings.HasPrefix(p, "(?P<") {
		r.groups++
		r.names[name] = r.groups
		return "(", len(p) - len(after)
	}
	if name, after, ok := strings.Cut(strings.TrimPrefix(p, "(?P="), ")"); ok && strings.HasPrefix(p, "(?P=") {
		return `(?:\` + strconv.Itoa(r.names[name]) + ")", len(p) - len(after)
	}
	if !strings.HasPrefix(p, "(?") {
		r.groups++
	}
	r.foreign = r.foreign || strings.HasPrefix(p, "(?U")
	return "(", 1
}

// part is a piece of a replacement: text, or else a group.
type part struct {
	text    string
	group   int
	isGroup bool
}

// escapes are the letters that mean a control character after a backslash.
var escapes = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'f': "\f", 'v': "\v", 'a': "\a", 'b': "\b", '\\': "\\", '0': "\x00"}

// readReplacement reads the replacement of re.sub.
func readReplacement(s string, groups int, names map[string]int) ([]part, error) {
	var parts []part
	for s != "" {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i == len(s)-1 {
			return append(parts, part{text: s}), nil
		}
		parts = append(parts, part{text: s[:i]})
		c := s[i+1]
		s = s[i+2:]
		name := ""
		switch {
		case escapes[c] != "":
			parts = append(parts, part{text: escapes[c]})
			continue
		case c >= '1' && c <= '9':
			name = string(c)
			if s != "" && s[0] >= '0' && s[0] <= '9' {
				name, s = name+s[:1], s[1:]
			}
		case c == 'g' && strings.HasPrefix(s, "<") && strings.Contains(s, ">"):
			name, s, _ = strings.Cut(s[1:], ">")
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			return nil, fmt.Errorf("bad escape \\%c", c)
		default:
			parts = append(parts, part{text: `\` + string(c)})
			continue
		}
		n, err := strconv.Atoi(name)
		if err != nil {
			var ok bool
			if n, ok = names[name]; !ok {
				return nil, fmt.Errorf("unknown group %q", name)
			}
		}
		if n < 0 || n > groups {
			return nil, fmt.Errorf("there is no group %d, only %d", n, groups)
		}
		parts = append(parts, part{group: n, isGroup: true})
	}
	return parts, nil
}
