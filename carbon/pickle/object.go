package pickle

import "bytes"

// object runs the instructions that name classes, make objects and set their fields.
func (m *Machine) object(op byte) bool {
	top := len(m.stack)
	switch op {
	case 'c': // followed by a line for the module and one for the name
		m.push(Value{kind: Class})
		return m.skipName()
	case 'i': // the same, with the arguments above the mark
		from, ok := m.unmark()
		m.stack = m.stack[:from]
		m.pushList(Dict, from)
		return ok && m.skipName()
	case 'o': // calls the class above the mark with the arguments above it
		from, ok := m.unmark()
		if !ok || from == top || m.stack[from].kind != Class {
			return false
		}
		m.stack = m.stack[:from]
		m.pushList(Dict, from)
	case 0x92: // calls a class with arguments and keyword arguments
		if m.stack[top-3].kind != Class {
			return false
		}
		m.stack = m.stack[:top-3]
		m.pushList(Dict, top-3)
	case 0x93: // the module and the name are on the stack
		m.stack = append(m.stack[:top-2], Value{kind: Class})
	case 'R', 0x81: // calls the class below the top with the arguments on the top
		if m.stack[top-2].kind != Class {
			return false
		}
		m.stack = m.stack[:top-2]
		m.pushList(Dict, top-2)
	case 'b': // sets the fields of an object from a dict
		state := m.stack[top-1]
		m.stack = m.stack[:top-1]
		if obj := m.stack[top-2]; obj.kind == Dict && state.kind == Dict {
			m.lists[obj.bits] = m.lists[state.bits]
		}
	default:
		return false
	}
	return true
}

// skipName moves behind a module and a name in it, a line each.
func (m *Machine) skipName() bool {
	for range 2 {
		end := bytes.IndexByte(m.src[m.pos:], '\n')
		if end < 0 {
			return false
		}
		m.pos += end + 1
	}
	return true
}
