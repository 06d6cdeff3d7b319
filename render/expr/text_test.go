package expr

import (
	"strconv"
	"strings"
	"testing"
)

func TestCanonical(t *testing.T) {
	f := func(target, want string) {
		t.Helper()
		n := parse(t, target)
		if got := canonical(n); got != want {
			t.Errorf("%q as a string is %q, want %q", target, got, want)
		}
		if m := parse(t, want); dump(m) != dump(n) {
			t.Errorf("%q and its string %q differ", target, want)
		}
	}
	f("a.{b,c}.*", "a.{b,c}.*")
	f(` a | f ( 1 , k = 2.50 ) | g ( ) `, "g(f(a,1,k=2.5))")
	f(`f("a'b", 'a"b', "a\"b", '')`, `f("a'b",'a"b',"a\"b","")`)
	f("f(TRUE, fAlse, None, INF)", "f(true,false,none,inf)")
	f("f(007, -0, 1e3, 1E-9, 1e22, 99999999999999999999)", "f(7,0,1000.0,1e-09,1e22,99999999999999999999)")
	f(`a\.b`, "a.b")
	f(`a\(b\,c`, `a\(b\,c`)
	f(`\..a`, `\.\.a`)
	f(`a\\`, `a\\`)
	f(`a\=b`, "a=b")
	f(`f(a\=b)`, `f(a\=b)`)
	f(`template(5,k="x")`, `template(5,k="x")`)
	f("true", "true")
	f(`f(\,true)`, `f(\,true)`)
}

// canonical writes a tree as the shortest target that Parse reads it from.
// Pipes become calls where they can.
func canonical(n *Node) string { return string(appendNode(nil, n)) }

func appendNode(dst []byte, n *Node) []byte {
	switch n.Kind {
	case Path:
		return appendPath(dst, n.Name)
	case Call:
		return appendCall(dst, n)
	case Number:
		// The grammar has no plus sign.
		return append(dst, strings.Replace(text(n), "+", "", 1)...)
	case String:
		quote := `"`
		if scanString(`"`+n.Name+`"`, 0) != len(n.Name)+2 {
			quote = `'`
		}
		dst = append(dst, quote...)
		dst = append(dst, n.Name...)
		return append(dst, quote...)
	case Bool:
		return strconv.AppendBool(dst, n.Bool)
	case Inf:
		return append(dst, "inf"...)
	}
	return append(dst, "none"...)
}

func appendCall(dst []byte, n *Node) []byte {
	args := n.Args
	if len(args) > 0 && n.Name != "template" && looksLikeValue(args[0]) {
		dst = append(appendNode(dst, args[0]), '|')
		args = args[1:]
	}
	dst = append(dst, n.Name...)
	dst = append(dst, '(')
	for i, a := range args {
		if i > 0 {
			dst = append(dst, ',')
		}
		from := len(dst)
		dst = appendNode(dst, a)
		if a.Kind == Path && (&parser{src: string(dst), pos: from}).keyword() > 0 {
			dst = append(dst[:from], strings.Replace(string(dst[from:]), "=", `\=`, 1)...)
		}
	}
	for i, a := range n.Named {
		if i > 0 || len(args) > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, a.Name...)
		dst = append(dst, '=')
		dst = appendNode(dst, a.Value)
	}
	return append(dst, ')')
}

// looksLikeValue tells of a path or a call that it can only come before a pipe,
// as an argument it would be something else.
func looksLikeValue(n *Node) bool {
	if n.Kind != Path && n.Kind != Call {
		return false
	}
	if k, end := scanWord(n.Name, 0); k != 0 && end == len(n.Name) {
		return true
	}
	if n.Kind == Call {
		return len(n.Args) > 0 && n.Name != "template" && looksLikeValue(n.Args[0])
	}
	end, _ := -1, false
	if isDigit(n.Name[0]) || n.Name[0] == '-' {
		end, _ = scanNumber(n.Name, 0)
	}
	return end == len(n.Name)
}

// appendPath escapes a path if it is not one as it stands.
func appendPath(dst []byte, name string) []byte {
	if !strings.Contains(name, `\`) && scanPath(name, 0) == len(name) {
		return append(dst, name...)
	}
	for i := range len(name) {
		if strings.IndexByte(special, name[i]) >= 0 {
			dst = append(dst, '\\')
		}
		dst = append(dst, name[i])
	}
	return dst
}

func TestKindString(t *testing.T) {
	f := func(k Kind, want string) {
		t.Helper()
		if got := k.String(); got != want {
			t.Errorf("Kind %d is %q, want %q", k, got, want)
		}
	}
	f(Path, "path")
	f(Bool, "boolean")
	f(Inf, "inf")
	f(0, "Kind(0)")
	f(99, "Kind(99)")
}
