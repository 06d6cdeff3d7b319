package draw

import "math"

// gamma is about that of sRGB.
const gamma = 2.2

// luma returns how light a colour is, from 0 to 1 as sRGB codes it.
func (c ink) luma() float64 {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, gamma) }
	return math.Pow(0.2126*linear(c.r)+0.7152*linear(c.g)+0.0722*linear(c.b), 1/gamma)
}

// correction returns by how much a pixel is to be covered, for each share of it
// that a line covers, so that coded values can be blended as if they were
// light: a light line on dark paper would look thinner than it is, and a dark
// one on light paper thicker. Cairo does neither, so that only lines of the
// modern templates are drawn with it.
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
