package encode

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/VictoriaMetrics/easyproto"

	"graphited/render"
	"graphited/whisper"
)

// recordedProto returns a message of testdata/encode/carbonapi.txt, which code that protoc's gogo
// plugin generated from carbonapi's .proto files has written.
func recordedProto(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open("../../testdata/encode/carbonapi.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for in := bufio.NewScanner(f); in.Scan(); {
		if text, ok := strings.CutPrefix(in.Text(), name+" "); ok {
			b, err := hex.DecodeString(text)
			if err != nil {
				t.Fatal(err)
			}
			return b
		}
	}
	t.Fatalf("no %s", name)
	return nil
}

func protoSeries(name, path, method string, s whisper.Series) *render.Series {
	return &render.Series{Name: name, Path: path, Consolidate: method, Series: s}
}

// TestProtoV2 compares byte for byte with what go-carbon's library writes.
func TestProtoV2(t *testing.T) {
	got := AppendProtoV2([]byte("x"), []*render.Series{
		protoSeries("a.b", "a.*", "", whisper.Series{From: 60, Until: 240, Step: 60, Values: []float64{1, math.NaN(), -2.5}}),
		protoSeries("ü;tag=x", "x", "sum", whisper.Series{From: 1700000000, Until: 1700000000, Step: 1}),
	})
	if want := append([]byte("x"), recordedProto(t, "v2/MultiFetchResponse")...); !bytes.Equal(got, want) {
		t.Errorf("\n got %x\nwant %x", got, want)
	}
}

func TestProtoV3(t *testing.T) {
	long := make([]float64, 300)
	for i := range long {
		long[i] = float64(i)
	}
	series := []*render.Series{
		protoSeries("a.b", "other", "", whisper.Series{From: 60, Until: 240, Step: 60, Values: []float64{1, math.NaN(), -2.5}}),
		protoSeries("a.c", "other", "sum", whisper.Series{From: 60, Until: 360, Step: 1, Values: long}),
		protoSeries("a.d", "other", "average", whisper.Series{From: -60, Until: 60, Step: 60}),
	}
	o := ProtoV3Options{From: 30, Until: 200, PathExpression: "a.*", Keeps: func(name string) (string, float64, bool) {
		switch name {
		case "a.b":
			return "average", 0.5, true
		case "a.d":
			return "max", 0, true
		}
		return "last", 1, false
	}}
	want := recordedProto(t, "v3/MultiFetchResponse")
	if got := AppendProtoV3(nil, series, o); !bytes.Equal(got, want) {
		t.Errorf("\n got %x\nwant %x", got, want)
	}
	// A response made in parts is the same.
	if got := AppendProtoV3(AppendProtoV3(nil, series[:1], o), series[1:], o); !bytes.Equal(got, want) {
		t.Errorf("in parts\n got %x\nwant %x", got, want)
	}
	o.PathExpression, o.Keeps = "", nil
	for _, part := range []string{"\x12\x05other", "\x1a\x07Average", "\x1a\x03Sum"} {
		if got := AppendProtoV3(nil, series, o); !bytes.Contains(got, []byte(part)) {
			t.Errorf("no %q in %q", part, got)
		}
	}
}

func TestProtoWriter(t *testing.T) {
	var p Proto
	p.Int(1, -1)
	p.Bool(2, true)
	p.Bool(3, false)
	p.String(4, "")
	p.Element(5, "")
	p.String(6, "\xff\x00")
	p.Float32(7, 1.5)
	m := p.Open(8)
	n := p.Open(1)
	p.String(1, strings.Repeat("y", 200))
	p.Close(n)
	p.Close(m)
	empty := p.Open(9)
	p.Close(empty)
	var fc easyproto.FieldContext
	src, seen := p.Buf, ""
	for len(src) > 0 {
		var err error
		if src, err = fc.NextField(src); err != nil {
			t.Fatalf("after %s: %v", seen, err)
		}
		seen += string(rune('0' + fc.FieldNum))
		ok := false
		switch fc.FieldNum {
		case 1:
			v, is := fc.Int64()
			ok = is && v == -1
		case 2:
			v, is := fc.Bool()
			ok = is && v
		case 5:
			v, is := fc.String()
			ok = is && v == ""
		case 6:
			v, is := fc.String()
			ok = is && v == "\uFFFD\x00"
		case 7:
			v, is := fc.Float()
			ok = is && v == 1.5
		case 8:
			v, is := fc.MessageData()
			ok = is && len(v) == 206
		case 9:
			v, is := fc.MessageData()
			ok = is && len(v) == 0
		}
		if !ok {
			t.Errorf("field %d is wrong", fc.FieldNum)
		}
	}
	if seen != "1256789" {
		t.Errorf("fields %s", seen)
	}
}

func BenchmarkProtoV3(b *testing.B) {
	series := make([]*render.Series, 100)
	for i := range series {
		series[i] = protoSeries("servers.host.cpu", "servers.*.cpu", "", whisper.Series{Until: 60_000, Step: 60, Values: make([]float64, 1000)})
	}
	buf := AppendProtoV3(nil, series, ProtoV3Options{})
	b.SetBytes(int64(len(buf)))
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendProtoV3(buf[:0], series, ProtoV3Options{})
	}
}
