package render

import "strings"

// dottedBraces yields the patterns that a pattern with dots in its braces stands
// for, and other patterns as they are: a.{b.c,d,e}.f is a.b.c.f and a.{d,e}.f. A
// Store takes a pattern apart at its dots first, and would find nothing. It ends
// when yield returns false.
func dottedBraces(pattern string, yield func(string) bool) bool {
	open, end := dottedPair(pattern)
	if open < 0 {
		return yield(pattern)
	}
	before, after := pattern[:open], pattern[end+1:]
	var plain []string
	for alternative := range strings.SplitSeq(pattern[open+1:end], ",") {
		if !strings.Contains(alternative, ".") {
			plain = append(plain, alternative)
		} else if !dottedBraces(before+alternative+after, yield) {
			return false
		}
	}
	switch len(plain) {
	case 0:
		return true
	case 1:
		return dottedBraces(before+plain[0]+after, yield)
	}
	return dottedBraces(before+"{"+strings.Join(plain, ",")+"}"+after, yield)
}

// dottedPair returns where the first braces with a dot in them are; open is -1 when
// there are none. Braces are not nested in targets.
func dottedPair(pattern string) (open, end int) {
	for from := 0; ; from = end + 1 {
		open = strings.IndexByte(pattern[from:], '{')
		if open < 0 {
			return -1, 0
		}
		open += from
		end = strings.IndexByte(pattern[open:], '}')
		if end < 0 {
			return -1, 0
		}
		if end += open; strings.IndexByte(pattern[open:end], '.') >= 0 {
			return open, end
		}
	}
}
