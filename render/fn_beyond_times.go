package render

import "graphited/carbon/pyvalue"

// beyondTimes look at other times or at parts of the time.
func beyondTimes() []Func {
	stack := with(option("timeShiftUnit", Interval, "1d"), option("timeShiftStart", Integer, int64(0)),
		option("timeShiftEnd", Integer, int64(7)), option("maxAbsentPercent", Float, nil), option("minAvg", Float, nil))
	slo := with(need("interval", Interval).suggest("10min", "1h", "1d"),
		need("method", String).oneOf("above", "aboveOrEqual", "below", "belowOrEqual"), need("value", Float))
	return []Func{
		{
			Name: "baseline", Group: "Calculate", Params: stack, Windows: stackWindows,
			Doc: "The median of each series at the same time in earlier periods: shifted by start, start+1, ... end-1 units. " +
				"A baseline with more nulls than maxAbsentPercent or a mean below minAvg is left out.",
			Run: func(c *Call) ([]*Series, error) { return c.baseline("baseline", false) },
		},
		{
			Name: "baselineAberration", Group: "Calculate", Params: stack, Windows: stackWindows,
			Doc: "Each series divided by its baseline: 1.1 is ten percent above. Null where the baseline is 0.",
			Run: func(c *Call) ([]*Series, error) { return c.baseline("baselineAberration", true) },
		},
		{
			Name: "slo", Group: "Transform", Params: slo, Windows: sloWindows,
			Doc: "The share of known points in each interval that fulfil an objective such as to be above a value.",
			Run: func(c *Call) ([]*Series, error) { return c.slo("slo", false) },
		},
		{
			Name: "sloErrorBudget", Group: "Transform", Params: append(slo, need("objective", Float)), Windows: sloWindows,
			Doc: "How many seconds of each interval the points may still miss the objective, a share such as 0.999, as slo counts them; " +
				"negative when that is used up.",
			Run: func(c *Call) ([]*Series, error) { return c.slo("sloErrorBudget", true) },
		},
		{
			Name: "scaleAfterTimestamp", Group: "Transform", Params: with(need("factor", Float), need("timestamp", Date)),
			Doc: "Multiplies the points from a time on by factor.",
			Run: scaleAfterTimestamp,
		},
	}
}

// baseline is the median of the shifted series of one name, in rows.
func (c *Call) baseline(name string, aberration bool) ([]*Series, error) {
	unit, err := seconds(pastText(c.Text("timeShiftUnit")))
	if err != nil {
		return nil, err
	}
	current := map[string]*Series{}
	for _, s := range c.SeriesIn(0) {
		current[s.Name] = s
	}
	groups := map[string][]*Series{}
	var order []*Series
	for i := 1; i < c.Windows(); i++ {
		shift := (c.Int("timeShiftStart") + int64(i-1)) * unit
		for _, s := range c.SeriesIn(i) {
			if shift == 0 || aberration && current[s.Name] == nil {
				continue
			}
			if groups[s.Name] == nil {
				t := s.copied(name+"("+s.Name+")", nil)
				t.From, t.Until = s.From-shift, s.Until-shift
				order = append(order, t)
				order[len(order)-1].Path = s.Name // the key until it is done
			}
			groups[s.Name] = append(groups[s.Name], s)
		}
	}
	return c.forEach(order, func(t *Series) *Series {
		key := t.Path
		in := groups[key]
		cols := make([][]float64, len(in))
		for i, s := range in {
			cols[i] = s.Values
		}
		out, row := make([]float64, len(in[0].Values)), make([]float64, len(in))
		for i := range out {
			out[i] = median(rowAt(row, cols, i))
		}
		absent := 100 * float64(len(out)-known(out)) / float64(max(len(out), 1))
		if c.Has("maxAbsentPercent") && absent > c.Float("maxAbsentPercent") || c.Has("minAvg") && average(out) < c.Float("minAvg") {
			return nil
		}
		if aberration {
			out = quotients(current[key].Values, out, 1)[:len(out)]
		}
		t.Path, t.Values, t.Int = t.Name, out, false
		return t
	})
}

// sloWindows is the caller's window, and one as long as the interval if that is longer.
func sloWindows(c *Call) ([]Window, error) {
	interval, err := c.Interval("interval")
	if err != nil || interval < 1 {
		return nil, badRequest("parameter \"interval\" is %q, expected a positive interval", c.Text("interval"))
	}
	w := c.Window()
	if interval > w.Until-w.From {
		return []Window{w, {w.Until - interval, w.Until}}, nil
	}
	return []Window{w}, nil
}

func (c *Call) slo(name string, budget bool) ([]*Series, error) {
	in, longer := c.SeriesIn(0), c.SeriesIn(c.Windows()-1)
	if len(in) != len(longer) && len(in) > 0 {
		return nil, badRequest("there are %d series in the range and %d in the interval before its end", len(in), len(longer))
	}
	interval, err := c.Interval("interval")
	if err != nil {
		return nil, err
	}
	method, value := c.Text("method"), c.Float("value")
	args := ", " + c.Text("interval") + ", " + method + ", " + pyvalue.FormatG(value)
	objective := 0.0
	if budget {
		objective = c.Float("objective")
		args += ", " + pyvalue.FormatG(objective)
	}
	at := -1
	return c.forEach(in, func(s *Series) *Series {
		at++
		src := longer[at]
		width, step, n := max(interval, s.Step), max(s.Step, 1), int64(len(src.Values))
		out := make([]float64, 0, n*step/width+1)
		for lo := int64(0); lo < n; {
			end := (int64(len(out)) + 1) * width // of the interval, from the first point on
			hi := min((end+step-1)/step, n)
			part := src.Values[lo:hi]
			lo = hi
			v := float64(fulfilling(part, method, value)) / float64(known(part)) // 0/0 is null
			switch {
			case s.Step > interval:
				v = null
			case budget:
				v = (v - objective) * float64(int64(len(part))*s.Step)
			}
			out = append(out, v)
		}
		t := s.copied(name+"("+s.Name+args+")", out)
		t.Step, t.Int = width, false
		t.Until = t.From + int64(len(out))*t.Step
		return t
	})
}

func fulfilling(values []float64, method string, limit float64) int {
	n := 0
	for _, v := range values {
		if method == "above" && v > limit || method == "aboveOrEqual" && v >= limit ||
			method == "below" && v < limit || method == "belowOrEqual" && v <= limit {
			n++
		}
	}
	return n
}

func scaleAfterTimestamp(c *Call) ([]*Series, error) {
	k, at := c.Float("factor"), c.Int("timestamp")
	args := "," + pyvalue.FormatG(k) + "," + pyvalue.Str(at)
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := make([]float64, len(s.Values))
		for i, v := range s.Values {
			if out[i] = v; s.From+int64(i)*s.Step >= at {
				out[i] = v * k
			}
		}
		t := s.edited("scale("+s.Name+args+")", out)
		t.Int = false
		return t.tagged("scale", pyvalue.Repr(k))
	})
}
