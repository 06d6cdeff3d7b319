package render

import (
	"graphited/carbon/pyvalue"
	"time"
)

// summarizeFuncs put points into buckets of another step.
func summarizeFuncs() []Func {
	interval := need("intervalString", Interval).suggest("10min", "1h", "1d")
	fn := option("func", AggFunc, "sum")
	return []Func{
		{
			Name: "summarize", Group: "Transform", Params: with(interval, fn, option("alignToFrom", Boolean, false)),
			Doc: "Merges the points of each interval, which begin at multiples of it in UTC, or at the first point with alignToFrom.",
			Run: summarize,
		},
		{
			Name: "smartSummarize", Group: "Transform",
			Params: with(interval, fn, option("alignTo", String, nil).
				oneOf(nil, "years", "months", "weeks", "days", "hours", "minutes", "seconds", true, false).loose()),
			Doc: "Merges the points of each interval, counted from the beginning of the request, or from the beginning " +
				"of its year, month, week (weeks1 to weeks7 name the first day), day, hour or minute.",
			Windows: smartWindow,
			Run:     smartSummarize,
		},
		{
			Name: "hitcount", Group: "Transform", Params: with(interval, option("alignToInterval", Boolean, false)),
			Doc: "How much a rate per second adds up to in each interval; the last one ends with the series, " +
				"or with alignToInterval the first begins at a full day, hour or minute.",
			Windows: hitcountWindow,
			Run:     hitcount,
		},
	}
}

// buckets merges points into intervals from from on until one reaches until.
// end is where the last one ends. A bucket needs the series' XFilesFactor of
// the points that fit into it, rounded to nothing if the interval is smaller
// than the step: then a point falls into the bucket it begins in alone.
func buckets(s *Series, merge func([]float64) float64, interval, from, until int64) (out []float64, end int64) {
	n := len(s.Values)
	if s.Step > 0 {
		n = int(min(int64(n), (s.Until-s.From+s.Step-1)/s.Step))
	}
	points := float64(interval) / float64(s.Step)
	i, at := 0, from
	for ; at < until; at += interval {
		lo, known := i, 0
		for i < n {
			t := s.From + int64(i)*s.Step
			if t >= at+interval {
				break
			}
			if t <= at {
				lo = i
			}
			if t >= at && s.Values[i] == s.Values[i] {
				known++
			}
			i++
		}
		v := null
		if known > 0 && float64(known)/points >= s.XFilesFactor {
			v = merge(s.Values[lo:i])
		}
		out = append(out, v)
	}
	return out, at
}

// bucketSize is an interval argument in seconds, refused where buckets of that
// size are none or too many.
func (c *Call) bucketSize(in []*Series) (int64, error) {
	interval, err := c.Interval("intervalString")
	if err != nil {
		return 0, err
	}
	if interval <= 0 {
		return 0, badRequest("parameter \"intervalString\" is %q, expected a time greater than 0", c.Text("intervalString"))
	}
	total := int64(0)
	for _, s := range in {
		total += max(s.Until-s.From, 0)/interval + 2
	}
	return interval, c.Charge(total)
}

func summarize(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	interval, err := c.bucketSize(in)
	if err != nil {
		return nil, err
	}
	fn, text, suffix := c.Text("func"), c.Text("intervalString"), ""
	if c.Bool("alignToFrom") {
		suffix = ", true"
	}
	return c.forEach(in, func(s *Series) *Series {
		from, until := s.From, s.Until
		if suffix == "" {
			from -= pyvalue.FloorMod(from, interval)
			until += interval - pyvalue.FloorMod(until, interval)
		}
		out, end := buckets(s, aggregators[fn].over, interval, from, until)
		if suffix != "" {
			until = end
		}
		t := s.copied("summarize("+s.Name+`, "`+text+`", "`+fn+`"`+suffix+")", out)
		t.From, t.Until, t.Step = from, until, interval
		t.Int = s.Int && aggregators[fn].isInt || fn == "count"
		return t.tagged("summarize", text).tagged("summarizeFunction", fn)
	})
}

func smartSummarize(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	interval, err := c.bucketSize(in)
	if err != nil {
		return nil, err
	}
	fn, text := c.Text("func"), c.Text("intervalString")
	return c.forEach(in, func(s *Series) *Series {
		out, end := buckets(s, aggregators[fn].over, interval, s.From, s.Until)
		t := s.copied("smartSummarize("+s.Name+`, "`+text+`", "`+fn+`")`, out)
		t.Until, t.Step = end, interval
		t.Int = s.Int && aggregators[fn].isInt || fn == "count"
		return t.tagged("smartSummarize", text).tagged("smartSummarizeFunction", fn)
	})
}

// smartWindow begins at the start of the unit that alignTo names.
func smartWindow(c *Call) ([]Window, error) {
	w := c.Window()
	unit := c.TextOr("alignTo", "")
	if unit == "" || unit == "True" || unit == "False" { // booleans are from older days and mean nothing
		return []Window{w}, nil
	}
	from, ok := alignedTo(c.local(w.From), unit)
	if !ok {
		return nil, badRequest("parameter \"alignTo\" is %q, expected years, months, weeks, weeks1 to weeks7, days, hours, minutes or seconds", unit)
	}
	return []Window{{from.Unix(), w.Until}}, nil
}

// local is the wall clock at a time. Its zone is the offset of that moment
// alone: graphite-web's arithmetic does not notice a change in between.
func (c *Call) local(t int64) time.Time {
	name, offset := time.Unix(t, 0).In(c.ev.q.Location).Zone()
	return time.Unix(t, 0).In(time.FixedZone(name, offset))
}

// alignedTo is the beginning of the unit that t is in.
func alignedTo(t time.Time, unit string) (time.Time, bool) {
	y, mon, d := t.Date()
	h, m, s := t.Clock()
	switch {
	case unit[0] == 'y':
		mon, d, h, m, s = 1, 1, 0, 0, 0
	case len(unit) >= 3 && unit[:3] == "mon":
		d, h, m, s = 1, 0, 0, 0
	case unit[0] == 'w':
		first := 1
		if last := unit[len(unit)-1]; last >= '0' && last <= '9' {
			first = int(last - '0')
		}
		back := (int(t.Weekday())+6)%7 + 1 - first
		if back < 0 {
			back += 7
		}
		d, h, m, s = d-back, 0, 0, 0
	case unit[0] == 'd':
		h, m, s = 0, 0, 0
	case unit[0] == 'h':
		m, s = 0, 0
	case len(unit) >= 3 && unit[:3] == "min":
		s = 0
	case unit[0] != 's':
		return t, false
	}
	return time.Date(y, mon, d, h, m, s, 0, t.Location()), true
}

// hitcountWindow begins at a full day, hour or minute, whichever fits the interval.
func hitcountWindow(c *Call) ([]Window, error) {
	w := c.Window()
	interval, err := c.Interval("intervalString")
	if err != nil || !c.Bool("alignToInterval") {
		return []Window{w}, err
	}
	unit := "seconds"
	switch {
	case interval >= 86400:
		unit = "days"
	case interval >= 3600:
		unit = "hours"
	case interval >= 60:
		unit = "minutes"
	}
	from, _ := alignedTo(c.local(w.From), unit)
	return []Window{{from.Unix(), w.Until}}, nil
}

func hitcount(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	interval, err := c.bucketSize(in)
	if err != nil {
		return nil, err
	}
	suffix := ""
	if c.Bool("alignToInterval") {
		suffix = ", true"
	}
	text := c.Text("intervalString")
	return c.forEach(in, func(s *Series) *Series {
		until := s.Until
		if suffix != "" {
			until = s.From + ((s.Until-s.From)/interval+1)*interval
		}
		n := max((until-s.From+interval-1)/interval, 0)
		from := until - n*interval
		t := s.copied("hitcount("+s.Name+`, "`+text+`"`+suffix+")", hits(s, from, interval, int(n)))
		t.From, t.Until, t.Step = from, until, interval
		return t.tagged("hitcount", text)
	})
}

// hits spreads each point, a rate per second, over the buckets that its step
// touches. What lies before the first is lost, what lies after the last goes into it.
func hits(s *Series, from, interval int64, n int) []float64 {
	out := nulls(n)
	add := func(bucket int64, v float64) {
		if out[bucket] != out[bucket] {
			out[bucket] = 0
		}
		out[bucket] += v
	}
	for i, v := range s.Values {
		if v != v || n == 0 {
			continue
		}
		begin := s.From + int64(i)*s.Step - from
		b0, mod0 := pyvalue.FloorDiv(begin, interval), pyvalue.FloorMod(begin, interval)
		b1, mod1 := pyvalue.FloorDiv(begin+s.Step, interval), pyvalue.FloorMod(begin+s.Step, interval)
		if b1 >= int64(n) {
			b1, mod1 = int64(n)-1, interval
		}
		if b0 == b1 {
			if b0 >= 0 {
				add(b0, v*float64(mod1-mod0))
			}
			continue
		}
		if b0 >= 0 && b0 < int64(n) {
			add(b0, v*float64(interval-mod0))
		}
		for b := max(b0+1, 0); b < b1; b++ {
			add(b, v*float64(interval))
		}
		if mod1 > 0 && b1 >= 0 && b0 < b1 {
			add(b1, v*float64(mod1))
		}
	}
	return out
}
