package render

import (
	"graphited/carbon/pyvalue"
	"time"
)

// shiftFuncs show another time than the one asked for.
func shiftFuncs() []Func {
	ago := []any{"1h", "6h", "12h", "1d", "2d", "7d", "14d", "30d"}
	return []Func{
		{
			Name: "timeShift", Group: "Transform",
			Params: with(need("timeShift", Interval).suggest(ago...), option("resetEnd", Boolean, true),
				option("alignDst", Boolean, false)),
			Signature: "seriesList, timeShift, resetEnd=True, alignDST=False",
			Doc: "Draws another time over the one asked for: the past, unless the shift has a plus sign. " +
				"resetEnd=false keeps data beyond the end; alignDst keeps the wall clock over a change of daylight saving time.",
			Windows: shiftWindows,
			Run:     timeShift,
		},
		{
			Name: "timeStack", Group: "Transform",
			Params: with(option("timeShiftUnit", Interval, "1d").suggest(ago...), option("timeShiftStart", Integer, int64(0)).loose(),
				option("timeShiftEnd", Integer, int64(7)).loose()),
			Doc:     "Draws several times over the one asked for: shifted by start, start+1, ... end-1 units.",
			Windows: stackWindows,
			Run:     timeStack,
		},
		{
			Name: "timeSlice", Group: "Transform",
			Params: with(need("startSliceAt", Date), option("endSliceAt", Date, "now")),
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
func shiftWindows(c *Call) ([]Window, error) {
	d, err := seconds(pastText(c.Text("timeShift")))
	w := c.Window()
	if c.Bool("alignDst") {
		d += c.daylightChange(w, d)
	}
	return []Window{w, {w.From + d, w.Until + d}}, err
}

// daylightChange is the hour by which the wall clock differs when a window that
// lies within daylight saving time is shifted out of it, or the other way round.
func (c *Call) daylightChange(w Window, d int64) int64 {
	summer := func(t int64) bool { return time.Unix(t, 0).In(c.ev.q.Location).IsDST() }
	from, until := summer(w.From), summer(w.Until)
	switch shifted := summer(w.From + d); {
	case from != until || shifted != summer(w.Until+d) || shifted == from:
		return 0
	case from:
		return 3600
	}
	return -3600
}

func timeShift(c *Call) ([]*Series, error) {
	plain := c.SeriesIn(0)
	if len(plain) == 0 {
		return nil, nil
	}
	text := pastText(c.Text("timeShift"))
	return c.forEach(c.SeriesIn(1), func(s *Series) *Series {
		t := s.renamed("timeShift("+s.Name+`, "`+text+`")`).tagged("timeShift", text)
		t.From, t.Until = plain[0].From, plain[0].Until
		if !c.Bool("resetEnd") {
			t.Until = s.Until - s.From + t.From
		}
		return t
	})
}

func stackWindows(c *Call) ([]Window, error) {
	d, err := seconds(pastText(c.Text("timeShiftUnit")))
	if err != nil {
		return nil, err
	}
	w := c.Window()
	wins := []Window{w}
	from, until := c.Int("timeShiftStart"), c.Int("timeShiftEnd")
	if n := uint64(until) - uint64(from); until > from && n > uint64(c.ev.e.o.MaxWindows) {
		return nil, badRequest("%d shifts are more than %d (MAX_QUERY_RANGES)", n, c.ev.e.o.MaxWindows)
	}
	const farthest = 1 << 40
	for i := from; i < until; i++ {
		if d != 0 && (i > farthest/max(d, -d) || -i > farthest/max(d, -d)) {
			return nil, badRequest("shifting by %d times %s leaves the calendar", i, c.Text("timeShiftUnit"))
		}
		wins = append(wins, Window{w.From + i*d, w.Until + i*d})
	}
	return wins, nil
}

func timeStack(c *Call) ([]*Series, error) {
	plain := c.SeriesIn(0)
	if len(plain) == 0 {
		return nil, nil
	}
	unit := pastText(c.Text("timeShiftUnit"))
	var out []*Series
	for i := 1; i < c.Windows(); i++ {
		n := pyvalue.Str(c.Int("timeShiftStart") + int64(i-1))
		for _, s := range c.SeriesIn(i) {
			t := s.renamed("timeShift(" + s.Name + ", " + unit + ", " + n + ")")
			t.Path = t.Name
			t.From, t.Until = plain[0].From, plain[0].Until
			out = append(out, t.tagged("timeShiftUnit", unit).tagged("timeShift", n))
		}
	}
	return out, c.Err()
}

// timeSlice counts time from the beginning of the request, not from the first
// point, as graphite-web does.
func timeSlice(c *Call) ([]*Series, error) {
	from, until := c.Int("startSliceAt"), c.ev.q.Now
	if t, ok := c.Raw("endSliceAt").(int64); ok {
		until = t
	}
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		t := c.Window().From
		for i, v := range s.Values {
			out[i] = null
			if t >= from && t <= until {
				out[i] = v
			}
			t += s.Step
		}
		r := s.renamed("timeSlice(" + s.Name + ", " + pyvalue.Str(from) + ", " + pyvalue.Str(until) + ")")
		r.Values = out
		return r.tagged("timeSliceStart", pyvalue.Str(from)).tagged("timeSliceEnd", pyvalue.Str(until))
	})
}
