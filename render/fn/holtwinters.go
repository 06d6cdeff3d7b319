package fn

import (
	"math"
	"strings"

	"graphited/render"
	"graphited/render/agg"
)

// holtWintersFuncs forecast by triple exponential smoothing. They read
// bootstrapInterval more before the beginning, to learn the season from.
func holtWintersFuncs() []render.Func {
	delta := option("delta", render.Integer, int64(3)).Lenient()
	bootstrap := option("bootstrapInterval", render.Interval, "7d").Suggesting("7d", "30d")
	season := option("seasonality", render.Interval, "1d").Suggesting("1d", "7d")
	return []render.Func{
		{
			Name: "holtWintersForecast", Group: "Calculate", Params: with(bootstrap, season),
			Doc:     "What each series was to be expected to be, judged by its past.",
			Windows: bootstrapWindow,
			Run:     holtWintersForecast,
		},
		{
			Name: "holtWintersConfidenceBands", Group: "Calculate", Params: with(delta, bootstrap, season),
			Doc:     "The lower and the upper limit of what was to be expected: delta deviations around the forecast.",
			Windows: bootstrapWindow,
			Run:     func(c *render.Call) ([]*render.Series, error) { return confidenceBands(c, c.SeriesIn(0)) },
		},
		{
			Name: "holtWintersConfidenceArea", Group: "Calculate", Params: with(delta, bootstrap, season),
			Doc:     "The area between the two confidence bands of one series.",
			Windows: bootstrapWindow,
			Run:     holtWintersConfidenceArea,
		},
		{
			Name: "holtWintersAberration", Group: "Calculate", Params: with(delta, bootstrap, season),
			Doc: "How far each series lies outside its confidence bands, 0 within them.",
			Windows: func(c *render.Call) ([]render.Window, error) {
				wins, err := bootstrapWindow(c)
				return append([]render.Window{c.Window()}, wins...), err
			},
			Run: holtWintersAberration,
		},
	}
}

func bootstrapWindow(c *render.Call) ([]render.Window, error) {
	before, err := c.Interval("bootstrapInterval")
	return []render.Window{{From: c.Window().From - before, Until: c.Window().Until}}, err
}

// holt is the smoothing of one series.
type holt struct{ predictions, deviations []float64 }

// forecast smooths a series with alpha = gamma = 0.1 and beta = 0.0035, as
// graphite-web's holtWintersAnalysis. season is in points.
func forecast(values []float64, season int) holt {
	const alpha, beta, gamma = 0.1, 0.0035, 0.1
	h := holt{make([]float64, len(values)), make([]float64, len(values))}
	seasonals := make([]float64, len(values))
	ago := func(v []float64, i int) float64 {
		if i >= season {
			return v[i-season]
		}
		return 0
	}
	intercept, slope, next := 0.0, 0.0, agg.Null
	for i, v := range values {
		h.predictions[i] = next
		if v != v {
			intercept, slope, next = agg.Null, 0, agg.Null
			continue
		}
		if i == 0 {
			intercept, slope, h.predictions[i] = v, 0, v
		} else if intercept != intercept {
			intercept = v
		}
		lastSeasonal, nextSeasonal := ago(seasonals, i), 0.0
		if i+1 >= season {
			nextSeasonal = seasonals[i+1-season]
		}
		was := intercept
		intercept = alpha*(v-lastSeasonal) + (1-alpha)*(was+slope)
		slope = beta*(intercept-was) + (1-beta)*slope
		seasonals[i] = gamma*(v-intercept) + (1-gamma)*lastSeasonal
		next = intercept + slope + nextSeasonal
		h.deviations[i] = gamma*math.Abs(v-zeroed(h.predictions[i])) + (1-gamma)*ago(h.deviations, i)
	}
	return h
}

// analyse smooths a bootstrapped series and cuts off the beginning.
func analyse(c *render.Call, s *render.Series) (holt, error) {
	season, err := c.Interval("seasonality")
	if err != nil {
		return holt{}, err
	}
	before, err := c.Interval("bootstrapInterval")
	if err != nil || before < 0 || season < 0 {
		return holt{}, render.BadRequestf("intervals must not be negative: bootstrapInterval %q, seasonality %q",
			c.Text("bootstrapInterval"), c.Text("seasonality"))
	}
	step := max(s.Step, 1)
	h := forecast(s.Values, int(min(max(season/step, 2), math.MaxInt32)))
	cut := int(min(before/step, int64(len(s.Values))))
	return holt{h.predictions[cut:], h.deviations[cut:]}, nil
}

// begin is where the caller's range begins in a bootstrapped series.
func begin(c *render.Call, s *render.Series) int64 {
	before, _ := c.Interval("bootstrapInterval")
	return s.From + before
}

func holtWintersForecast(c *render.Call) ([]*render.Series, error) {
	var err error
	out, stop := c.ForEach(c.SeriesIn(0), func(s *render.Series) *render.Series {
		h, e := analyse(c, s)
		if e != nil {
			err = e
		}
		t := c.NewSeries("holtWintersForecast("+s.Name+")", begin(c, s), s.Until, s.Step, h.predictions)
		t.XFilesFactor = s.XFilesFactor
		t.Tags = render.WithTag(render.WithTag(s.Tags, "holtWintersForecast", "1"), "holtWintersDeviation", "1")
		return t
	})
	if err == nil {
		err = stop
	}
	return out, err
}

// confidenceBands returns the lower and upper band of each series in turn.
func confidenceBands(c *render.Call, in []*render.Series) ([]*render.Series, error) {
	delta := c.Float("delta")
	var out []*render.Series
	for _, s := range in {
		if err := c.Err(); err != nil {
			return nil, err
		}
		h, err := analyse(c, s)
		if err != nil {
			return nil, err
		}
		lower, upper := make([]float64, len(h.predictions)), make([]float64, len(h.predictions))
		for i, p := range h.predictions {
			d := delta * h.deviations[i]
			lower[i], upper[i] = p-d, p+d
		}
		tags := s.Tags
		for _, key := range []string{"holtWintersForecast", "holtWintersDeviation", "holtWintersConfidenceUpper", "holtWintersConfidenceLower"} {
			tags = render.WithTag(tags, key, "1")
		}
		for _, b := range []struct {
			name   string
			values []float64
		}{{"Lower", lower}, {"Upper", upper}} {
			t := c.NewSeries("holtWintersConfidence"+b.name+"("+s.Name+")", begin(c, s), s.Until, s.Step, b.values)
			t.Path, t.Tags, t.XFilesFactor = s.Path, tags, s.XFilesFactor
			out = append(out, t)
		}
	}
	return out, nil
}

func holtWintersConfidenceArea(c *render.Call) ([]*render.Series, error) {
	bands, err := confidenceBands(c, c.SeriesIn(0))
	if err != nil {
		return nil, err
	}
	area, err := areaBetween(bands)
	for _, s := range area {
		s.Tags = render.WithTag(render.WithoutTag(s.Tags, "areaBetween"), "holtWintersConfidenceArea", "1")
		s.Name = strings.ReplaceAll(s.Name, "areaBetween", "holtWintersConfidenceArea")
		s.Path = s.Name
	}
	return area, err
}

func holtWintersAberration(c *render.Call) ([]*render.Series, error) {
	bands, err := confidenceBands(c, c.SeriesIn(1))
	if err != nil {
		return nil, err
	}
	byName := map[string]*render.Series{}
	for _, b := range bands {
		byName[b.Name] = b
	}
	return c.ForEach(c.SeriesIn(0), func(s *render.Series) *render.Series {
		lower, upper := byName["holtWintersConfidenceLower("+s.Name+")"], byName["holtWintersConfidenceUpper("+s.Name+")"]
		out := make([]float64, len(s.Values))
		within := true
		for i, v := range s.Values {
			if lower == nil || i >= len(lower.Values) {
				break
			}
			if v > upper.Values[i] {
				out[i], within = v-upper.Values[i], false
			} else if v < lower.Values[i] {
				out[i], within = v-lower.Values[i], false
			}
		}
		t := c.NewSeries("holtWintersAberration("+s.Name+")", s.From, s.Until, s.Step, out)
		t.XFilesFactor, t.Int = s.XFilesFactor, within
		t.Tags = render.WithTag(s.Tags, "holtWintersAberration", "1")
		return t
	})
}
