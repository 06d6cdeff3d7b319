// Package problem has what is told about configuration files: a Report lists Problems, each with its
// place in a file and a severity. It knows nothing of what the files mean. All packages of the
// configuration use it.
package problem

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/rs/zerolog"
)

// Severity tells how bad a problem is.
type Severity uint8

const (
	Debug   Severity = iota // worth knowing; nothing is wrong
	Info                    // worth telling: something is not read or not used
	Warning                 // the program runs, perhaps not as the author of the file meant
	Error                   // the program must not start, a reload must not be used
)

// String gives the severity as it stands in front of a problem: "debug", "note", "warning",
// "error".
func (s Severity) String() string {
	switch s {
	case Debug:
		return "debug"
	case Info:
		return "note"
	case Warning:
		return "warning"
	default:
		return "error"
	}
}

// Problem is one thing to tell about a configuration. Line is 0, and the texts are empty, where
// they do not apply.
type Problem struct {
	Severity Severity
	File     string
	Line     int
	Section  string
	Key      string
	Value    string
	Msg      string
}

// String gives file:line: [section] KEY = "value": message, leaving out what is unknown, and
// without the severity.
func (p Problem) String() string {
	var b strings.Builder
	if p.File != "" {
		b.WriteString(p.File)
		if p.Line > 0 {
			fmt.Fprintf(&b, ":%d", p.Line)
		}
		b.WriteString(": ")
	}
	if p.Section != "" {
		fmt.Fprintf(&b, "[%s]", p.Section)
		if p.Key == "" {
			b.WriteString(": ")
		} else {
			b.WriteString(" ")
		}
	}
	if p.Key != "" {
		b.WriteString(p.Key)
		switch {
		case p.Value == "":
		case secretName.MatchString(p.Key):
			b.WriteString(" = ...")
		default:
			b.WriteString(" = " + Quote(userinfo.ReplaceAllString(p.Value, "$1$2...@")))
		}
		b.WriteString(": ")
	}
	b.WriteString(p.Msg)
	return b.String()
}

// userinfo is what stands before the host in a URL, also in one that is wrong or has no scheme: no
// message tells a password.
var userinfo = regexp.MustCompile(`(^|["'\[(, ])([a-z]+://)?[^"', /:]+:[^"', ]*@`)

// secretName is in the names of options whose value no message tells. graphited has none, but
// Django's SECRET_KEY and such are copied into a carbon.conf.
var secretName = regexp.MustCompile(`(?i)password|passwd|secret|token`)

// Quote shows a value as it stands in the file, backslashes and all, unless that would be hard to
// read.
func Quote(value string) string {
	if strings.ContainsFunc(value, func(r rune) bool { return r == '"' || !unicode.IsPrint(r) }) {
		return strconv.Quote(value)
	}
	return `"` + value + `"`
}

// Report lists problems, those of one file in the order of its lines.
type Report []Problem

// SortLines puts the problems of a single file in order.
func (r Report) SortLines() Report {
	slices.SortStableFunc(r, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return r
}

// Err joins the problems of severity Error, a line each. It is nil when there is none.
func (r Report) Err() error {
	var errs []error
	for _, p := range r {
		if p.Severity == Error {
			errs = append(errs, errors.New(p.String()))
		}
	}
	return errors.Join(errs...)
}

// Log writes the problems, each at its level.
func (r Report) Log(log zerolog.Logger) {
	for _, p := range r {
		switch p.Severity {
		case Debug:
			log.Debug().Msg(p.String())
		case Info:
			log.Info().Msg(p.String())
		case Warning:
			log.Warn().Msg(p.String())
		default:
			log.Error().Msg(p.String())
		}
	}
}
