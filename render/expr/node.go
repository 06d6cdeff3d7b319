package expr

import "fmt"

// Kind says what a Node is and which of its fields are set.
type Kind uint8

// The kinds of nodes. Only a Path or a Call can be a whole target. But Expand turns a template that
// consists of a variable into a value.
const (
	Path   Kind = iota + 1 // Name: a pattern of metrics
	Call                   // Name: a function; Args, Named: its arguments
	Number                 // Int if IsInt; Float always
	String                 // Name: the value
	Bool                   // Bool
	None                   // Python's None
	Inf                    // positive infinity; Float holds it too
)

// String returns the name of the kind for messages, such as "path".
func (k Kind) String() string {
	names := [...]string{Path: "path", Call: "call", Number: "number", String: "string", Bool: "boolean", None: "none", Inf: "inf"}
	if k == 0 || int(k) >= len(names) {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return names[k]
}

// A Node is a target, or an argument of a call in a target. It must not be changed, because Expand
// shares the nodes that it does not change, and nodes share memory.
type Node struct {
	Kind Kind
	// Name is the pattern of a Path, without escapes; the function of a Call; or the raw value of a
	// String, without its quotes but with its backslashes.
	Name string
	// Text is the source of the node. The Text of a piped call is the call alone: b|f(1) is the
	// tree f(b, 1) with the Text "f(1)". graphite-web calls this raw and uses it as the path
	// expression of a seriesByTag call. Nodes that Expand makes of a path keep the Text of the
	// path.
	Text string
	// Pos is the position of Text in the target, in bytes from 0.
	Pos int

	// Args and Named are the arguments of a Call in the order of the text. A piped expression comes
	// first. A keyword may occur twice; graphite-web uses the last one.
	Args  []*Node
	Named []NamedArg

	// Int and Float are the value of a Number. Float is set for integers as well. IsInt is false
	// for an integer that does not fit into Int.
	Int   int64
	Float float64
	IsInt bool
	// Bool is the value of a Bool.
	Bool bool

	height uint16 // the number of levels of the tree below and including this node, 1 without arguments
}

// NamedArg is an argument of the form name=value. Pos is the position of the name.
type NamedArg struct {
	Name  string
	Value *Node
	Pos   int
}

// A SyntaxError says why and where a target cannot be parsed.
type SyntaxError struct {
	// Pos is the position in the target, in bytes from 0, as Parse counts them. It is at most the
	// length of the target.
	Pos int
	// Msg says what was expected there, or which limit the target exceeds.
	Msg string
	// TooLarge reports that the target exceeds one of the Limits. Its syntax may be correct.
	TooLarge bool
	// Query reports that the exceeded limit applies to all targets together.
	Query bool
}

// Error returns the message with the position, counted in bytes from 1.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("cannot parse target at position %d: %s", e.Pos+1, e.Msg)
}

// Limits bound the targets of one query. They protect the evaluation of the trees. Parsing takes
// linear time, and a target may have any length.
type Limits struct {
	// Depth is the greatest depth of a tree. A path counts as 1, and each pipe as a level. 0 means
	// 500. The maximum is 10,000.
	Depth int
	// Nodes is the greatest number of nodes in all trees: calls, paths and values together. 0 means
	// a million.
	Nodes int
	// Expanded bounds the bytes of all paths that templates make, together with the cost of
	// searching paths for variables. 0 means 16 million.
	Expanded int
}

const maxDepth = 10_000

func (l Limits) withDefaults() Limits {
	if l.Depth <= 0 {
		l.Depth = 500
	}
	l.Depth = min(l.Depth, maxDepth)
	if l.Nodes <= 0 {
		l.Nodes = 1_000_000
	}
	if l.Expanded <= 0 {
		l.Expanded = 16_000_000
	}
	return l
}
