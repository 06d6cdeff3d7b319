package draw

import "math"

// gamma is approximately that of sRGB.
const gamma = 2.2

// luma returns the lightness of a colour from 0 to 1, in sRGB coding.
func (c ink) luma() float64 {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, gamma) }
	return math.Pow(0.2126*linear(c.r)+0.7152*linear(c.g)+0.0722*linear(c.b), 1/gamma)
}

// correction returns for each coverage of a pixel by a line the coverage to blend with, so that
// blending coded values gives the same result as blending light. Otherwise a light line on dark
// paper looks too thin and a dark one on light paper too thick. Cairo does not correct that, so
// only the modern templates use it.
func correction(line, paper ink) (table [256]uint8) {
	on, off := line.luma(), paper.luma()
	bright, dim := math.Pow(on, gamma), math.Pow(off, gamma)
	for i := range table {
		table[i] = uint8(i)
		if a := float64(i) / 255; math.Abs(on-off) > 0.05 {
			light := math.Pow(dim+(bright-dim)*a, 1/gamma)
			table[i] = uint8(math.Round(255 * (light - off) / (on - off)))
		}
	}
	return table
}
