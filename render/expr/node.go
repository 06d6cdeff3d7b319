package expr

import (
	"fmt"
)

// Kind says what a Node is and which of its fields have a meaning.
type Kind uint8

// The kinds of nodes. Only Path and Call stand on their own as a target, until
// Expand makes a value of a template that is just a variable.
const (
	Path   Kind = iota + 1 // Name: a pattern of metrics
	Call                   // Name: a function; Args, Named: its arguments
	Number                 // Int if IsInt; Float always
	String                 // Name: the value
	Bool                   // Bool
	None                   // Python's None
	Inf                    // positive infinity; Float holds it too
)

// String returns the kind's name for messages, such as "path".
func (k Kind) String() string {
	names := [...]string{Path: "path", Call: "call", Number: "number", String: "string", Bool: "boolean", None: "none", Inf: "inf"}
	if k == 0 || int(k) >= len(names) {
		return fmt.Sprintf("Kind(%d)", uint8(k))
	}
	return names[k]
}

// A Node is a target or one argument of a call in it. It must not be changed:
// Expand shares the nodes that it leaves alone, and nodes share memory.
type Node struct {
	Kind Kind
	// Name is the pattern of a Path, with escapes removed; the function of a
	// Call; the raw value of a String: its quotes gone, its backslashes kept.
	Name string
	// Text is the node's source as it was written. A piped call's is the call
	// alone: b|f(1) is the tree f(b, 1) whose Text is "f(1)". It is what
	// graphite-web calls raw, the path expression of a seriesByTag call.
	// What Expand makes of a path keeps the path's.
	Text string
	// Pos is where Text begins in the target, in bytes from 0.
	Pos int

	// Args and Named are a Call's arguments in the order of the text, a piped
	// expression first. A keyword may come twice: in graphite-web the last one
	// counts.
	Args  []*Node
	Named []NamedArg

	// Int and Float are a Number's value. Float is set for integers as well.
	// An integer that does not fit into Int has IsInt false.
	Int   int64
	Float float64
	IsInt bool
	// Bool is a Bool's value.
	Bool bool

	height uint16 // levels of the tree from here down, 1 for a node without arguments
}

// NamedArg is an argument given as name=value. Pos is where the name begins.
type NamedArg struct {
	Name  string
	Value *Node
	Pos   int
}

// Limits bound what the targets of one query may ask for. They protect what
// evaluates the trees; parsing itself is linear, and a target may have any length.
type Limits struct {
	// Depth of a tree, counting a path as 1 and each pipe as a level; 0 means
	// 500. It cannot be set above 10,000.
	Depth int
	// Nodes of all trees: calls, paths and values together; 0 means a million.
	Nodes int
	// Expanded is how many bytes the paths may have together that are made of
	// templates, and how often a variable may be looked for; 0 means 16 million.
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
