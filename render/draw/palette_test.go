package draw

import (
	"math"
	"testing"
)

// TestModernPalette checks that any two colours of the modern templates are well apart, and all of
// them well apart from the background, for people with every kind of colour vision. The matrices
// are those of Machado, Oliveira and Fernandes (2009) for full protanopia, deuteranopia and
// tritanopia. Distances are those of CIELAB, where 2.3 is just noticeable.
func TestModernPalette(t *testing.T) {
	sights := map[string][3][3]float64{
		"all colors": {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
		"no red":     {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
		"no green":   {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
		"no blue":    {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
	}
	d := newDrawer(t, Options{})
	for _, name := range []string{"modern", "modern-dark"} {
		x := d.builtIn.byName[name]
		for sight, m := range sights {
			all := append([]string{x.background}, x.colors...)
			for i, a := range all {
				for _, b := range all[:i] {
					p, q := labOf(parseOf(t, a), m), labOf(parseOf(t, b), m)
					if far := math.Sqrt(sq(p[0]-q[0]) + sq(p[1]-q[1]) + sq(p[2]-q[2])); far < 24 {
						t.Errorf("%s, %s: %s and %s are only %.1f apart", name, sight, a, b, far)
					}
				}
			}
		}
	}
}

func sq(f float64) float64 { return f * f }

// labOf returns the CIELAB coordinates of a colour as people with the given sight see it.
func labOf(c ink, sight [3][3]float64) [3]float64 {
	linear := func(v uint8) float64 {
		if f := float64(v) / 255; f > 0.04045 {
			return math.Pow((f+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	in := [3]float64{linear(c.r), linear(c.g), linear(c.b)}
	var s [3]float64
	for i, row := range sight {
		for k, v := range row {
			s[i] += v * in[k]
		}
	}
	f := func(v float64) float64 {
		if v > 0.008856 {
			return math.Cbrt(v)
		}
		return 7.787*max(0, v) + 16.0/116
	}
	x := f((0.4124*s[0] + 0.3576*s[1] + 0.1805*s[2]) / 0.9505)
	y := f(0.2126*s[0] + 0.7152*s[1] + 0.0722*s[2])
	z := f((0.0193*s[0] + 0.1192*s[1] + 0.9505*s[2]) / 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}
