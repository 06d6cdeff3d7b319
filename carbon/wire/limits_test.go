package wire

import (
	"bytes"
	"encoding/binary"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/klauspost/compress/s2"
	"github.com/klauspost/compress/zstd"

	"graphited/carbon/wire/wiretest"
)

// TestLineDecoder_Limit: a line of MaxLine bytes is taken, whether its newline comes with it or
// later; one byte more is too much.
func TestLineDecoder_Limit(t *testing.T) {
	const rest = " 1 1700000000"
	fits := strings.Repeat("x", MaxLine-len(rest)) + rest
	f := func(line, rejects string, points int) {
		t.Helper()
		for _, piece := range []int{len(line), len(line) + 1} {
			got, refused, left, err := decodeAll(NewLineDecoder(), []byte(line+"\n"), piece)
			if len(got) != points || strings.Join(refused, "|") != rejects || left != 0 || err != nil {
				t.Errorf("line of %d bytes, %d at a time: %d points, rejects %q, %d bytes left, error %v", len(line), piece, len(got), refused, left, err)
			}
		}
	}
	f(fits, "", 1)
	f("x"+fits, "line_too_long", 0)
}

func TestBatch_Reject(t *testing.T) {
	b := &Batch{}
	text := bytes.Repeat([]byte{'x'}, RejectText+1)
	for range MaxRejects + 1 {
		b.Reject(BadLine, text)
	}
	b.Reject(BadValue, text[:RejectText])
	if b.Dropped[BadLine] != MaxRejects+1 || b.Dropped[BadValue] != 1 || len(b.Rejects) != MaxRejects {
		t.Errorf("%d and %d are counted, %d are kept; want %d, 1 and %d", b.Dropped[BadLine], b.Dropped[BadValue], len(b.Rejects), MaxRejects+1, MaxRejects)
	}
	if n := len(b.Rejects[0].Text); n != RejectText {
		t.Errorf("%d bytes of the text are kept, want %d", n, RejectText)
	}
}

// TestBatch_Release: what comes from the pool is empty and of the usual size, whatever was given
// back before.
func TestBatch_Release(t *testing.T) {
	for range 100 {
		b := NewBatch()
		if len(b.Points) != 0 || len(b.Rejects) != 0 || b.Dropped != [NumReasons]int{} || b.Source != nil || b.Sender != nil {
			t.Fatalf("a new batch is not empty: %d points, %d rejects, dropped %v", len(b.Points), len(b.Rejects), b.Dropped)
		}
		b.Add([]byte("a"), 1, 1)
		b.Reject(BadLine, []byte("x"))
		b.Source = &Source{}
		b.Release()
	}
	for range 100 {
		b := NewBatch()
		if len(b.Buf) > 4*BatchBuffer || cap(b.Points) > 1<<16 {
			t.Fatalf("the pool holds a batch of %d bytes and %d points", len(b.Buf), cap(b.Points))
		}
		large := &Batch{Buf: make([]byte, 4*BatchBuffer+1)}
		large.Release()
		many := &Batch{Buf: make([]byte, BatchBuffer), Points: make([]Sample, 0, 1<<16+1)}
		many.Release()
	}
}

// TestFrames_Limit: a frame of as many bytes as the limit is taken. Before it has come whole there
// is nothing to do; for one that is over the limit nothing is waited for.
func TestFrames_Limit(t *testing.T) {
	for name, build := range map[string]func(limit int) (d Decoder, message []byte){
		"pickle":   func(limit int) (Decoder, []byte) { return NewPickleDecoder(limit), pointPickle(1) },
		"protobuf": func(limit int) (Decoder, []byte) { return NewProtobufDecoder(limit), wiretest.Protobuf(1) },
	} {
		_, message := build(0)
		for limit, want := range map[int]struct {
			ready, fails bool
			points       int
		}{len(message): {points: 1}, len(message) - 1: {ready: true, fails: true}} {
			d, _ := build(limit)
			frame := wiretest.Frame(message)
			if got := d.Ready(frame[:len(frame)-1]); got != want.ready {
				t.Errorf("%s, limit %d: ready for the beginning of a frame of %d bytes is %v", name, limit, len(message), got)
			}
			b := &Batch{}
			if _, err := d.Decode(b, frame); len(b.Points) != want.points || (err != nil) != want.fails {
				t.Errorf("%s, limit %d: %d points of a frame of %d bytes, error %v", name, limit, len(b.Points), len(message), err)
			}
		}
	}
}

// TestProtobuf_PartOfMessage: of a message that is damaged behind its first metric nothing is taken.
func TestProtobuf_PartOfMessage(t *testing.T) {
	b := &Batch{}
	b.Add([]byte("before"), 1, 1)
	AddProtobuf(b, append(wiretest.Protobuf(3), 0x0a, 0xff))
	if len(b.Points) != 1 || b.Dropped[BadProtobuf] != 1 {
		t.Errorf("%d points, refused %q", len(b.Points), dropped(b))
	}
}

// TestProtobuf_NestedGroups: groups, which no message of carbon has, are passed over; how deep they
// may be in one another is bounded.
func TestProtobuf_NestedGroups(t *testing.T) {
	f := func(depth, points int) {
		t.Helper()
		const id = 15
		message := wiretest.Protobuf(1)
		message = append(message, bytes.Repeat([]byte{id<<3 | kindGroup}, depth)...)
		message = append(message, bytes.Repeat([]byte{id<<3 | kindGroupEnd}, depth)...)
		b := &Batch{}
		AddProtobuf(b, message)
		if len(b.Points) != points {
			t.Errorf("%d groups in one another: %d points, refused %q", depth, len(b.Points), dropped(b))
		}
	}
	f(1, 1)
	f(maxGroups, 1)
	f(maxGroups+1, 0)
}

// TestUnpacker_Limits: a stream that asks for more memory than a connection may cost ends with an
// error.
func TestUnpacker_Limits(t *testing.T) {
	data := make([]byte, 256<<10)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := 0; i < len(data); i += 8 {
		binary.LittleEndian.PutUint64(data[i:], rng.Uint64())
	}
	zstdOf := func(window int) []byte {
		var b bytes.Buffer
		w, err := zstd.NewWriter(&b, zstd.WithWindowSize(window))
		if err != nil {
			t.Fatal(err)
		}
		for range 2 { // after a flush the header cannot say how long the whole is, and so has the window
			if _, err := w.Write(data[:1000]); err != nil {
				t.Fatal(err)
			}
			if err := w.Flush(); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	snappyOf := func(block int) []byte {
		var b bytes.Buffer
		w := s2.NewWriter(&b, s2.WriterBlockSize(block))
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	f := func(compression string, packed []byte, fails bool) {
		t.Helper()
		unpack, err := Unpacker(compression)
		if err != nil {
			t.Fatal(err)
		}
		r := unpack(bytes.NewReader(packed))
		defer r.Close()
		if _, err := io.Copy(io.Discard, r); (err != nil) != fails {
			t.Errorf("%s: error %v, want one: %v", compression, err, fails)
		}
	}
	f("zstd", zstdOf(maxWindow), false)
	f("zstd", zstdOf(2*maxWindow), true)
	f("snappy", snappyOf(64<<10), false)
	f("snappy", snappyOf(128<<10), true)
}
