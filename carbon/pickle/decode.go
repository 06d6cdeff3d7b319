package pickle

import "math"

// maxDepth is how deep lists and dicts may be nested for Decode. A list that contains itself has no
// end.
const maxDepth = 32

// Decode reads a small pickle into Go values: nil, bool, int64, float64, string (also for bytes),
// []any (for tuples, lists and sets) and map[string]any. Values that occur more than once are
// copied. If that would make the result many times larger than the pickle, Decode returns an error.
// It does not retain src.
func Decode(src []byte) (any, error) {
	m := Get()
	defer Put(m)
	root, err := m.Load(src)
	if err != nil {
		return nil, err
	}
	room := 64 + len(src)
	return m.goValue(root, maxDepth, &room)
}

// goValue converts a value to a Go value. room is how many more values and bytes of text are
// allowed.
func (m *Machine) goValue(v Value, depth int, room *int) (any, error) {
	if *room--; *room < 0 || depth == 0 {
		return nil, ErrNotData
	}
	switch v.kind {
	case None:
		return nil, nil
	case Bool:
		return v.bits != 0, nil
	case Int:
		return int64(v.bits), nil
	case Float:
		return math.Float64frombits(v.bits), nil
	case Text, Decoded:
		text, _ := m.Text(v)
		*room -= len(text)
		if *room < 0 {
			return nil, ErrNotData
		}
		return string(text), nil
	case Tuple, List:
		out := []any{}
		for e := range m.Elements(v) {
			g, err := m.goValue(e, depth-1, room)
			if err != nil {
				return nil, err
			}
			out = append(out, g)
		}
		return out, nil
	case Dict:
		return m.goMap(v, depth, room)
	}
	return nil, ErrNotData // an integer too large for float64
}

func (m *Machine) goMap(v Value, depth int, room *int) (map[string]any, error) {
	out := map[string]any{}
	key, isValue := "", false
	for e := range m.Elements(v) {
		g, err := m.goValue(e, depth-1, room)
		if err != nil {
			return nil, err
		}
		if isValue {
			out[key] = g
		} else if s, ok := g.(string); ok {
			key = s
		} else {
			return nil, ErrNotData
		}
		isValue = !isValue
	}
	return out, nil
}
