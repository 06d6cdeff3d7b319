package fn

import (
	"time"

	"graphited/carbon/pyvalue"
	"graphited/render"
	"graphited/render/agg"
)

// shiftFuncs show another time than the one asked for.
func shiftFuncs() []render.Func {
	ago := []any{"1h", "6h", "12h", "1d", "2d", "7d", "14d", "30d"}
	return []render.Func{
		{
			Name: "timeShift", Group: "Transform",
			Params: with(need("timeShift", render.Interval).Suggesting(ago...), option("resetEnd", render.Boolean, true),
				option("alignDst", render.Boolean, false)),
			Signature: "seriesList, timeShift, resetEnd=True, alignDST=False",
			Doc: "Draws another time over the one asked for: the past, unless the shift has a plus sign. " +
				"resetEnd=false keeps data beyond the end; alignDst keeps the wall clock over a change of daylight saving time.",
			Windows: shiftWindows,
			Run:     timeShift,
		},
		{
			Name: "timeStack", Group: "Transform",
			Params: with(option("timeShiftUnit", render.Interval, "1d").Suggesting(ago...), option("timeShiftStart", render.Integer, int64(0)).Lenient(),
				option("timeShiftEnd", render.Integer, int64(7)).Lenient()),
			Doc:     "Draws several times over the one asked for: shifted by start, start+1, ... end-1 units.",
			Windows: stackWindows,
			Run:     timeStack,
		},
		{
			Name: "timeSlice", Group: "Transform",
			Params: with(need("startSliceAt", render.Date), option("endSliceAt", render.Date, "now")),
			Doc:    "Keeps the points between two times and makes the others null.",
			Run:    timeSlice,
		},
	}
}

// pastText puts a minus before an interval without a sign.
func pastText(interval string) string {
	if interval != "" && interval[0] >= '0' && interval[0] <= '9' {
		return "-" + interval
	}
	return interval
}

// shiftWindows are the caller's window, for its range, and the shifted one.
func shiftWindows(c *render.Call) ([]render.Window, error) {
	d, err := render.Seconds(pastText(c.Text("timeShift")))
	w := c.Window()
	if c.Bool("alignDst") {
		d += daylightChange(c, w, d)
	}
	return []render.Window{w, {From: w.From + d, Until: w.Until + d}}, err
}

// daylightChange is the hour by which the wall clock differs when a window that
// lies within daylight saving time is shifted out of it, or the other way round.
func daylightChange(c *render.Call, w render.Window, d int64) int64 {
	summer := func(t int64) bool { return time.Unix(t, 0).In(c.Location()).IsDST() }
	from, until := summer(w.From), summer(w.Until)
	switch shifted := summer(w.From + d); {
	case from != until || shifted != summer(w.Until+d) || shifted == from:
		return 0
	case from:
		return 3600
	}
	return -3600
}

func timeShift(c *render.Call) ([]*render.Series, error) {
	plain := c.SeriesIn(0)
	if len(plain) == 0 {
		return nil, nil
	}
	text := pastText(c.Text("timeShift"))
	return c.ForEach(c.SeriesIn(1), func(s *render.Series) *render.Series {
		t := s.Renamed("timeShift("+s.Name+`, "`+text+`")`).Tagged("timeShift", text)
		t.From, t.Until = plain[0].From, plain[0].Until
		if !c.Bool("resetEnd") {
			t.Until = s.Until - s.From + t.From
		}
		return t
	})
}

func stackWindows(c *render.Call) ([]render.Window, error) {
	d, err := render.Seconds(pastText(c.Text("timeShiftUnit")))
	if err != nil {
		return nil, err
	}
	w := c.Window()
	wins := []render.Window{w}
	from, until := c.Int("timeShiftStart"), c.Int("timeShiftEnd")
	if n := uint64(until) - uint64(from); until > from && n > uint64(c.MaxWindows()) {
		return nil, render.BadRequestf("%d shifts are more than %d (MAX_QUERY_RANGES)", n, c.MaxWindows())
	}
	const farthest = 1 << 40
	for i := from; i < until; i++ {
		if d != 0 && (i > farthest/max(d, -d) || -i > farthest/max(d, -d)) {
			return nil, render.BadRequestf("shifting by %d times %s leaves the calendar", i, c.Text("timeShiftUnit"))
		}
		wins = append(wins, render.Window{From: w.From + i*d, Until: w.Until + i*d})
	}
	return wins, nil
}

func timeStack(c *render.Call) ([]*render.Series, error) {
	plain := c.SeriesIn(0)
	if len(plain) == 0 {
		return nil, nil
	}
	unit := pastText(c.Text("timeShiftUnit"))
	var out []*render.Series
	for i := 1; i < c.Windows(); i++ {
		n := pyvalue.Str(c.Int("timeShiftStart") + int64(i-1))
		for _, s := range c.SeriesIn(i) {
			t := s.Renamed("timeShift(" + s.Name + ", " + unit + ", " + n + ")")
			t.Path = t.Name
			t.From, t.Until = plain[0].From, plain[0].Until
			out = append(out, t.Tagged("timeShiftUnit", unit).Tagged("timeShift", n))
		}
	}
	return out, c.Err()
}

// timeSlice counts time from the beginning of the request, not from the first
// point, as graphite-web does.
func timeSlice(c *render.Call) ([]*render.Series, error) {
	from, until := c.Int("startSliceAt"), c.Now()
	if t, ok := c.Raw("endSliceAt").(int64); ok {
		until = t
	}
	return c.ForEach(c.Series("seriesList"), func(s *render.Series) *render.Series {
		out := make([]float64, len(s.Values))
		t := c.Window().From
		for i, v := range s.Values {
			out[i] = agg.Null
			if t >= from && t <= until {
				out[i] = v
			}
			t += s.Step
		}
		r := s.Renamed("timeSlice(" + s.Name + ", " + pyvalue.Str(from) + ", " + pyvalue.Str(until) + ")")
		r.Values = out
		return r.Tagged("timeSliceStart", pyvalue.Str(from)).Tagged("timeSliceEnd", pyvalue.Str(until))
	})
}
