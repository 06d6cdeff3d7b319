package carbon

import (
	"strconv"
	"strings"
) // labelText writes the value of a label.
var labelText = strings.NewReplacer("\\", `\\`, "\n", `\n`, `"`, `\"`)

func appendFamily(dst []byte, name, kind, help string) []byte {
	dst = append(append(append(append(dst, "# HELP "...), name...), ' '), help...)
	dst = append(append(append(append(dst, "\n# TYPE "...), name...), ' '), kind...)
	return append(dst, '\n')
}

func appendNumber(dst []byte, name, labels string, v float64) []byte {
	dst = append(append(append(dst, name...), labels...), ' ')
	return append(strconv.AppendFloat(dst, v, 'g', -1, 64), '\n') // +Inf and NaN are Prometheus' own words
}
