package wire

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"graphited/carbon/pickle"
	"graphited/carbon/wire/wiretest"
	"graphited/testdata/allocs"
)

// decodeFrames decodes src at once with the usual limit, which must leave nothing.
func decodeFrames(t testing.TB, src []byte) *Batch {
	t.Helper()
	b := &Batch{}
	rest, err := NewPickleDecoder(1<<20).Decode(b, src)
	if err != nil || len(rest) != 0 {
		t.Fatalf("Decode left %d bytes, error %v", len(rest), err)
	}
	return b
}

func samples(b *Batch) string {
	var s strings.Builder
	for _, p := range b.Points {
		fmt.Fprintf(&s, "%s %d %v\n", p.Name, p.Time, p.Value)
	}
	return s.String()
}

func drops(b *Batch) string {
	var s []string
	for r, n := range b.Dropped {
		if n > 0 {
			s = append(s, fmt.Sprintf("%s:%d", Reason(r), n))
		}
	}
	return strings.Join(s, " ")
}

// TestPickleDecoder_AsCarbon compares with what carbon's receiver was seen to do, item by item.
func TestPickleDecoder_AsCarbon(t *testing.T) {
	for name, r := range wiretest.Pickles(t) {
		if strings.HasPrefix(name, "query-") || strings.HasPrefix(name, "bytes-name-") {
			continue
		}
		if strings.HasPrefix(name, "top-scalar") || strings.HasPrefix(name, "top-dict") {
			r.Carbon = nil // carbon takes each letter for an item, without a point in any of them
		}
		var want Batch
		refused := 0
		for _, item := range r.Carbon {
			if item == nil {
				refused++
				continue
			}
			at, err1 := strconv.ParseFloat(item[1], 64)
			v, err2 := strconv.ParseFloat(item[2], 64)
			if err1 != nil || err2 != nil {
				t.Fatalf("%s: bad record %q", name, item)
			}
			if sec, ok := timeOf(at); ok {
				want.Add([]byte(item[0]), sec, v)
			} else {
				refused++
				want.Dropped[BadTimestamp]++
			}
		}
		if r.Carbon == nil {
			refused = 1
		}
		got := decodeFrames(t, wiretest.Frame(r.Data))
		if g, w := samples(got), samples(&want); g != w {
			t.Errorf("%s: points\n%swant\n%s", name, g, w)
		}
		sum := 0
		for _, n := range got.Dropped {
			sum += n
		}
		if sum != refused || got.Dropped[BadTimestamp] < want.Dropped[BadTimestamp] {
			t.Errorf("%s: refused %s, want %d, %d of them for their time", name, drops(got), refused, want.Dropped[BadTimestamp])
		}
		if r.Carbon == nil && got.Dropped[BadPickle] != 1 {
			t.Errorf("%s: refused %s, want one bad_pickle", name, drops(got))
		}
	}
}

func TestPickleDecoder_Reasons(t *testing.T) {
	recorded := wiretest.Pickles(t)
	f := func(name, wantDrops, wantTexts string) {
		t.Helper()
		b := decodeFrames(t, wiretest.Frame(recorded[name].Data))
		var texts []string
		for _, r := range b.Rejects {
			texts = append(texts, fmt.Sprintf("%s %q", r.Reason, r.Text[:min(len(r.Text), 6)]))
		}
		if got := drops(b); got != wantDrops {
			t.Errorf("%s: refused %s, want %s", name, got, wantDrops)
		}
		if got := strings.Join(texts, ", "); got != wantTexts {
			t.Errorf("%s: texts %s, want %s", name, got, wantTexts)
		}
	}
	f("bad-times-p2", "bad_timestamp:12", `bad_timestamp "t1", bad_timestamp "t2", bad_timestamp "t3", bad_timestamp "t4", bad_timestamp "t5", bad_timestamp "t6", `+
		`bad_timestamp "t7", bad_timestamp "t8", bad_timestamp "t9", bad_timestamp "t10", bad_timestamp "t11", bad_timestamp "t12"`)
	f("set-p4", "bad_pickle:3", `bad_pickle "", bad_pickle "a.b", bad_pickle "a"`)
	f("refused-global", "bad_pickle:1", `bad_pickle "\x80\x04](X\x01"`)
	f("broken-empty", "bad_pickle:1", `bad_pickle ""`)
	f("py2-huge-int", "bad_value:1", `bad_value "a"`)
	f("recursive-p2", "bad_pickle:1", `bad_pickle ""`)
	f("lists-p0", "", "")
}

// TestPickleDecoder_Bytes: names that are bytes end a connection to carbon; senders that forget to
// decode are better served with their points.
func TestPickleDecoder_Bytes(t *testing.T) {
	recorded := wiretest.Pickles(t)
	f := func(name, want string) {
		t.Helper()
		if got := samples(decodeFrames(t, wiretest.Frame(recorded[name].Data))); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	f("bytes-name-p5", "a.b 1700000040 1.5\na.c 1700000040 2.5\n")
	f("bytes-name-p2", "") // these protocols make bytes and bytearrays by a call
	f("bytes-name-p4", "")
}

// pointPickle is a pickle of protocol 2 of n points, as carbon's own relay makes it; named as the
// metrics of real hosts.
func pointPickle(n int) []byte {
	p := []byte("\x80\x02]q\x00(")
	for i := range n {
		p = pickle.AppendText(p, fmt.Sprintf("servers.dc%d.web%05d.cpu.cpu%d.user", i%4, i/16, i%16))
		p = append(pickle.AppendFloat(pickle.AppendInt(p, 1700000000+int64(i)), float64(i)+0.25), 0x86, 0x86)
		if i%1000 == 999 && i < n-1 {
			p = append(p, 'e', '(')
		}
	}
	return append(p, 'e', '.')
}

// TestPickleDecoder_Framing cuts the input into reads of many lengths, which must not matter.
func TestPickleDecoder_Framing(t *testing.T) {
	recorded := wiretest.Pickles(t)
	f := func(names []string, steps ...int) {
		t.Helper()
		var src []byte
		for _, name := range names {
			src = append(src, wiretest.Frame(recorded[name].Data)...)
		}
		whole := decodeFrames(t, src)
		if len(whole.Points) < 25 || drops(whole) != "bad_pickle:3" {
			t.Fatalf("%d points, refused %s", len(whole.Points), drops(whole))
		}
		for _, step := range append(steps, len(src)-1) {
			d := NewPickleDecoder(1 << 20)
			b := &Batch{}
			var held []byte
			for at := 0; at < len(src); at += step {
				rest, err := d.Decode(b, append(slices.Clip(held), src[at:min(at+step, len(src))]...))
				if err != nil {
					t.Fatalf("step %d: %v", step, err)
				}
				held = rest
			}
			if len(held) != 0 || samples(b) != samples(whole) || b.Dropped != whole.Dropped {
				t.Errorf("step %d: %d bytes left, %d points, refused %s", step, len(held), len(b.Points), drops(b))
			}
		}
	}
	short := []string{"point-p0", "broken-empty", "refused-global", "points-p2", "broken-half", "numbers-p5", "py2-p0"}
	f(short, 1, 2, 3, 4, 5, 7, 64)
	f(append(short, "long-p4", "point-p5"), 1000, 4096)
}

func TestPickleDecoder_FrameLength(t *testing.T) {
	one := wiretest.Frame(pointPickle(1))
	n := len(one) - FrameHeader
	f := func(limit int, src []byte, wantPoints, wantRest int, wantDrops string, fails bool) {
		t.Helper()
		d := NewPickleDecoder(limit)
		b := &Batch{}
		rest, err := d.Decode(b, src)
		if (err != nil) != fails || len(rest) != wantRest || len(b.Points) != wantPoints || drops(b) != wantDrops {
			t.Errorf("limit %d: %d points, %d left, refused %q, error %v", limit, len(b.Points), len(rest), drops(b), err)
		}
		if most := d.MaxPending(); len(rest) > most {
			t.Errorf("%d bytes left, more than MaxPending, %d", len(rest), most)
		}
	}
	f(n, one, 1, 0, "", false)
	f(n-1, one, 0, 0, "frame_too_long:1", true)
	f(n, slices.Concat(one, one[:len(one)-1]), 1, len(one)-1, "", false)
	f(n, one[:3], 0, 3, "", false)
	f(n, nil, 0, 0, "", false)
	f(n, slices.Concat(one, []byte("\xff\xff\xff\xff"), one), 1, 0, "frame_too_long:1", true)
	f(n, slices.Concat(one, []byte("\x00\x00\x00\x00"), one), 2, 0, "bad_pickle:1", false)
	f(-1, one, 0, 0, "frame_too_long:1", true)
	f(0, []byte("\x00\x00\x00\x00"), 0, 0, "bad_pickle:1", false)
	f(math.MaxInt, []byte("\x40\x00\x00\x00"), 0, 4, "", false)
	f(math.MaxInt, []byte("\x40\x00\x00\x01"), 0, 0, "frame_too_long:1", true)
}

// TestPickleDecoder_Names: a name is a part of the input wherever it stands there as it is.
func TestPickleDecoder_Names(t *testing.T) {
	f := func(pickle, want string, inPlace bool) {
		t.Helper()
		src := wiretest.Frame([]byte(pickle))
		b := decodeFrames(t, src)
		if len(b.Points) != 1 || string(b.Points[0].Name) != want {
			t.Errorf("%q: points %q, refused %s, want %q", pickle, samples(b), drops(b), want)
			return
		}
		clear(src)
		if got := string(b.Points[0].Name) != want; got != inPlace && want != "" {
			t.Errorf("%q: name in place is %t, want %t", pickle, got, inPlace)
		}
		if name := b.Points[0].Name; cap(name) != len(name) && inPlace {
			t.Errorf("%q: name has room for %d more bytes of the input", pickle, cap(name)-len(name))
		}
	}
	item := func(name string) string { return "(lp0\n(" + name + "(I1\nF2\ntta." }
	f(item("S'a.b'\n"), "a.b", true)
	f(item("S\"it's\"\n"), "it's", true)
	f(item("S'a\\tb'\n"), "a\tb", false)
	f(item("S''\n"), "", true)
	f(item(`S'\\\'\"\a\b\f\n\r\t\v\0\18\777\x7f\q'`+"\n"), "\\'\"\a\b\f\n\r\t\v\x00\x018\xff\x7f\\q", false)
	f(item("Va.b\n"), "a.b", true)
	f(item("V\xe4\\u20ac\\U0001f600\\\\u0041\\n\\\n"), "ä€😀\\\\u0041\\n\\", false)
	f(item("V\\ud83d\n"), "\xed\xa0\xbd", false) // half a pair: the intake refuses what is not UTF-8
	f(item("U\x03a.b"), "a.b", true)
	f(item("T\x03\x00\x00\x00a.b"), "a.b", true)
	f(item("X\x03\x00\x00\x00a.b"), "a.b", true)
	f(item("B\x03\x00\x00\x00a.b"), "a.b", true)
	f(item("C\x03a.b"), "a.b", true)
	f(item("\x8c\x03a.b"), "a.b", true)
	f(item("\x8d\x03\x00\x00\x00\x00\x00\x00\x00a.b"), "a.b", true)
	f(item("\x8e\x03\x00\x00\x00\x00\x00\x00\x00a.b"), "a.b", true)
	f(item("\x96\x03\x00\x00\x00\x00\x00\x00\x00a.b"), "a.b", true)
}

// TestPickleDecoder_HugeInteger: an integer of 64 KiB is refused as a value.
func TestPickleDecoder_HugeInteger(t *testing.T) {
	b := decodeFrames(t, wiretest.Frame(slices.Concat([]byte("](\x8c\x01aK\x01\x8b\xf0\xff\x00\x00"), bytes.Repeat([]byte{0x7f}, 0xfff0), []byte("\x86\x86e."))))
	if drops(b) != "bad_value:1" {
		t.Errorf("refused %s", drops(b))
	}
}

// TestPickleDecoder_Damaged cuts and flips every recorded pickle at each byte. A frame that is cut
// is no pickle any more, since its STOP is gone.
func TestPickleDecoder_Damaged(t *testing.T) {
	d := NewPickleDecoder(1 << 20)
	b := &Batch{}
	for name, r := range wiretest.Pickles(t) {
		step := 1 + len(r.Data)/300
		for i := 0; i < len(r.Data); i += step {
			b.Points, b.Rejects, b.Dropped = b.Points[:0], b.Rejects[:0], [NumReasons]int{}
			if _, err := d.Decode(b, wiretest.Frame(r.Data[:i])); err != nil {
				t.Fatalf("%s cut at %d: %v", name, i, err)
			}
			if name != "trailing-bytes" && r.Carbon != nil && (len(b.Points) > 0 || drops(b) != "bad_pickle:1") {
				t.Fatalf("%s cut at %d: %d points, refused %s", name, i, len(b.Points), drops(b))
			}
			for _, flip := range []byte{1, 0x80, 0xff} {
				src := wiretest.Frame(r.Data)
				src[FrameHeader+i] ^= flip
				if rest, err := d.Decode(b, src); err != nil || len(rest) > 0 {
					t.Fatalf("%s with byte %d flipped: %d bytes left, error %v", name, i, len(rest), err)
				}
				pickle.Decode(src[FrameHeader:]) // an error or not, but no panic and no end of memory
			}
		}
	}
}

func FuzzPickleDecoder(f *testing.F) {
	for _, r := range wiretest.Pickles(f) {
		f.Add(r.Data)
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		src := wiretest.Frame(frame)
		b := &Batch{}
		rest, err := NewPickleDecoder(len(frame)).Decode(b, slices.Concat(src, src))
		if err != nil || len(rest) > 0 {
			t.Fatalf("%d bytes left, error %v", len(rest), err)
		}
		n := len(b.Points)
		if n%2 != 0 || n > 2*len(frame) {
			t.Fatalf("%d points in two equal frames of %d bytes", n, len(frame))
		}
		for i, p := range b.Points[:n/2] {
			q := b.Points[n/2+i]
			if !bytes.Equal(p.Name, q.Name) || p.Time != q.Time || math.Float64bits(p.Value) != math.Float64bits(q.Value) {
				t.Fatalf("point %d of two equal frames: %s %d %v and %s %d %v", i, p.Name, p.Time, p.Value, q.Name, q.Time, q.Value)
			}
			if p.Time < NowTime || p.Time > math.MaxUint32 {
				t.Fatalf("timestamp %d", p.Time)
			}
		}
		if _, err := pickle.Decode(frame); err == nil && n == 0 && b.Dropped == [NumReasons]int{} && len(frame) > 64 {
			// Nothing in it and nothing refused: that is an empty list, whatever stands around it.
			if v, _ := pickle.Decode(frame); fmt.Sprint(v) != "[]" {
				t.Fatalf("%v disappeared", v)
			}
		}
	})
}

func TestPickleDecoder_NoAllocation(t *testing.T) {
	recorded := wiretest.Pickles(t)
	for _, name := range []string{"point-p0", "points-p1", "points-p2", "points-p4", "memoised-p0", "memoised-p5", "long-p4"} {
		m, b := &pickle.Machine{}, &Batch{}
		decode := func() {
			b.Points = b.Points[:0]
			if addPickle(m, b, recorded[name].Data); len(b.Points) == 0 {
				t.Fatalf("%s: no points", name)
			}
		}
		decode()
		if n := allocs.Least(100, decode); n != 0 {
			t.Errorf("%s: %v allocations a frame", name, n)
		}
	}
}

func BenchmarkPickleDecoder(b *testing.B) {
	bench := func(name string, pickle []byte) {
		b.Run(name, func(b *testing.B) {
			src := wiretest.Frame(pickle)
			d := NewPickleDecoder(1 << 20)
			batch := &Batch{}
			b.ReportAllocs()
			b.SetBytes(int64(len(src)))
			for b.Loop() {
				batch.Points = batch.Points[:0]
				if _, err := d.Decode(batch, src); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*len(batch.Points)), "ns/point")
		})
	}
	bench("relay", pointPickle(500))
	for proto := range 6 {
		bench(fmt.Sprintf("protocol%d", proto), pythonPickle(proto, 500))
	}
}

// pythonPickle is a pickle of n points as Python's pickler makes it, with its memo and the
// instructions of the protocol.
func pythonPickle(proto, n int) []byte {
	memo := 0
	put := func(p []byte) []byte {
		memo++
		switch {
		case proto == 0:
			return fmt.Appendf(p, "p%d\n", memo-1)
		case proto >= 4:
			return append(p, 0x94)
		case memo <= 256:
			return append(p, 'q', byte(memo-1))
		}
		return binary.LittleEndian.AppendUint32(append(p, 'r'), uint32(memo-1))
	}
	tuple := func(p []byte) []byte {
		if proto < 2 {
			return put(append(p, 't'))
		}
		return put(append(p, 0x86))
	}
	var p []byte
	switch {
	case proto == 0:
		p = put(append(p, "(l"...))
	case proto == 1:
		p = append(put(append(p, ']')), '(')
	default:
		p = append(put(append(p, 0x80, byte(proto), ']')), '(')
	}
	for i := range n {
		name := fmt.Sprintf("servers.dc%d.web%05d.cpu.cpu%d.user", i%4, i/16, i%16)
		at, v := int64(1700000000+i), float64(i)+0.25
		switch {
		case proto == 0:
			p = put(fmt.Appendf(p, "(V%s\n", name))
			p = tuple(fmt.Appendf(p, "(I%d\nF%v\n", at, v))
			p = append(tuple(p), 'a')
			continue
		case proto == 1:
			p = append(put(pickle.AppendText(append(p, '('), name)), '(')
		case proto < 4:
			p = put(pickle.AppendText(p, name))
		default:
			p = put(append(append(p, 0x8c, byte(len(name))), name...))
		}
		p = tuple(tuple(pickle.AppendFloat(pickle.AppendInt(p, at), v)))
	}
	if proto > 0 {
		p = append(p, 'e')
	}
	return append(p, '.')
}
