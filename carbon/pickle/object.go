package pickle

import "bytes"

// object runs the instructions that name classes, make objects and give them their fields.
func (m *Machine) object(op byte) bool {
	top := len(m.stack)
	switch op {
	case 'c': // module and name, a line each
		for range 2 {
			end := bytes.IndexByte(m.src[m.pos:], '\n')
			if end < 0 {
				return false
			}
			m.pos += end + 1
		}
		m.push(Value{kind: Class})
	case 0x93: // module and name are on the stack
		m.stack = append(m.stack[:top-2], Value{kind: Class})
	case 'R', 0x81: // what is called, and its arguments
		if m.stack[top-2].kind != Class {
			return false
		}
		m.stack = m.stack[:top-2]
		m.pushList(Dict, top-2)
	case 'b': // an object, and the dict of its fields
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
