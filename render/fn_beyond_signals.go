package render

import (
	"context"
	"graphited/carbon/pyvalue"
	"math"
	"math/bits"
	"math/cmplx"
	"strconv"
)

// beyondSignals treat a series as a signal.
func beyondSignals() []Func {
	return []Func{
		{
			Name: "fft", Group: "Transform", Params: with(option("mode", String, "both").oneOf("abs", "phase", "both", "all")),
			Doc: "The discrete Fourier transform of each series, null taken for 0: its magnitudes, its phases, or one after the other.",
			Run: fft,
		},
		{
			Name: "ifft", Group: "Transform", Params: with(option("phaseSeriesList", SeriesList, nil)),
			Doc: "The magnitude of the inverse Fourier transform of magnitudes and phases as fft gives them; null is 0.",
			Run: ifft,
		},
		{
			Name: "lowPass", Aliases: []string{"lpf"}, Group: "Transform", Params: with(need("cutPercent", Float)),
			Doc: "Keeps so many percent of the points, half of them at each end, which are the low frequencies of a transform by fft, " +
				"and makes the others null.",
			Run: lowPass,
		},
		{
			Name: "exponentialWeightedMovingAverage", Aliases: []string{"ewma"}, Group: "Calculate",
			Params: with(need("alpha", Float).suggest(0.1, 0.5, 0.7)),
			Doc:    "A mean that each point moves towards itself by the share alpha, from 0 to 1, of the distance.",
			Run:    ewma,
		},
		{
			Name: "integralWithReset", Group: "Transform", Params: with(need("resettingSeries", SeriesList)),
			Doc: "The running sum of each series, which begins again at 0 wherever the one resetting series is neither 0 nor null.",
			Run: integralWithReset,
		},
		{
			Name: "polyfit", Group: "Calculate", Params: with(option("degree", Integer, int64(1)), option("offset", Interval, "0d")),
			Doc: "The polynomial of the given degree that fits each series best, continued into the future by offset.",
			Run: polyfit,
		},
	}
}

// transform is the discrete Fourier transform of x, of any length, without a
// factor; sign is -1, or 1 for the inverse. It takes n log n steps: lengths that
// are no power of two go by a convolution, as Bluestein found. When ctx is done the
// result is of no use.
func transform(ctx context.Context, x []complex128, sign float64) []complex128 {
	n := len(x)
	if n&(n-1) == 0 {
		out := append([]complex128(nil), x...)
		radix2(ctx, out, sign)
		return out
	}
	size := 1 << bits.Len(uint(2*n-1))
	a, b, chirp := make([]complex128, size), make([]complex128, size), make([]complex128, n)
	for i := range chirp {
		square := uint64(i) * uint64(i) % uint64(2*n) // keeps the angle small and so exact
		chirp[i] = cmplx.Rect(1, sign*math.Pi*float64(square)/float64(n))
		a[i] = x[i] * chirp[i]
		b[i] = cmplx.Conj(chirp[i])
		b[(size-i)%size] = b[i]
	}
	radix2(ctx, a, -1)
	radix2(ctx, b, -1)
	for i := range a {
		a[i] *= b[i]
	}
	radix2(ctx, a, 1)
	for i := range chirp {
		chirp[i] *= a[i] / complex(float64(size), 0)
	}
	return chirp
}

// radix2 transforms x, whose length is a power of two, in place.
func radix2(ctx context.Context, x []complex128, sign float64) {
	n := len(x)
	if n < 2 {
		return
	}
	shift := 64 - bits.Len(uint(n-1))
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); i < j {
			x[i], x[j] = x[j], x[i]
		}
	}
	roots := make([]complex128, n/2)
	for i := range roots {
		roots[i] = cmplx.Rect(1, sign*2*math.Pi*float64(i)/float64(n))
	}
	for half := 1; half < n && ctx.Err() == nil; half *= 2 {
		for lo := 0; lo < n; lo += 2 * half {
			for k := range half {
				u, v := x[lo+k], x[lo+k+half]*roots[k*(n/(2*half))]
				x[lo+k], x[lo+k+half] = u+v, u-v
			}
		}
	}
}

// chargeTransform counts the memory of a transform: up to ten numbers a point.
func (c *Call) chargeTransform(in []*Series) error {
	most := 0
	for _, s := range in {
		most = max(most, len(s.Values))
	}
	return c.Charge(20 * int64(most))
}

func fft(c *Call) ([]*Series, error) {
	mode := c.Text("mode")
	if err := c.chargeTransform(c.Series("seriesList")); err != nil {
		return nil, err
	}
	var out []*Series
	for _, s := range c.Series("seriesList") {
		if err := c.Err(); err != nil {
			return nil, err
		}
		x := make([]complex128, len(s.Values))
		for i, v := range s.Values {
			x[i] = complex(zeroed(v), 0)
		}
		x = transform(c.ev.ctx, x, -1)
		for _, part := range []struct {
			name string
			of   func(complex128) float64
		}{{"abs", cmplx.Abs}, {"phase", cmplx.Phase}} {
			if mode == part.name || mode != "abs" && mode != "phase" {
				values := make([]float64, len(x))
				for i, v := range x {
					values[i] = part.of(v)
				}
				t := s.copied("fft("+s.Name+","+part.name+")", values)
				t.Int = false
				out = append(out, t)
			}
		}
	}
	return out, c.Err()
}

func ifft(c *Call) ([]*Series, error) {
	in, phases := c.Series("seriesList"), c.Series("phaseSeriesList")
	if err := c.chargeTransform(in); err != nil {
		return nil, err
	}
	at := -1
	return c.forEach(in, func(s *Series) *Series {
		at++
		name, phase := s.Name, []float64(nil)
		if at < len(phases) {
			name, phase = name+","+phases[at].Name, phases[at].Values
		}
		x := make([]complex128, len(s.Values))
		for i, v := range s.Values {
			angle := 0.0
			if i < len(phase) {
				angle = zeroed(phase[i])
			}
			x[i] = cmplx.Rect(zeroed(v), angle)
		}
		values := make([]float64, len(x))
		for i, v := range transform(c.ev.ctx, x, 1) {
			values[i] = cmplx.Abs(v) / float64(len(x))
		}
		t := s.copied("ifft("+name+")", values)
		t.Int = false
		return t
	})
}

func lowPass(c *Call) ([]*Series, error) {
	cut := c.Float("cutPercent")
	if !(cut >= 0 && cut <= 100) {
		return nil, badRequest("parameter \"cutPercent\" is %s, expected a percentage from 0 to 100", pyvalue.FormatG(cut))
	}
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := nulls(len(s.Values))
		keep := int(cut / 200 * float64(len(out)))
		copy(out[:keep], s.Values)
		copy(out[len(out)-keep:], s.Values[len(out)-keep:])
		return s.copied("lowPass("+s.Name+","+pyvalue.FormatG(cut)+")", out)
	})
}

func ewma(c *Call) ([]*Series, error) {
	alpha := c.Float("alpha")
	if !(alpha >= 0 && alpha <= 1) {
		return nil, badRequest("parameter \"alpha\" is %s, expected a number from 0 to 1", pyvalue.FormatG(alpha))
	}
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		mean := null
		out := mapped(s.Values, func(v float64) float64 {
			switch {
			case v != v:
				return null
			case mean != mean:
				mean = v
			default:
				mean = alpha*v + (1-alpha)*mean
			}
			return mean
		})
		t := s.copied("ewma("+s.Name+","+pyvalue.FormatG(alpha)+")", out)
		t.Int = false
		return t
	})
}

func integralWithReset(c *Call) ([]*Series, error) {
	in, by := c.Series("seriesList"), c.Series("resettingSeries")
	if len(in) == 0 {
		return nil, nil
	}
	if len(by) != 1 {
		return nil, badRequest("parameter \"resettingSeries\" must be exactly 1 series, not %d", len(by))
	}
	same := make([]*Series, 0, len(in))
	if err := c.some(len(in), func(i int) error {
		if !alike(in[i], by[0]) {
			return badRequest("series %q and %q do not have the same points in time", in[i].Name, by[0].Name)
		}
		same = append(same, in[i])
		return nil
	}); err != nil {
		return nil, err
	}
	return c.forEach(same, func(s *Series) *Series {
		out, total := nulls(len(s.Values)), 0.0
		for i, v := range s.Values {
			if v != v {
				continue
			}
			if zeroed(by[0].Values[i]) != 0 {
				total = 0
			} else {
				total += v
			}
			out[i] = total
		}
		return s.copied("integralWithReset("+s.Name+","+by[0].Name+")", out)
	})
}

const maxDegree = 50

func polyfit(c *Call) ([]*Series, error) {
	degree := c.Int("degree")
	if degree < 1 || degree > maxDegree {
		return nil, badRequest("parameter \"degree\" is %d, expected 1 to %d", degree, maxDegree)
	}
	ahead, err := c.Interval("offset")
	if err != nil || ahead < 0 {
		return nil, badRequest("parameter \"offset\" is %q, expected an interval into the future", c.Text("offset"))
	}
	extra := int64(0)
	for _, s := range c.Series("seriesList") {
		extra += min(ahead/max(s.Step, 1), 1<<40)
	}
	if err := c.Charge(extra); err != nil {
		return nil, err
	}
	args := ""
	if len(c.bound) > 1 && (len(c.bound[1]) > 0 || len(c.bound[2]) > 0) {
		args = "," + strconv.FormatInt(degree, 10)
		if len(c.bound[2]) > 0 {
			args += ",'" + c.Text("offset") + "'"
		}
	}
	return c.forEach(c.Series("seriesList"), func(s *Series) *Series {
		out := fitPolynomial(c.ev.ctx, s.Values, int(degree), len(s.Values)+int(ahead/max(s.Step, 1)))
		t := s.copied("polyfit("+s.Name+args+")", out)
		t.Until += ahead
		t.Int = false
		return t
	})
}

// fitPolynomial is the polynomial of least squares through the known values, at
// n points from the first on; all null unless two are known. It is a sum of
// polynomials that are orthogonal over the known points, which needs no matrix
// and stays exact where powers would not.
func fitPolynomial(ctx context.Context, values []float64, degree, n int) []float64 {
	k := known(values)
	if k < 2 {
		return nulls(n)
	}
	out, p, before := make([]float64, n), make([]float64, n), make([]float64, n)
	for i := range p {
		p[i] = 1
	}
	x := func(i int) float64 { return 2*float64(i)/float64(len(values)) - 1 }
	prevNorm := 1.0
	for d := 0; d <= min(degree, k-1) && ctx.Err() == nil; d++ {
		var norm, moment, dot float64
		for i, v := range values {
			if v == v {
				norm += p[i] * p[i]
				moment += x(i) * p[i] * p[i]
				dot += v * p[i]
			}
		}
		if norm == 0 {
			break
		}
		shift, lag := moment/norm, norm/prevNorm
		for i := range out {
			out[i] += dot / norm * p[i]
			p[i], before[i] = (x(i)-shift)*p[i]-lag*before[i], p[i]
		}
		prevNorm = norm
	}
	return out
}
