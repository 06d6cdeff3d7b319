package api

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"graphited/render"
	"graphited/render/encode"
	"graphited/whisper"
)

var null = math.NaN()

func number(v any) float64 {
	switch v := v.(type) {
	case float64:
		return v
	case string:
		f, _ := strconv.ParseFloat(v, 64)
		return f
	}
	return null
}

// recorded is a line of testdata/api/answers.jsonl.
type recorded struct {
	Request, Accept   string
	Status            int
	Type, Cache, Body string
	Hex               string          // of MessagePack
	Value             json.RawMessage // of a pickle
}

// ids are those of rows in graphite-web's database.
var ids = regexp.MustCompile(`"id": \d+`)

// TestRecorded holds the server against what graphite-web answered over the same
// tree: status, type, caching and every byte of the body.
func TestRecorded(t *testing.T) {
	f, err := os.Open("../testdata/api/answers.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	now := strconv.FormatInt(loadFixture(t).Now, 10)
	s := serve(t, func(o *setup) { o.Version = "1.1.8" })
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	n := 0
	for ; in.Scan(); n++ {
		var r recorded
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		method, rest, _ := strings.Cut(strings.ReplaceAll(r.Request, "@now", now), " ")
		url, body, _ := strings.Cut(rest, " ")
		a := ask(t, s, method, url, body, "Accept", r.Accept)
		if a.status != r.Status || r.Status != 404 && a.header.Get("Content-Type") != r.Type || a.header.Get("Cache-Control") != r.Cache {
			t.Errorf("%s: got %d %q %q, want %d %q %q: %s", r.Request, a.status, a.header.Get("Content-Type"),
				a.header.Get("Cache-Control"), r.Status, r.Type, r.Cache, a.body)
			continue
		}
		got, want := a.body, r.body(t, url)
		if strings.HasPrefix(url, "/tags") {
			got, want = ids.ReplaceAllString(got, `"id": 0`), ids.ReplaceAllString(want, `"id": 0`)
		}
		if r.Status != 404 && got != want {
			t.Errorf("%s\n got %q\nwant %q", r.Request, got, want)
		}
	}
	if err := in.Err(); err != nil || n < 150 {
		t.Fatalf("%d answers, %v", n, err)
	}
}

// body returns the bytes that are expected.
func (r *recorded) body(t *testing.T, url string) string {
	t.Helper()
	switch {
	case r.Hex != "":
		b, err := hex.DecodeString(r.Hex)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	case r.Value == nil:
		return r.Body
	case strings.HasPrefix(url, "/metrics/find"):
		return r.pickledNodes(t)
	}
	return r.pickledSeries(t)
}

func (r *recorded) pickledNodes(t *testing.T) string {
	var nodes []struct {
		Path      string
		IsLeaf    bool `json:"is_leaf"`
		Intervals [][2]float64
	}
	if err := json.Unmarshal(r.Value, &nodes); err != nil {
		t.Fatal(err)
	}
	var p encode.Pickle
	p.Begin()
	p.OpenList()
	for _, n := range nodes {
		p.OpenDict()
		p.String("path")
		p.String(n.Path)
		p.String("is_leaf")
		p.Bool(n.IsLeaf)
		for _, i := range n.Intervals {
			p.String("intervals")
			p.Intervals(i[0], i[1])
		}
		p.CloseDict()
	}
	p.CloseList()
	p.End()
	return string(p.Buf)
}

func (r *recorded) pickledSeries(t *testing.T) string {
	var list []struct {
		Name, PathExpression, ConsolidationFunc string
		Start, End, Step                        int64
		Values                                  []any
		XFilesFactor                            float64
	}
	if err := json.Unmarshal(r.Value, &list); err != nil {
		t.Fatal(err)
	}
	var series []*render.Series
	for _, s := range list {
		v := make([]float64, len(s.Values))
		for i := range v {
			v[i] = number(s.Values[i])
		}
		series = append(series, &render.Series{
			Series: whisper.Series{From: s.Start, Until: s.End, Step: s.Step, Values: v},
			Name:   s.Name, Path: s.PathExpression, Consolidate: s.ConsolidationFunc, XFilesFactor: s.XFilesFactor,
		})
	}
	return string(encode.AppendPickle(nil, series))
}
