package wire

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"strconv"
	"testing"
	"unicode/utf8"

	"graphited/carbon/wire/wiretest"
)

// TestProtobufRecorded holds the decoder against what Python's protobuf reads in the same messages.
// Where a name is not UTF-8 Python refuses the message, and here the intake the name.
func TestProtobufRecorded(t *testing.T) {
	recorded, err := os.ReadFile("../../testdata/carbon/protobuf.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	good, bad := 0, 0
	for line := range bytes.Lines(recorded) {
		var text string
		var points [][3]any
		if err := json.Unmarshal(line, &[]any{&text, &points}); err != nil {
			t.Fatal(err)
		}
		message, err := hex.DecodeString(text)
		if err != nil {
			t.Fatal(err)
		}
		b := &Batch{}
		AddProtobuf(b, message)
		ok, utf := b.Dropped[BadProtobuf] == 0, true
		for _, p := range b.Points {
			utf = utf && utf8.Valid(p.Name)
		}
		switch {
		case points == nil && ok && !utf:
		case ok != (points != nil) || len(b.Points) != len(points):
			t.Errorf("%s: taken %v, %d points; python: %v", text, ok, len(b.Points), points)
		case ok:
			good++
			for i, p := range b.Points {
				v, err := strconv.ParseFloat(points[i][2].(string), 64)
				if err != nil || string(p.Name) != points[i][0] || float64(p.Time) != points[i][1] || math.Float64bits(p.Value) != math.Float64bits(v) && v == v {
					t.Errorf("%s: point %d is %s %d %v, python: %v", text, i, p.Name, p.Time, p.Value, points[i])
				}
			}
		default:
			bad++
		}
	}
	if good < 60 || bad < 200 {
		t.Errorf("%d good messages, %d bad", good, bad)
	}
}

func TestProtobufFrames(t *testing.T) {
	f := func(limit int, src []byte, points, rest int, drops string, fails bool) {
		t.Helper()
		b := &Batch{}
		left, err := NewProtobufDecoder(limit).Decode(b, src)
		if (err != nil) != fails || len(left) != rest || len(b.Points) != points || dropped(b) != drops {
			t.Errorf("%d points, %d left, refused %q, error %v", len(b.Points), len(left), dropped(b), err)
		}
	}
	one, many := wiretest.Frame(wiretest.Protobuf(1)), wiretest.Frame(wiretest.Protobuf(500))
	f(1<<20, nil, 0, 0, "", false)
	f(1<<20, append(bytes.Clone(one), many...), 501, 0, "", false)
	f(1<<20, append(bytes.Clone(many), one[:7]...), 500, 7, "", false)
	f(1<<20, append(wiretest.Frame([]byte("no protobuf")), one...), 1, 0, "bad_protobuf:1", false)
	f(100, append(bytes.Clone(one), many...), 1, 0, "frame_too_long:1", true)
	f(1<<20, []byte{255, 255, 255, 255}, 0, 0, "frame_too_long:1", true)
}

// dropped lists what a batch had to refuse.
func dropped(b *Batch) (text string) {
	for r, n := range b.Dropped {
		if n > 0 {
			text += fmt.Sprintf("%s:%d", Reason(r), n)
		}
	}
	return text
}

func FuzzProtobuf(f *testing.F) {
	f.Add(wiretest.Protobuf(3))
	f.Add([]byte("\x0a\x04\x0a\x01a\x12"))
	f.Add(bytes.Repeat([]byte{0x3b}, 300))
	f.Fuzz(func(t *testing.T, message []byte) {
		b := &Batch{}
		AddProtobuf(b, message)
		if len(b.Points) > 0 && b.Dropped[BadProtobuf] > 0 {
			t.Error("points of a message that was refused")
		}
		if len(b.Points) > len(message)/2 {
			t.Errorf("%d points from %d bytes", len(b.Points), len(message))
		}
	})
}

func BenchmarkProtobuf(b *testing.B) {
	frame, d, batch := wiretest.Frame(wiretest.Protobuf(500)), NewProtobufDecoder(1<<20), NewBatch()
	b.SetBytes(int64(len(frame)))
	b.ReportAllocs()
	for b.Loop() {
		batch.Points = batch.Points[:0]
		if _, err := d.Decode(batch, frame); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/500, "ns/point")
}
