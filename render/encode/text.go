package encode

import (
	"context"
	"iter"
	"math"
	"strconv"
	"strings"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/render"
)

// live yields the series until ctx is done.
func live(ctx context.Context, series []*render.Series) iter.Seq2[int, *render.Series] {
	return func(yield func(int, *render.Series) bool) {
		for i, s := range series {
			if ctx.Err() != nil || !yield(i, s) {
				return
			}
		}
	}
}

// rowsAtOnce is how many rows are written between two checks of the context.
const rowsAtOnce = 256

// AppendCSV appends a row "name,YYYY-mm-dd HH:MM:SS,value" for each value, with the time in loc and
// an empty field for null. It writes the excel dialect of Python's csv: CRLF, and quotes only where
// needed. It stops when ctx is done.
func AppendCSV(ctx context.Context, dst []byte, series []*render.Series, loc *time.Location) []byte {
	for _, s := range live(ctx, series) {
		begin := len(dst)
		dst = append(appendField(dst, s.Name), ',')
		name := dst[begin:len(dst):len(dst)]
		for i, v := range s.Values {
			if i > 0 {
				dst = append(dst, name...)
			}
			t := time.Unix(s.From+int64(i)*s.Step, 0).In(loc)
			dst = append(t.AppendFormat(dst, time.DateTime), ',')
			switch {
			case v != v:
			case s.Int:
				dst = appendInt(dst, v)
			default:
				dst = pyvalue.AppendRepr(dst, v)
			}
			dst = append(dst, '\r', '\n')
		}
		if len(s.Values) == 0 {
			dst = dst[:begin]
		}
	}
	return dst
}

func appendField(dst []byte, s string) []byte {
	if !strings.ContainsAny(s, ",\"\r\n") {
		return append(dst, s...)
	}
	dst = append(dst, '"')
	dst = append(dst, strings.ReplaceAll(s, `"`, `""`)...)
	return append(dst, '"')
}

// AppendRaw appends a line "name,start,end,step|v1,v2,None" for each series, like graphite-web's
// format=raw. It quotes nothing. A line end in a name becomes a space, because it would begin
// another series. It stops when ctx is done.
func AppendRaw(ctx context.Context, dst []byte, series []*render.Series) []byte {
	for _, s := range live(ctx, series) {
		dst = append(dst, strings.Map(oneLine, s.Name)...)
		for _, n := range [...]int64{s.From, s.Until, s.Step} {
			dst = strconv.AppendInt(append(dst, ','), n, 10)
		}
		dst = append(dst, '|')
		for i, v := range s.Values {
			if i > 0 {
				dst = append(dst, ',')
			}
			switch {
			case v != v:
				dst = append(dst, "None"...)
			case s.Int:
				dst = appendInt(dst, v)
			default:
				dst = pyvalue.AppendRepr(dst, v)
			}
		}
		dst = append(dst, '\n')
	}
	return dst
}

func oneLine(r rune) rune {
	if r == '\n' || r == '\r' {
		return ' '
	}
	return r
}

// AppendDygraph appends {"labels": ["Time", ...], "data": [[ms, v, ...], ...]} like graphite-web's
// format=dygraph, with one row for each point of the longest series. Values are matched by
// position, and the first series gives the times. It stops when ctx is done.
func AppendDygraph(ctx context.Context, dst []byte, series []*render.Series) []byte {
	if len(series) == 0 {
		return append(dst, "{}"...)
	}
	dst = append(dst, `{"labels" : ["Time"`...)
	rows := 0
	for _, s := range series {
		dst = AppendString(append(dst, ", "...), s.Name)
		rows = max(rows, len(s.Values))
	}
	dst = append(dst, `], "data" : [`...)
	for i := range rows {
		if i%rowsAtOnce == 0 && ctx.Err() != nil {
			break
		}
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, '[')
		t := series[0].From + int64(i)*series[0].Step
		dst = strconv.AppendInt(dst, t, 10)
		if t != 0 {
			dst = append(dst, "000"...)
		}
		for _, s := range series {
			v := math.NaN()
			if i < len(s.Values) {
				v = s.Values[i]
			}
			dst = appendValue(append(dst, ", "...), v, s.Int)
		}
		dst = append(dst, ']')
	}
	return append(dst, "]}"...)
}

// AppendRickshaw appends [{"target": ..., "datapoints": [{"x": time, "y": v}, ...]}, ...] like
// graphite-web's format=rickshaw, indented by two spaces if pretty is set. It stops when ctx is
// done.
func AppendRickshaw(ctx context.Context, dst []byte, series []*render.Series, pretty bool) []byte {
	w := Writer{Buf: dst, Indent: pretty}
	w.Open('[')
	for _, s := range live(ctx, series) {
		w.Open('{')
		w.Key("target")
		w.String(s.Name)
		w.Key("datapoints")
		w.Open('[')
		for i, v := range s.Values {
			if s.From+int64(i)*s.Step >= s.Until {
				break // graphite-web, too, omits the last point of a constant line, only in this format
			}
			w.Open('{')
			w.Key("x")
			w.Int(s.From + int64(i)*s.Step)
			w.Key("y")
			w.number(v, s.Int)
			w.Close('}')
		}
		w.Close(']')
		w.Close('}')
	}
	w.Close(']')
	return w.Buf
}
