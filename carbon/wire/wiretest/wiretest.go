// Package wiretest has what the tests of several packages send to decoders.
package wiretest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
)

// Pickle is an entry of testdata/pickle/pickles.json; see record.py there.
type Pickle struct {
	Data   []byte
	Carbon []*[3]string // the points that carbon finds; nil if it refuses the whole
}

// Pickles returns the recorded pickles by name.
func Pickles(t testing.TB) map[string]Pickle {
	t.Helper()
	raw, err := os.ReadFile(find(t, "testdata/pickle/pickles.json"))
	if err != nil {
		t.Fatal(err)
	}
	var entries map[string]struct {
		Pickle string
		Carbon []*[3]string
	}
	if err := json.Unmarshal(raw, &entries); err != nil {
		t.Fatal(err)
	}
	out := map[string]Pickle{}
	for name, e := range entries {
		r := Pickle{Carbon: e.Carbon}
		for _, c := range e.Pickle {
			r.Data = append(r.Data, byte(c))
		}
		out[name] = r
	}
	if len(out) < 100 {
		t.Fatalf("only %d recorded pickles", len(out))
	}
	return out
}

// find returns the path of a file of the module, from the folder of any of its packages.
func find(t testing.TB, name string) string {
	t.Helper()
	for dir := "."; len(dir) < 20; dir = filepath.Join("..", dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return filepath.Join(dir, filepath.FromSlash(name))
		}
	}
	t.Fatal("the test does not run in a folder of the module")
	return ""
}

// Frame puts the length before a pickle or a protobuf message.
func Frame(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
}

// Protobuf returns a Payload of n metrics, metric.0 and so on, with a point each: 1 at 1000 and the
// metric's number.
func Protobuf(n int) []byte {
	part := func(key byte, b []byte) []byte {
		return append(binary.AppendUvarint([]byte{key}, uint64(len(b))), b...)
	}
	var payload []byte
	for i := range n {
		point := binary.LittleEndian.AppendUint64(append(binary.AppendUvarint([]byte{8}, uint64(1000+i)), 0x11), math.Float64bits(1))
		payload = append(payload, part(10, append(part(10, fmt.Appendf(nil, "metric.%d", i)), part(18, point)...))...)
	}
	return payload
}
