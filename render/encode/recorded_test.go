package encode

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"graphited/render"
	"graphited/whisper"
)

// recorded is a line of testdata/encode/cases.jsonl.
type recorded struct {
	Series []struct {
		Name, Consolidate, PathExpression string
		Start, End, Step                  int64
		Values                            []any
		Tags                              [][2]string
		XFilesFactor                      float64
		Int                               bool
	}
	Options struct {
		MaxDataPoints        int
		NoNullPoints, Pretty bool
	}
	TZ                      string
	JSON, Dygraph, Rickshaw *string
	CSV, Raw, Msgpack       string
}

func (r *recorded) series(t *testing.T) []*render.Series {
	var out []*render.Series
	for _, s := range r.Series {
		v := make([]float64, len(s.Values))
		for i, x := range s.Values {
			switch x := x.(type) {
			case nil:
				v[i] = math.NaN()
			case float64:
				v[i] = x
			case string:
				v[i] = math.Inf(1)
				if x == "-inf" {
					v[i] = math.Inf(-1)
				}
			default:
				t.Fatalf("value %v", x)
			}
		}
		tags := make([]render.Tag, len(s.Tags))
		for i, kv := range s.Tags {
			tags[i] = render.Tag{Key: kv[0], Value: kv[1]}
		}
		out = append(out, &render.Series{
			Series: whisper.Series{From: s.Start, Until: s.End, Step: s.Step, Values: v},
			Name:   s.Name, Path: s.PathExpression, Tags: tags, Consolidate: s.Consolidate,
			XFilesFactor: s.XFilesFactor, Int: s.Int,
		})
	}
	return out
}

// TestRecorded compares every text format with what graphite-web wrote for the same series.
func TestRecorded(t *testing.T) {
	f, err := os.Open("../../testdata/encode/cases.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	in.Buffer(nil, 1<<20)
	n := 0
	for ; in.Scan(); n++ {
		var r recorded
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		checkRecorded(t, n, &r)
	}
	if err := in.Err(); err != nil || n < 100 {
		t.Fatalf("%d cases, %v", n, err)
	}
}

func checkRecorded(t *testing.T, n int, r *recorded) {
	series := r.series(t)
	check := func(format string, got []byte, want string) {
		t.Helper()
		if string(got) != want {
			t.Errorf("case %d: %s\n got %s\nwant %s", n, format, got, want)
		}
	}
	o := JSONOptions{MaxDataPoints: r.Options.MaxDataPoints, NoNullPoints: r.Options.NoNullPoints, Pretty: r.Options.Pretty}
	got := appendJSON(t, o)(nil, series)
	if !json.Valid(got) {
		t.Errorf("case %d: not JSON: %s", n, got)
	}
	if r.JSON != nil {
		// The recording has a bare infinity at the end of a line of an indented list.
		check("json", got, strings.ReplaceAll(*r.JSON, "Infinity", "1e9999"))
	}
	if r.Dygraph != nil {
		check("dygraph", AppendDygraph(t.Context(), nil, series), strings.ReplaceAll(*r.Dygraph, "Infinity", "1e9999"))
	}
	if r.Rickshaw != nil {
		check("rickshaw", AppendRickshaw(t.Context(), nil, series, o.Pretty), strings.ReplaceAll(*r.Rickshaw, "Infinity", "1e9999"))
	}
	zone, err := time.LoadLocation(r.TZ)
	if err != nil {
		t.Fatal(err)
	}
	check("csv", AppendCSV(t.Context(), nil, series, zone), r.CSV)
	check("raw", AppendRaw(t.Context(), nil, series), r.Raw)
	check("msgpack", hex.AppendEncode(nil, AppendMsgpack(nil, series)), r.Msgpack)
	checkPickle(t, series)
}
