package pickle

import (
	"os/exec"
	"reflect"
	"strconv"
	"testing"
)

// classes are like those of graphite-web, which pickles the results of finds as objects.
const classes = `
import pickle, sys, types
m = types.ModuleType("graphite.intervals")
class Interval:
    def __init__(self, start, end): self.start, self.end, self.tuple = start, end, (start, end)
class IntervalSet(object):
    def __init__(self, intervals): self.intervals, self.size = intervals, 2
for c in Interval, IntervalSet:
    c.__module__ = m.__name__
    setattr(m, c.__name__, c)
sys.modules["graphite"], sys.modules[m.__name__] = types.ModuleType("graphite"), m
node = {"path": "a.b", "intervals": IntervalSet([Interval(1, 2.5), Interval(3, 4)])}
sys.stdout.buffer.write(pickle.dumps([node, node], int(sys.argv[1])))
`

func TestMachine_Objects(t *testing.T) {
	interpreter := python(t)
	interval := func(a int64, b any) any {
		return map[string]any{"start": a, "end": b, "tuple": []any{a, b}}
	}
	node := map[string]any{"path": "a.b", "intervals": map[string]any{"size": int64(2), "intervals": []any{interval(1, 2.5), interval(3, int64(4))}}}
	for protocol := range 6 {
		src, err := exec.Command(interpreter, "-c", classes, strconv.Itoa(protocol)).Output()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Decode(src); err == nil {
			t.Errorf("protocol %d: read although Objects is false", protocol)
		}
		m := &Machine{Objects: true}
		root, err := m.Load(src)
		if err != nil {
			t.Fatalf("protocol %d: %v", protocol, err)
		}
		room := 10000
		got, err := m.goValue(root, maxDepth, &room)
		if want := []any{node, node}; err != nil || !reflect.DeepEqual(got, any(want)) {
			t.Errorf("protocol %d: %v, error %v, want %v", protocol, got, err, want)
		}
	}
}

// TestMachine_ObjectsNothingCalled checks that a call makes only an empty dict, and that only a
// class can be called.
func TestMachine_ObjectsNothingCalled(t *testing.T) {
	f := func(src string, want any) {
		t.Helper()
		m := &Machine{Objects: true}
		root, err := m.Load([]byte(src))
		room := 100
		var got any
		if err == nil {
			got, err = m.goValue(root, maxDepth, &room)
		}
		if (err != nil) != (want == nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %v, error %v, want %v", src, got, err, want)
		}
	}
	f("cos\nsystem\n(S'id'\ntR.", map[string]any{})
	f("cos\nsystem\n.", nil) // a class itself is not data
	f("(S'id'\nt(tR.", nil)
	f("cos\nsystem", nil)
	f("cos\nsystem\n)R}\x8c\x01aK\x01sb.", map[string]any{"a": int64(1)})
	f("cos\nsystem\n)RNb.", map[string]any{})
	f("\x8c\x02os\x8c\x06system\x93)\x81.", map[string]any{})
	f("(cos\nsystem\nS'id'\no.", map[string]any{})
	f("(cos\nsystem\no}(\x8c\x01aK\x01ub.", map[string]any{"a": int64(1)})
	f("](cos\nsystem\noa.", []any{map[string]any{}})
	f("(o.", nil)             // no class above the mark
	f("(S'id'\no.", nil)      // nor this
	f("cos\nsystem\no.", nil) // no mark
	f("(cos\nsystem\n", nil)
	f("(S'id'\nios\nsystem\n.", map[string]any{})
	f("(ios\nsystem\n(dS'a'\nI1\nsb.", map[string]any{"a": int64(1)})
	f("ios\nsystem\n.", nil)
	f("(ios\n", nil)
	f("cos\nsystem\n)}\x92.", map[string]any{})
	f("\x8c\x02os)}\x92.", nil)
	f("Pid\n.", nil) // refers to an external object
	f("\x82\x01.", nil)
}
