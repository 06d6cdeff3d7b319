// Package prom writes metrics in Prometheus' text format, version 0.0.4.
package prom

import (
	"strconv"
	"strings"
)

// ContentType is the content type of the format.
const ContentType = "text/plain; version=0.0.4; charset=utf-8"

// Family appends the head of a family of samples. kind is "counter", "gauge" or "histogram".
func Family(dst []byte, name, kind, help string) []byte {
	dst = append(append(append(append(dst, "# HELP "...), name...), ' '), help...)
	dst = append(append(append(append(dst, "\n# TYPE "...), name...), ' '), kind...)
	return append(dst, '\n')
}

// Sample appends one sample. labels are names and values in turn.
func Sample(dst []byte, name string, v float64, labels ...string) []byte {
	dst = append(dst, name...)
	for i := 0; i+1 < len(labels); i += 2 {
		sep := byte(',')
		if i == 0 {
			sep = '{'
		}
		dst = append(append(append(dst, sep), labels[i]...), `="`...)
		dst = append(append(dst, labelText.Replace(labels[i+1])...), '"')
	}
	if len(labels) > 1 {
		dst = append(dst, '}')
	}
	return append(strconv.AppendFloat(append(dst, ' '), v, 'g', -1, 64), '\n') // +Inf and NaN are Prometheus' own words
}

// labelText escapes the value of a label.
var labelText = strings.NewReplacer("\\", `\\`, "\n", `\n`, `"`, `\"`)
