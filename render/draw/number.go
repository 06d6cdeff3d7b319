package draw

import (
	"math"
	"strconv"
)

// hundredths rounds a coordinate to the precision of SVG and PDF files.
func hundredths(f float64) int64 { return int64(math.Round(max(-1e9, min(1e9, f)) * 100)) }

// appendHundredths formats n/100 as briefly as possible.
func appendHundredths(dst []byte, n int64) []byte {
	if n < 0 {
		dst = append(dst, '-')
		n = -n
	}
	whole, part := n/100, n%100
	if whole > 0 || part == 0 {
		dst = strconv.AppendInt(dst, whole, 10)
	}
	if part == 0 {
		return dst
	}
	dst = append(dst, '.', byte('0'+part/10))
	if part%10 > 0 {
		dst = append(dst, byte('0'+part%10))
	}
	return dst
}

// appendCoord formats a coordinate.
func appendCoord(dst []byte, f float64) []byte { return appendHundredths(dst, hundredths(f)) }

// appendShare formats c/255.
func appendShare(dst []byte, c uint8) []byte {
	return strconv.AppendFloat(dst, math.Round(float64(c)/255*1000)/1000, 'g', -1, 64)
}
