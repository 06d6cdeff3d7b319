package wire

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"
)

// decodeAll runs a decoder over input that arrives in pieces of the given size, as a connection
// would bring it.
func decodeAll(d Decoder, input []byte, piece int) (points, rejects []string, rest int, err error) {
	var held []byte
	for len(input) > 0 && err == nil {
		n := min(piece, len(input))
		b := &Batch{}
		held, err = d.Decode(b, append(held, input[:n]...))
		held = bytes.Clone(held)
		input = input[n:]
		for _, p := range b.Points {
			points = append(points, fmt.Sprintf("%s %v %d", p.Name, p.Value, p.Time))
		}
		for _, r := range b.Rejects {
			rejects = append(rejects, r.Reason.String())
		}
	}
	return points, rejects, len(held), err
}

func TestLineDecoder(t *testing.T) {
	long := strings.Repeat("x", MaxLine+1)
	tests := []struct{ name, in, points, rejects string }{
		{"usual", "a.b 1 1700000000\nc.d 2.5 1700000001\n", "a.b 1 1700000000|c.d 2.5 1700000001", ""},
		{"carriage return", "a.b 1 1700000000\r\n", "a.b 1 1700000000", ""},
		{"tabs and repeated blanks", "  a.b \t 1\t\t1700000000  \n", "a.b 1 1700000000", ""},
		{"unicode blanks", "a.b\u00a01\u20031700000000\n", "a.b 1 1700000000", ""},
		{"now", "a.b 1 -1\n", "a.b 1 -1", ""},
		{"float timestamp", "a.b 1 1700000000.75\n", "a.b 1 1700000000", ""},
		{"python's numbers", "a 1e3 1\nb 1_0 1\nc inf 1\nd nan 1\n", "a 1000 1|b 10 1|c +Inf 1|d NaN 1", ""},
		{"empty lines", "\n\r\n  \na 1 2\n", "a 1 2", ""},
		{"two fields", "a.b 1\nc 1 2\n", "c 1 2", "bad_line"},
		{"four fields", "a.b 1 2 3\nc 1 2\n", "c 1 2", "bad_line"},
		{"bad value", "a.b x 1700000000\nc 1 2\n", "c 1 2", "bad_value"},
		{"hexadecimal value", "a.b 0x10 1700000000\n", "", "bad_value"},
		{"N is no timestamp", "a.b 1 N\n", "", "bad_timestamp"},
		{"infinite timestamp", "a.b 1 inf\n", "", "bad_timestamp"},
		{"negative timestamp", "a.b 1 -2\n", "", "bad_timestamp"},
		{"after 2106", "a.b 1 4294967296\n", "", "bad_timestamp"},
		{"not UTF-8", "a\xff.b  1 2\nc 1 2\n", "c 1 2", "bad_encoding"},
		{"long line", long + " 1 2\nc 1 2\n", "c 1 2", "line_too_long"},
		{"long line twice", long + " 1 2\n" + long + "\nc 1 2\n", "c 1 2", "line_too_long|line_too_long"},
	}
	for _, tt := range tests {
		for _, piece := range []int{1, 3, 1000, 1 << 20} {
			points, rejects, rest, err := decodeAll(NewLineDecoder(), []byte(tt.in), piece)
			if err != nil || rest != 0 || strings.Join(points, "|") != tt.points || strings.Join(rejects, "|") != tt.rejects {
				t.Errorf("%s, %d bytes at a time: got %q, rejects %q, %d bytes left, error %v", tt.name, piece, points, rejects, rest, err)
			}
		}
	}
}

func TestLineDecoderKeepsUnfinishedLine(t *testing.T) {
	_, _, rest, _ := decodeAll(NewLineDecoder(), []byte("a 1 2\nb 1 170000"), 1<<20)
	if rest != len("b 1 170000") {
		t.Errorf("%d bytes are left, want the unfinished line", rest)
	}
}

func TestDatagram(t *testing.T) {
	b := &Batch{}
	DecodeDatagram(b, []byte("a 1 2\n\nb 2 3\nbad\nc 3 4"))
	if len(b.Points) != 3 || string(b.Points[2].Name) != "c" || b.Dropped[BadLine] != 1 {
		t.Errorf("got %d points, dropped %v", len(b.Points), b.Dropped)
	}
}

func FuzzLineDecoder(f *testing.F) {
	for _, s := range []string{"a.b 1 1700000000\n", "a\tb\t-1\r\n", "a 1_0 1e9\nb", "\xff 1 2\n", "a;b=c 1 2\n", strings.Repeat("y", 300) + "\n"} {
		f.Add([]byte(s), 7)
	}
	f.Fuzz(func(t *testing.T, in []byte, piece int) {
		whole, rejects, rest, err := decodeAll(NewLineDecoder(), in, 1<<30)
		if err != nil {
			t.Fatal(err)
		}
		parts, rejects2, rest2, _ := decodeAll(NewLineDecoder(), in, max(1, piece%100))
		if fmt.Sprint(whole, rejects, rest) != fmt.Sprint(parts, rejects2, rest2) {
			t.Fatalf("in one piece: %q %q %d; in several: %q %q %d", whole, rejects, rest, parts, rejects2, rest2)
		}
	})
}

func benchmarkLines(b *testing.B, line func(i int) string) {
	var in []byte
	n := 0
	for i := 0; len(in) < 60<<10; i++ {
		in = append(in, line(i)...)
		n++
	}
	d, batch := NewLineDecoder(), NewBatch()
	b.SetBytes(int64(len(in)))
	b.ReportAllocs()
	for b.Loop() {
		batch.Points = batch.Points[:0]
		d.Decode(batch, in)
	}
	if len(batch.Points) != n {
		b.Fatalf("%d points of %d lines", len(batch.Points), n)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/point")
}

func BenchmarkDecodeLines(b *testing.B) {
	benchmarkLines(b, func(i int) string {
		return fmt.Sprintf("servers.dc1.web%05d.cpu.cpu%d.user %v %d\n", i, i%8, math.Mod(float64(i)*7.25, 1000), 1700000000+i)
	})
}

func BenchmarkDecodeLinesWithTabs(b *testing.B) {
	benchmarkLines(b, func(i int) string {
		return fmt.Sprintf("servers.dc1.web%05d.cpu.cpu%d.user\t%v\t%d\n", i, i%8, math.Mod(float64(i)*7.25, 1000), 1700000000+i)
	})
}
