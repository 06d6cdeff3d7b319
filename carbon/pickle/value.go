package pickle

import (
	"math"
)

// Kind is the type of a value of a pickle.
type Kind uint32

// The kinds of values.
const (
	Unset   Kind = iota // a slot of the memo that has not been written
	None                // no bits
	Bool                // bits is 0 or 1
	Int                 // bits is an int64
	Float               // bits is a float64, possibly of an integer outside int64
	Huge                // an integer too large for float64
	Text                // str, unicode or bytes that the pickle contains literally: bits is the offset, n the length
	Decoded             // other text, with its escapes decoded: bits is the index in decoded
	Tuple               // bits is the index of the first of n items
	List                // a list or set; bits is the index in lists
	Dict                // like List, with keys and values in turn
	Class               // a class or function; its name is not stored
)

// Value is a value on the machine's stack. It contains no pointer, so the garbage collector need
// not scan the stacks. Only the Machine that made it can read its content.
type Value struct {
	kind Kind
	n    uint32
	bits uint64
}

// Kind returns the type of the value.
func (v Value) Kind() Kind { return v.kind }

// Int returns an Int, or a Bool as 0 or 1.
func (v Value) Int() int64 { return int64(v.bits) }

// Float returns a Float.
func (v Value) Float() float64 { return math.Float64frombits(v.bits) }

// cell is an element of a list, dict or set. These grow at the same time, so their elements are
// linked.
type cell struct {
	value Value
	next  uint32 // index + 1 of the next cell, 0 at the end
}

// elements are the cells of a list, dict or set: first and last are like next in cell.
type elements struct{ first, last, n uint32 }
