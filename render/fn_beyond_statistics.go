package render

import (
	"graphited/carbon/pyvalue"
	"math"
	"slices"
	"strconv"
)

// beyondStatistics compare series with each other.
func beyondStatistics() []Func {
	a, b := need("seriesListFirstPos", SeriesList), need("seriesListSecondPos", SeriesList)
	window := need("windowSize", Integer)
	outliers := with(need("basis", Float), need("n", Integer), option("interval", String, "0"))
	return []Func{
		{
			Name: "pearson", Group: "Combine", Params: []Param{a, b, window},
			Doc: "How one series correlates with another, from -1 to 1, over so many points that end with each point; " +
				"points that one of them lacks do not count.",
			Run: func(c *Call) ([]*Series, error) { return c.slidePair("pearson", -1, correlation) },
		},
		{
			Name: "kolmogorovSmirnovTest2", Aliases: []string{"ksTest2"}, Group: "Combine", Params: []Param{a, b, window},
			Doc: "The p-value of the test of Kolmogorov and Smirnov whether two series have one distribution, " +
				"over so many points that end with each point.",
			Run: func(c *Call) ([]*Series, error) { return c.slidePair("kolmogorovSmirnovTest2", 0, sameDistribution) },
		},
		{
			Name: "pearsonClosest", Group: "Combine",
			Params: []Param{a, b, need("n", Integer), option("direction", String, "abs").oneOf("abs", "pos", "neg")},
			Doc: "The n series of the second list that correlate best with the one series of the first: " +
				"either way, with it (pos) or against it (neg).",
			Run: pearsonClosest,
		},
		{
			Name: "tukeyAbove", Group: "Filter Series", Params: outliers,
			Doc: "The n series with the most points at or above the third quartile of all points plus basis times the distance of the quartiles. " +
				"Of a positive interval of points or time only the last so long counts, of a negative one all but that.",
			Run: func(c *Call) ([]*Series, error) { return c.tukey(1) },
		},
		{
			Name: "tukeyBelow", Group: "Filter Series", Params: outliers,
			Doc: "The n series with the most points at or below the first quartile of all points minus basis times the distance of the quartiles. " +
				"The interval is as for tukeyAbove.",
			Run: func(c *Call) ([]*Series, error) { return c.tukey(-1) },
		},
	}
}

// slidePair applies f to the last windowSize points of two series, from the
// first full window on, or late points after it.
func (c *Call) slidePair(name string, late int, f func(a, b []float64) float64) ([]*Series, error) {
	a, b, size := c.Series("seriesListFirstPos"), c.Series("seriesListSecondPos"), c.Int("windowSize")
	if len(a) != 1 || len(b) != 1 {
		return nil, badRequest("expected exactly 1 series and 1 series, not %d and %d", len(a), len(b))
	}
	if size < 1 {
		return nil, badRequest("parameter \"windowSize\" is %d, expected 1 or more", size)
	}
	g, err := c.normalize([]*Series{a[0], b[0]})
	if err != nil {
		return nil, err
	}
	out := nulls(g.rows)
	rows := min(len(g.cols[0]), len(g.cols[1]))
	for i := int(min(size, int64(rows))) + late; i < rows; i++ {
		if i%askEvery == 0 && c.Err() != nil {
			return nil, c.Err()
		}
		if from := i + 1 - int(min(size, int64(i+1))); int64(i+1) >= size {
			out[i] = f(g.cols[0][from:i+1], g.cols[1][from:i+1])
		}
	}
	text := name + "(" + a[0].Name + "," + b[0].Name + "," + strconv.FormatInt(size, 10) + ")"
	return []*Series{c.newSeries(text, g.from, g.until, g.step, out)}, c.Err()
}

// correlation is Pearson's coefficient of the points that both know, null when
// there are fewer than two or one of them is constant.
func correlation(a, b []float64) float64 {
	var n, meanA, meanB, aa, bb, ab float64
	for i, x := range a {
		y := b[i]
		if x != x || y != y {
			continue
		}
		n++
		dx, dy := x-meanA, y-meanB
		meanA, meanB = meanA+dx/n, meanB+dy/n
		aa, bb, ab = aa+dx*(x-meanA), bb+dy*(y-meanB), ab+dx*(y-meanB)
	}
	if n < 2 || aa == 0 || bb == 0 {
		return null
	}
	return ab / math.Sqrt(aa) / math.Sqrt(bb)
}

// sameDistribution is the probability that two samples of one distribution
// differ as much as these, by the asymptotic formula, as in carbonapi: without
// the correction for small samples.
func sameDistribution(a, b []float64) float64 {
	a, b = sortedKnown(a), sortedKnown(b)
	if len(a) == 0 || len(b) == 0 {
		return null
	}
	gap, n, m := 0.0, float64(len(a)), float64(len(b))
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x := min(a[i], b[j])
		for i < len(a) && a[i] == x {
			i++
		}
		for j < len(b) && b[j] == x {
			j++
		}
		gap = max(gap, math.Abs(float64(i)/n-float64(j)/m))
	}
	lambda := math.Sqrt(n*m/(n+m)) * gap
	if lambda < 0.2 { // the series below would need many terms to reach 1
		return 1
	}
	p := 0.0
	for k := 1; k <= 100; k++ {
		p += 2 * math.Pow(-1, float64(k-1)) * math.Exp(-2*float64(k*k)*lambda*lambda)
	}
	return min(max(p, 0), 1)
}

func pearsonClosest(c *Call) ([]*Series, error) {
	ref, in, n := c.Series("seriesListFirstPos"), c.Series("seriesListSecondPos"), c.Int("n")
	if len(ref) != 1 {
		return nil, badRequest("parameter \"seriesListFirstPos\" must be exactly 1 series, not %d", len(ref))
	}
	if n < 0 {
		return nil, badRequest("parameter \"n\" is %d, expected 0 or more", n)
	}
	by := map[*Series]float64{}
	in, err := c.forEach(in, func(s *Series) *Series {
		if len(s.Values) != len(ref[0].Values) {
			return nil
		}
		r := correlation(ref[0].Values, s.Values)
		switch c.Text("direction") {
		case "abs":
			r = math.Abs(r)
		case "neg":
			r = -r
		}
		if !(r >= 0) {
			return nil
		}
		by[s] = r
		return s
	})
	slices.SortStableFunc(in, func(a, b *Series) int { return compareFloats(by[b], by[a]) })
	return head(in, n), err
}

func compareFloats(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// tukey ranks series by their outliers on one side: 1 is above, -1 below.
func (c *Call) tukey(side float64) ([]*Series, error) {
	basis, n, in := c.Float("basis"), c.Int("n"), c.Series("seriesList")
	if !(basis > 0) || n < 1 {
		return nil, badRequest("basis is %s and n is %d, expected more than 0", pyvalue.FormatG(basis), n)
	}
	parts := make([][]float64, len(in))
	var all []float64
	for i, s := range in {
		part, err := c.lastPart(s)
		if err != nil {
			return nil, err
		}
		parts[i], all = part, append(all, part...)
	}
	if err := c.Charge(2 * int64(len(all))); err != nil {
		return nil, err
	}
	if all = sortedKnown(all); len(all) == 0 {
		return nil, c.Err()
	}
	low, high := all[len(all)/4], all[len(all)*3/4]
	limit := high + basis*(high-low)
	if side < 0 {
		limit = low - basis*(high-low)
	}
	outliers := map[*Series]float64{}
	out := make([]*Series, 0, len(in))
	for i, s := range in {
		for _, v := range parts[i] {
			if v*side >= limit*side {
				outliers[s]++
			}
		}
		if outliers[s] > 0 {
			out = append(out, s)
		}
	}
	slices.SortStableFunc(out, func(a, b *Series) int { return compareFloats(outliers[b], outliers[a]) })
	return head(out, n), c.Err()
}

// lastPart is the part of the values that tukey's interval says; all of them
// where it is 0 or longer than the series.
func (c *Call) lastPart(s *Series) ([]float64, error) {
	n, err := strconv.ParseInt(c.Text("interval"), 10, 64)
	if err != nil {
		if n, err = c.Interval("interval"); err != nil {
			return nil, err
		}
		n /= max(s.Step, 1)
	}
	switch size := int64(len(s.Values)); {
	case n > 0 && n < size:
		return s.Values[size-n:], nil
	case n < 0 && -n < size:
		return s.Values[:size+n], nil
	}
	return s.Values, nil
}
