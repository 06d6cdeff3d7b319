package draw

import (
	"math"
	"strings"
)

// colorNames are the colour names of glyph.py, which differ from those of HTML.
var colorNames = map[string]ink{
	"black": {0, 0, 0, 255}, "white": {255, 255, 255, 255},
	"blue": {100, 100, 255, 255}, "green": {0, 200, 0, 255}, "red": {200, 0, 50, 255},
	"yellow": {255, 255, 0, 255}, "orange": {255, 165, 0, 255}, "purple": {200, 100, 255, 255},
	"brown": {150, 100, 50, 255}, "cyan": {0, 255, 255, 255}, "aqua": {0, 150, 150, 255},
	"gray": {175, 175, 175, 255}, "grey": {175, 175, 175, 255},
	"magenta": {255, 0, 255, 255}, "pink": {255, 100, 100, 255}, "gold": {200, 200, 0, 255},
	"rose":     {200, 150, 200, 255},
	"darkblue": {0, 0, 255, 255}, "darkgreen": {0, 255, 0, 255}, "darkred": {255, 0, 0, 255},
	"darkgray": {111, 111, 111, 255}, "darkgrey": {111, 111, 111, 255},
}

// parseColor parses a name, RRGGBB or RRGGBBAA, with or without a prefix # or %23. Like glyph.py,
// it uses digits after the sixth as alpha only if there are eight, and ignores them otherwise.
// Names are case-insensitive.
func parseColor(s string) (ink, bool) {
	s = strings.TrimSpace(s)
	if c, ok := colorNames[s]; ok {
		return c, true
	}
	if c, ok := colorNames[strings.ToLower(s)]; ok {
		return c, true
	}
	s = strings.TrimPrefix(strings.TrimPrefix(s, "#"), "%23")
	if len(s) < 6 {
		return ink{}, false
	}
	r, ok1 := hexByte(s[0:])
	g, ok2 := hexByte(s[2:])
	b, ok3 := hexByte(s[4:])
	a, ok4 := uint8(255), true
	if len(s) == 8 {
		a, ok4 = hexByte(s[6:])
	}
	return ink{r, g, b, a}, ok1 && ok2 && ok3 && ok4
}

// hexByte parses the first two digits of s, which must have two.
func hexByte(s string) (uint8, bool) {
	h, ok1 := hexDigit(s[0])
	l, ok2 := hexDigit(s[1])
	return h<<4 | l, ok1 && ok2
}

func hexDigit(c byte) (uint8, bool) {
	switch {
	case '0' <= c && c <= '9':
		return c - '0', true
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

// luma returns the lightness of a colour from 0 to 1, in sRGB coding.
func (c ink) luma() float64 {
	linear := func(v uint8) float64 { return math.Pow(float64(v)/255, gamma) }
	return math.Pow(0.2126*linear(c.r)+0.7152*linear(c.g)+0.0722*linear(c.b), 1/gamma)
}

// gamma is approximately that of sRGB.
const gamma = 2.2

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
