package fn

import (
	"context"
	"math"
	"math/bits"

	"graphited/render/agg"
)

const (
	// longestInOrder is the longest window whose points are added one after the other.
	// A longer one has an exact sum, so that the cost stays linear.
	longestInOrder = 1000
	// shortest is the longest window for which this is as fast as everything else.
	shortest = 20
)

// slideSum makes out[i] the sum of the known points of each window. Equal windows have
// equal sums, wherever they are: what a running sum, or one of blocks, rounds depends on
// what else was added to it, and a constant would become a line with steps.
//
// Points of a window of up to longestInOrder are added from left to right, as
// graphite-web does it under Python 3.11; the exact sum of a longer one is rounded once.
func slideSum(ctx context.Context, values []float64, n int, out []float64) {
	z := make([]float64, len(values))
	for i, v := range values {
		z[i] = zeroed(v)
	}
	switch {
	case n > shortest && unrounded(z, n+1):
		slideUnrounded(z, n, out)
	case n <= longestInOrder:
		slideInOrder(ctx, z, n, out)
	default:
		slideExact(ctx, z, n, out)
	}
}

func zeroed(v float64) float64 {
	if v == v {
		return v
	}
	return 0
}

// unrounded tells whether n of the values are added without rounding in whatever order:
// all are multiples of one power of two, and less than 2^53 of these together.
func unrounded(values []float64, n int) bool {
	most, least := 0.0, 1024
	for _, v := range values {
		if v == 0 {
			continue
		}
		most = max(most, math.Abs(v))
		m, e := split(v)
		least = min(least, e+bits.TrailingZeros64(m))
	}
	return most*float64(n) < math.Ldexp(1, 53+least)
}

// split returns the integer m and the exponent e of the magnitude m*2^e of v.
func split(v float64) (m uint64, e int) {
	b := math.Float64bits(v)
	m, e = b&(1<<52-1), int(b>>52&0x7ff)
	if e == 0 {
		return m, -1074
	}
	return m | 1<<52, e - 1075
}

// slideUnrounded keeps a running sum of values that are added without rounding, as
// integers are: so it is the sum from left to right as well.
func slideUnrounded(z []float64, n int, out []float64) {
	total := 0.0
	for _, v := range z[:n] {
		total += v
	}
	for i := range out {
		total += z[i+n] - z[i]
		out[i] = total
	}
}

// slideInOrder adds up each window from left to right. Eight windows are added at
// once, since a processor can begin an addition before the one before it has ended only
// if they do not depend on each other.
func slideInOrder(ctx context.Context, z []float64, n int, out []float64) {
	i := 0
	for ; i+8 <= len(out); i += 8 {
		if i%askEvery == 0 && ctx.Err() != nil {
			return
		}
		var s0, s1, s2, s3, s4, s5, s6, s7 float64
		w := z[i+1 : i+n+8]
		for j := range n {
			v := (*[8]float64)(w[j:])
			s0, s1, s2, s3 = s0+v[0], s1+v[1], s2+v[2], s3+v[3]
			s4, s5, s6, s7 = s4+v[4], s5+v[5], s6+v[6], s7+v[7]
		}
		*(*[8]float64)(out[i:]) = [8]float64{s0, s1, s2, s3, s4, s5, s6, s7}
	}
	for ; i < len(out); i++ {
		total := 0.0
		for _, v := range z[i+1 : i+1+n] {
			total += v
		}
		out[i] = total
	}
}

// slideExact rounds the exact sum of each window.
func slideExact(ctx context.Context, z []float64, n int, out []float64) {
	s := newExactSum(z, n)
	for _, v := range z[:n] {
		s.add(v, 1)
	}
	for i := range out {
		if i%askEvery == 0 && ctx.Err() != nil {
			return
		}
		s.add(z[i], -1)
		s.add(z[i+n], 1)
		out[i] = s.rounded()
	}
}

// exactSum is a sum of doubles to which nothing is rounded, so that taking one away
// again leaves no trace of it. It is a long integer times a power of two.
type exactSum struct {
	digits   []int64 // of 32 bits each, the lowest first; they may be negative or larger until they are carried
	exponent int     // of the lowest bit
	infinite [2]int  // how many values are -Inf, and +Inf
}

// newExactSum returns a sum that has room for n of the values at a time.
func newExactSum(values []float64, n int) *exactSum {
	low, high := math.MaxInt, math.MinInt
	for _, v := range values {
		if v != 0 && !math.IsInf(v, 0) {
			_, e := split(v)
			low, high = min(low, e), max(high, e)
		}
	}
	if low > high {
		low, high = 0, 0
	}
	size := high - low + 53 + bits.Len(uint(n)) + 1
	return &exactSum{digits: make([]int64, size/32+4), exponent: low}
}

// add adds sign times v.
func (s *exactSum) add(v float64, sign int64) {
	if v == 0 {
		return
	}
	if math.IsInf(v, 0) {
		if v > 0 {
			s.infinite[1] += int(sign)
		} else {
			s.infinite[0] += int(sign)
		}
		return
	}
	if v < 0 {
		sign = -sign
	}
	m, e := split(v)
	at, shift := (e-s.exponent)/32, uint(e-s.exponent)%32
	d := (*[3]int64)(s.digits[at:])
	d[0] += sign * int64(m<<shift&math.MaxUint32)
	d[1] += sign * int64(m<<shift>>32)
	d[2] += sign * int64(m>>(64-shift))
}

// rounded returns the double next to the sum, an even one of two. What does not fit into
// any is infinite.
func (s *exactSum) rounded() float64 {
	switch {
	case s.infinite[0] > 0 && s.infinite[1] > 0:
		return agg.Null
	case s.infinite[0] > 0:
		return math.Inf(-1)
	case s.infinite[1] > 0:
		return math.Inf(1)
	}
	negative := s.carry()
	if negative {
		s.negate()
		s.carry()
	}
	v := s.magnitude()
	if negative {
		s.negate()
		return -v
	}
	return v
}

// carry brings all digits into their range, and tells whether the sum is negative: then
// the highest digit is.
func (s *exactSum) carry() (negative bool) {
	last := len(s.digits) - 1
	for i := range last {
		d := s.digits[i]
		s.digits[i] = d & math.MaxUint32
		s.digits[i+1] += d >> 32
	}
	return s.digits[last] < 0
}

func (s *exactSum) negate() {
	for i, d := range s.digits {
		s.digits[i] = -d
	}
}

// magnitude rounds a sum that is not negative and has been carried.
func (s *exactSum) magnitude() float64 {
	top := len(s.digits) - 1
	for top >= 0 && s.digits[top] == 0 {
		top--
	}
	if top < 0 {
		return 0
	}
	digit := func(i int) uint64 {
		if i < 0 {
			return 0
		}
		return uint64(s.digits[i])
	}
	// m has the first 64 bits, then 63 of them and whether any bit after these is set: of
	// the 53 that a double has, more is not needed to round.
	shift := bits.LeadingZeros32(uint32(digit(top)))
	third := digit(top-2) << shift
	m := (digit(top)<<32|digit(top-1))<<shift | third>>32
	rest := third & math.MaxUint32
	for i := top - 3; i >= 0 && rest == 0; i-- {
		rest = digit(i)
	}
	m = m>>1 | m&1
	if rest != 0 {
		m |= 1
	}
	return math.Ldexp(float64(int64(m)), s.exponent+32*(top-1)-shift+1)
}
