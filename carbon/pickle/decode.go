package pickle

import "math"

// maxDepth is how deep lists and dicts may be nested in what Decode reads. One that contains itself is nested without end.
const maxDepth = 32

// Decode reads a small pickle into Go values: nil, bool, int64, float64, string (of bytes, too), []any (tuples, lists and sets) and map[string]any.
// Values that occur more than once are copied; a pickle that would become many times its size by that is refused. src is not kept.
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

// goValue turns a value into Go's. room is how many values and bytes of text may still come.
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
	return nil, ErrNotData // an integer beyond all numbers
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
