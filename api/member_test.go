package api

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"graphited/carbon/facts"
	"graphited/whisper"

	"github.com/VictoriaMetrics/easyproto"
	"github.com/tinylib/msgp/msgp"
)

// recordedMessage returns a message of testdata/encode/carbonapi.txt, which the
// library of carbonapi and go-carbon has written.
func recordedMessage(t testing.TB, name string) string {
	t.Helper()
	f, err := os.Open("../testdata/encode/carbonapi.txt")
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
			return string(b)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

// field is a field of a message: its number, and a number or bytes.
type field struct {
	num  uint32
	i    int64
	data string
}

// fields takes a message apart.
func fields(t *testing.T, message string) []field {
	t.Helper()
	var out []field
	var fc easyproto.FieldContext
	for src := []byte(message); len(src) > 0; {
		var err error
		if src, err = fc.NextField(src); err != nil {
			t.Fatal(err)
		}
		f := field{num: fc.FieldNum}
		if b, ok := fc.MessageData(); ok {
			f.data = string(b)
		} else if f.i, ok = fc.Int64(); !ok {
			if v, ok := fc.Fixed32(); ok {
				f.i = int64(v)
			}
		}
		out = append(out, f)
	}
	return out
}

// text is a message of few levels as one reads it.
func text(t *testing.T, message string, nested ...uint32) string {
	t.Helper()
	var b strings.Builder
	for _, f := range fields(t, message) {
		within := false
		for _, n := range nested {
			within = within || n == f.num
		}
		switch {
		case within && f.data != "":
			fmt.Fprintf(&b, "%d{%s}", f.num, text(t, f.data, nested...))
		case f.data != "":
			fmt.Fprintf(&b, "%d:%q ", f.num, f.data)
		default:
			fmt.Fprintf(&b, "%d:%d ", f.num, f.i)
		}
	}
	return b.String()
}

// fetched is a series that a request asks for.
type fetched struct {
	name        string
	from, until int64
	path        string
}

func request3(metrics ...fetched) string {
	var m easyproto.Marshaler
	mm := m.MessageMarshaler()
	for _, r := range metrics {
		x := mm.AppendMessage(1)
		x.AppendString(1, r.name)
		x.AppendInt64(2, r.from)
		x.AppendInt64(3, r.until)
		x.AppendString(5, r.path)
	}
	return string(m.Marshal(nil))
}

// serveMember runs a server that tells how metrics are kept.
func serveMember(t *testing.T) *Server {
	return serve(t, func(o *setup) {
		o.Spec = func(metric string) (whisper.Spec, bool) {
			return whisper.Spec{Method: whisper.Average, XFilesFactor: 0.5, Archives: []whisper.Archive{{Step: 10, Points: 360}, {Step: 60, Points: 1440}}}, metric == "a" || metric == "top"
		}
		o.File = func(metric string) (facts.File, bool) {
			return facts.File{Size: 17308, RealSize: 20480, Modified: 1700000000, Accessed: 1700000001}, metric == "top"
		}
		o.Space = func() (uint64, uint64) { return 1 << 40, 1<<64 - 1 }
	})
}

func TestMemberFind(t *testing.T) {
	s := serveMember(t)
	f := func(method, path, body, accept string, status int, contentType, want string, nested ...uint32) {
		t.Helper()
		a := ask(t, s, method, path, body, "Accept", accept)
		if a.status != status || status == 200 && a.header.Get("Content-Type") != contentType {
			t.Errorf("%s: got %d %v %q", path, a.status, a.header, a.body)
			return
		}
		if status != 200 {
			return
		}
		if got := text(t, a.body, nested...); got != want {
			t.Errorf("%s: got %s\nwant %s", path, got, want)
		}
	}
	for _, format := range []string{"protobuf", "protobuf3", "carbonapi_v2_pb"} {
		f("GET", "/metrics/find/?query=to*&format="+format, "", typeV2, 200, typeV2, `1:"to*" 2{1:"top" 2:1 }`, 2)
	}
	f("GET", "/metrics/find/?query=no.such&format=protobuf", "", typeV2, 404, "", "")
	f("GET", "/metrics/find/?format=protobuf", "", typeV2, 400, "", "")
	var m easyproto.Marshaler
	mm := m.MessageMarshaler()
	mm.AppendString(1, "to*")
	mm.AppendString(1, "no.such")
	mm.AppendInt64(2, 5)
	body := string(m.Marshal(nil))
	want := `1{1:"to*" 2{1:"top" 2:1 }}1{1:"no.such" }`
	shape := func(method, path, accept string) {
		t.Helper()
		a := ask(t, s, method, path, body, "Accept", accept, "Content-Type", "application/octet-stream")
		var got strings.Builder
		for _, g := range fields(t, a.body) {
			fmt.Fprintf(&got, "1{%s}", text(t, g.data, 2))
		}
		if a.status != 200 || a.header.Get("Content-Type") != typeV3 || got.String() != want {
			t.Errorf("%s %s: got %d %s", method, path, a.status, got.String())
		}
	}
	shape("GET", "/metrics/find/?format=carbonapi_v3_pb", typeV3)
	shape("GET", "/metrics/find/", typeV3)
	shape("POST", "/metrics/find/?format=carbonapi_v3_pb", "")
	f("GET", "/metrics/find/?format=carbonapi_v3_pb", "\xff\xff", typeV3, 400, "", "")
	f("GET", "/metrics/find/?format=carbonapi_v3_pb&query=top", "", typeV3, 200, typeV3, `1:"\n\x03top\x12\a\n\x03top\x10\x01" `)
}

func TestMemberRender(t *testing.T) {
	s := serveMember(t)
	now := loadFixture(t).Now
	v2 := ask(t, s, "GET", "/render/?format=protobuf&target=top&from="+strconv.FormatInt(now-300, 10)+"&until="+strconv.FormatInt(now, 10), "", "Accept", typeV2)
	if v2.status != 200 || v2.header.Get("Content-Type") != typeV2 {
		t.Fatalf("v2: %d %v", v2.status, v2.header)
	}
	v3 := ask(t, s, "GET", "/render/?format=carbonapi_v3_pb", request3(
		fetched{"top", now - 300, now, "t*"}, fetched{"none", now - 300, now, "t*"}, fetched{"to*", now - 200, now, "to*"}), "Accept", typeV3)
	if v3.status != 200 || v3.header.Get("Content-Type") != typeV3 {
		t.Fatalf("v3: %d %v %s", v3.status, v3.header, v3.body)
	}
	two, three := fields(t, v2.body), fields(t, v3.body)
	if len(two) != 1 || len(three) != 2 {
		t.Fatalf("%d and %d series", len(two), len(three))
	}
	get := func(series string, num uint32) field {
		for _, f := range fields(t, series) {
			if f.num == num {
				return f
			}
		}
		return field{}
	}
	a, b := two[0].data, three[0].data
	for _, p := range [][2]uint32{{1, 1}, {2, 4}, {3, 5}, {4, 6}} {
		x, y := get(a, p[0]), get(b, p[1])
		if x.i != y.i || x.data != y.data || x.num == 0 {
			t.Errorf("field %d of v2 is %v, %d of v3 %v", p[0], x, p[1], y)
		}
	}
	if n := (get(b, 5).i - get(b, 4).i) / get(b, 6).i; int64(len(get(b, 9).data)) != 8*n || int64(len(get(a, 5).data)) != 8*n || int64(len(get(a, 6).data)) != n || n == 0 {
		t.Errorf("%d points, values have %d and %d bytes", n, len(get(a, 5).data), len(get(b, 9).data))
	}
	if get(b, 2).data != "t*" || get(b, 3).data != "Average" || get(b, 7).i != int64(math.Float32bits(0.5)) || get(b, 11).i != now-300 || get(b, 12).i != now {
		t.Errorf("v3: %s", text(t, b))
	}
	if c := three[1].data; get(c, 2).data != "to*" || get(c, 11).i != now-200 {
		t.Errorf("second request: %s", text(t, c))
	}
	f := func(path, body string, status int) {
		t.Helper()
		if a := ask(t, s, "GET", path, body, "Accept", "*/*"); a.status != status {
			t.Errorf("%s: %d %s, want %d", path, a.status, a.body, status)
		}
	}
	f("/render/?format=protobuf&target=no.such", "", 404)
	f("/render/?format=carbonapi_v3_pb", request3(fetched{"no.such", 1, 2, ""}), 404)
	f("/render/?format=carbonapi_v3_pb", "", 404)
	f("/render/?format=carbonapi_v3_pb", request3(fetched{"top", 2, 2, ""}), 400)
	f("/render/?format=carbonapi_v3_pb", request3(fetched{"nosuch(top)", 1, 2, ""}), 400)
	f("/render/?format=carbonapi_v3_pb", "junk", 400)
	many := make([]fetched, 350)
	for i := range many {
		many[i] = fetched{"top", now - 300, now, ""}
	}
	all := ask(t, s, "GET", "/render/?format=carbonapi_v3_pb", request3(many...))
	if got := fields(t, all.body); all.status != 200 || len(got) != 350 {
		t.Errorf("%d, %d of 350 series", all.status, len(got))
	}
}

// TestMemberMsgpack: carbonapi reads isLeaf, graphite-web is_leaf.
func TestMemberMsgpack(t *testing.T) {
	s := serveMember(t)
	for _, accept := range []string{"", typeV2} {
		a := ask(t, s, "GET", "/metrics/find/?format=msgpack&query=t*", "", "Accept", accept)
		v, rest, err := msgp.ReadIntfBytes([]byte(a.body))
		if err != nil || len(rest) > 0 {
			t.Fatal(err, len(rest))
		}
		for _, n := range v.([]any) {
			m := n.(map[string]any)
			_, camel := m["isLeaf"]
			if camel != (accept != "") || camel && m["isLeaf"] != m["is_leaf"] {
				t.Errorf("%q: %v", accept, m)
			}
		}
	}
}

func TestInfo(t *testing.T) {
	s := serveMember(t)
	f := func(path, body string, status int, contentType, want string) {
		t.Helper()
		a := ask(t, s, "GET", path, body)
		if a.status != status || status == 200 && (a.body != want || a.header.Get("Content-Type") != contentType) {
			t.Errorf("%s: got %d %v %q, want %q", path, a.status, a.header, a.body, want)
		}
	}
	f("/info/?target=a&format=protobuf", "", 200, typeV2, recordedMessage(t, "v2/InfoResponse"))
	f("/info/?target=a&target=top&format=carbonapi_v2_pb", "", 200, typeV2, recordedMessage(t, "v2/InfoResponse"))
	f("/info/?format=carbonapi_v3_pb", "\x0a\x01a", 200, typeV3, recordedMessage(t, "v3/MultiMetricsInfoResponse"))
	if a := ask(t, s, "GET", "/info/?target=a&format=msgpack", "", "Accept", typeV2); a.body != recordedMessage(t, "v2/InfoResponse") {
		t.Errorf("msgpack: %d %q", a.status, a.body)
	}
	f("/info?target=a", "", 200, "application/json", `{"metrics": [{"name": "a", "consolidationFunc": "Average", "xFilesFactor": 0.5, "maxRetention": "86400", `+
		`"retentions": [{"secondsPerPoint": "10", "numberOfPoints": "360"}, {"secondsPerPoint": "60", "numberOfPoints": "1440"}]}]}`)
	f("/info/?target=a&target=none", "", 404, "", "")
	f("/info/", "", 404, "", "")
	f("/info/?target=../../etc/passwd", "", 404, "", "")
	f("/info/?target=a&format=pickle", "", 400, "", "")
	f("/info/?format=carbonapi_v3_pb", "\xff", 400, "", "")
}

func TestMetricsList(t *testing.T) {
	s := serveMember(t)
	var list struct{ Metrics []string }
	a := ask(t, s, "GET", "/metrics/list/?format=json", "")
	if err := json.Unmarshal([]byte(a.body), &list); err != nil || len(list.Metrics) != len(loadFixture(t).Series) {
		t.Fatalf("%v %s", err, a.body)
	}
	p := ask(t, s, "GET", "/metrics/list?format=protobuf", "")
	for i, f := range fields(t, p.body) {
		if f.num != 1 || strings.ToValidUTF8(list.Metrics[i], "\uFFFD") != f.data {
			t.Errorf("%d: %v, want %s", i, f, list.Metrics[i])
		}
	}
	f := expect(t, s)
	f("GET", "/metrics/list?format=csv", "", 400, "")
	f("GET", "/metrics/details", "", 200, `{"Metrics": [{"Size": 17308, "ModTime": 1700000000, "ATime": 1700000001, "RealSize": 20480, "Name": "top"}], "FreeSpace": 1099511627776, "TotalSpace": 18446744073709551615}`)
	f("GET", "/metrics/details/?query=nosuch.*", "", 200, `{"Metrics": [], "FreeSpace": 1099511627776, "TotalSpace": 18446744073709551615}`)
	d := ask(t, s, "GET", "/metrics/details/?format=carbonapi_v3_pb&query=top", "")
	want := "\x0a\x1b\x0a\x03top\x12\x14\x10\x9c\x87\x01\x18\x80\xe2\xcf\xaa\x06\x20\x81\xe2\xcf\xaa\x06\x30\x80\xa0\x01\x10\x80\x80\x80\x80\x80\x20\x18\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"
	if d.body != want || d.header.Get("Content-Type") != typeV3 {
		t.Errorf("got %q, want %q", d.body, want)
	}
	none := serve(t, nil)
	g := expect(t, none)
	g("GET", "/metrics/details", "", 404, "")
	g("GET", "/info?target=top", "", 404, "")
}

func TestCapabilities(t *testing.T) {
	s := serveMember(t)
	host, err := os.Hostname()
	if err != nil {
		t.Skip(err)
	}
	a := ask(t, s, "GET", "/_internal/capabilities/", "", "Accept", typeV3)
	got := fields(t, a.body)
	if a.status != 200 || a.header.Get("Content-Type") != typeV3 || len(got) != 6 || got[0].data != "carbonapi_v3_pb" || got[4] != (field{2, 0, host}) || got[5] != (field{5, 1, ""}) {
		t.Errorf("%d %v %v", a.status, a.header, got)
	}
	f := expect(t, s)
	f("GET", "/_internal/capabilities?format=json", "", 200, "")
	f("GET", "/_internal/capabilities?format=protobuf", "", 400, "")
}

// metadataDouble is a Metadata of one metric.
type metadataDouble map[string]string

func (m metadataDouble) GetMetadata(_ context.Context, metric, key string) (string, error) {
	if v, ok := m[metric+" "+key]; ok {
		return v, nil
	}
	return "", errors.New("there is no " + metric)
}

func (m metadataDouble) SetMetadata(ctx context.Context, metric, key, value string) (string, error) {
	old, err := m.GetMetadata(ctx, metric, key)
	if err == nil {
		m[metric+" "+key] = value
	}
	return old, err
}

func TestMetadata(t *testing.T) {
	m := metadataDouble{"a aggregationMethod": "average"}
	s := serve(t, func(o *setup) { o.Metadata = m })
	f := expect(t, s)
	f("GET", "/metrics/get-metadata?metric=a&metric=b&metric=a&key=aggregationMethod", "", 200, `{"a": "average", "b": {"error": "there is no b"}}`)
	f("POST", "/metrics/get-metadata/", "metric=a&key=aggregationMethod", 200, `{"a": "average"}`)
	f("GET", "/metrics/set-metadata?metric=a&key=aggregationMethod&value=max", "", 405, "")
	f("POST", "/metrics/set-metadata?metric=a&key=aggregationMethod&value=max", "", 200, `{"a": {"old_value": "average", "new_value": "max"}}`)
	f("POST", "/metrics/set-metadata", `operations=[{"metric":"a","key":"aggregationMethod","value":"min"}]`, 200, `{"a": {"old_value": "max", "new_value": "min"}}`)
	a := ask(t, s, "POST", "/metrics/set-metadata/", `[{"metric":"a","key":"aggregationMethod","value":"sum"},{"metric":"b","key":"k","value":"v"}]`, "Content-Type", "application/json")
	if want := `{"a": {"old_value": "min", "new_value": "sum"}, "b": {"error": "there is no b"}}`; a.body != want {
		t.Errorf("got %s", a.body)
	}
	for _, bad := range []string{"", "metric=a&key=k", "operations={}", "operations=x"} {
		f("POST", "/metrics/set-metadata", bad, 400, "")
	}
	none := expect(t, serve(t, nil))
	none("GET", "/metrics/get-metadata?metric=a&key=k", "", 200, `{"a": {"error": "metadata is not kept here"}}`)
	none("POST", "/metrics/set-metadata", "metric=a&key=k&value=v", 200, `{"a": {"error": "metadata is not kept here"}}`)
}

func TestIngest(t *testing.T) {
	var got string
	s := serve(t, func(o *setup) {
		o.Ingest = func(_ context.Context, contentType string, body []byte) (int, error) {
			got = contentType + "|" + string(body)
			switch string(body) {
			case "bad":
				return 1, errors.New("line 2 is no point <b>")
			case "later":
				return 3, fmt.Errorf("cannot take points: %w", ErrBusy)
			case "left":
				return 5, fmt.Errorf("%w: 2 for not_a_number", ErrLeftOut)
			case "slow":
				return 4, context.DeadlineExceeded
			}
			return 2, nil
		}
	})
	f := expect(t, s)
	f("POST", "/api/ingest", "a 1 2", 204, "")
	if a := ask(t, s, "POST", "/api/ingest", "a 1 2"); a.header.Get("X-Accepted") != "2" {
		t.Errorf("taken: %v", a.header)
	}
	if got != "application/x-www-form-urlencoded|a 1 2" {
		t.Errorf("got %q", got)
	}
	f("POST", "/api/ingest/", "bad", 400, `{"accepted": 1, "error": "line 2 is no point <b>"}`)
	f("POST", "/api/ingest", "later", 503, `{"accepted": 3, "error": "cannot take points: busy, send it again later"}`)
	f("POST", "/api/ingest", "left", 200, `{"accepted": 5, "error": "not all points were taken: 2 for not_a_number"}`)
	f("POST", "/api/ingest", "slow", 503, `{"accepted": 4, "error": "context deadline exceeded"}`)
	f("GET", "/api/ingest", "", 405, "")
	if a := ask(t, s, "POST", "/api/ingest", "a 1 2", "Origin", "http://evil.example"); a.status != 403 {
		t.Errorf("from another site: %d", a.status)
	}
	expect(t, serve(t, nil))("POST", "/api/ingest", "a 1 2", 501, `{"error": "points are not received here"}`)
}

func TestOwnState(t *testing.T) {
	var why atomic.Value
	why.Store("")
	s := serve(t, func(o *setup) {
		o.Prometheus = func(dst []byte) []byte { return append(dst, "up 1\n"...) }
		o.Starting = func() string { return why.Load().(string) }
	})
	f := expect(t, s)
	if a := ask(t, s, "GET", "/prometheus", ""); a.status != 200 || !strings.HasPrefix(a.body, "up 1\n") {
		t.Errorf("/prometheus: %d %s", a.status, a.body)
	}
	f("GET", "/ready", "", 200, `{"ready": true}`)
	render := "/render?target=a&format=json"
	if a := ask(t, s, "GET", render, ""); a.header.Get("X-Replaying") != "" || a.header.Get("Expires") == "" {
		t.Errorf("after the start: %v", a.header)
	}
	why.Store("reading the log")
	f("GET", "/ready", "", 503, `{"error": "not ready: reading the log"}`)
	f("GET", "/health", "", 200, `{"ok": true, "checks": []}`)
	if a := ask(t, s, "GET", render, ""); a.status != 200 || a.header.Get("X-Replaying") != "reading the log" || a.header.Get("Cache-Control") != "no-cache" || a.header.Get("Expires") != "" {
		t.Errorf("during the start: status %d, %v", a.status, a.header)
	}
	none := expect(t, serve(t, nil))
	none("GET", "/prometheus", "", 404, "")
	none("GET", "/ready/", "", 200, `{"ready": true}`)
}
