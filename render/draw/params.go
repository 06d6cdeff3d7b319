package draw

import (
	"graphited/carbon/pyvalue"
	"math"
	"strconv"
	"strings"
)

// ParamError says which parameter of a request has an invalid value.
type ParamError struct {
	Name  string // of the parameter
	Value string // as given
	Msg   string // what it should be
}

// Error names the parameter and its value.
func (e *ParamError) Error() string {
	return "invalid " + e.Name + " " + strconv.Quote(e.Value) + ": " + e.Msg
}

// kind is the type that a value has because of its form.
type kind uint8

const (
	kindText kind = iota
	kindInt
	kindFloat
	kindBool
)

// value is a parameter as graphite-web's parseOptions reads it: digits are an int, digits with a
// point a float, "true" and "false" a bool, and everything else is text.
type value struct {
	text string
	kind kind
	num  float64 // of an int, float or bool
}

// truth reports whether Python regards the value as true.
func (v value) truth() bool {
	if v.kind == kindText {
		return v.text != ""
	}
	return v.num != 0
}

// params reads the parameters of one request. err is the first invalid value. After it all methods
// return defaults, so that it is enough to check err at the end.
type params struct {
	get func(name string) (string, bool)
	err error
}

// fail records that name has an invalid value.
func (p *params) fail(name, msg string) {
	if p.err != nil {
		return
	}
	text, _ := p.get(name)
	p.err = &ParamError{Name: name, Value: text, Msg: msg}
}

// lookup returns a parameter. Empty ones and "default" count as not given.
func (p *params) lookup(name string) (value, bool) {
	if p.get == nil {
		return value{}, false
	}
	text, ok := p.get(name)
	if !ok || text == "" || strings.EqualFold(text, "default") {
		return value{}, false
	}
	v := value{text: text}
	switch {
	case isDigits(strings.TrimPrefix(text, "-")) && !isColorName(name):
		v.kind = kindInt
	case strings.Count(text, ".") == 1 && isDigits(strings.Replace(strings.TrimPrefix(text, "-"), ".", "", 1)):
		v.kind = kindFloat
	case strings.EqualFold(text, "true"):
		return value{text, kindBool, 1}, true
	case strings.EqualFold(text, "false"):
		return value{text, kindBool, 0}, true
	}
	if v.kind != kindText {
		v.num, _ = strconv.ParseFloat(text, 64)
	}
	return v, true
}

// isColorName reports whether a parameter is never read as an int.
func isColorName(name string) bool { return strings.Contains(strings.ToLower(name), "color") }

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}

// number parses a parameter like Python's float().
func (p *params) number(name string) (float64, bool) {
	v, ok := p.lookup(name)
	if !ok {
		return 0, false
	}
	if v.kind == kindText {
		f, ok := pyvalue.ParseFloat(v.text)
		if !ok {
			p.fail(name, "must be a number")
			return 0, false
		}
		v.num = f
	}
	if math.IsNaN(v.num) || math.IsInf(v.num, 0) {
		p.fail(name, "must be a finite number")
		return 0, false
	}
	return v.num, true
}

// float returns a number, or def if it is not given.
func (p *params) float(name string, def float64) float64 {
	if f, ok := p.number(name); ok {
		return f
	}
	return def
}

// within returns a number in a range, truncated to an int like Python's int().
func (p *params) within(name string, def, low, high int) int {
	f, ok := p.number(name)
	if !ok {
		return def
	}
	if f = math.Trunc(f); f < float64(low) || f > float64(high) {
		p.fail(name, "must be from "+strconv.Itoa(low)+" to "+strconv.Itoa(high))
		return def
	}
	return int(f)
}

// truth returns a boolean parameter.
func (p *params) truth(name string, def bool) bool {
	if v, ok := p.lookup(name); ok {
		return v.truth()
	}
	return def
}

// text returns a parameter as given.
func (p *params) text(name, def string) string {
	if v, ok := p.lookup(name); ok {
		return v.text
	}
	return def
}

// decoded returns a text that was quoted twice, as titles are: glyph.py replaces '+' by a space and
// decodes %XX again.
func (p *params) decoded(name string) string { return pyvalue.UnquotePlus(p.text(name, "")) }

// choice returns one of several words in lower case. The first is the default.
func (p *params) choice(name string, words ...string) string {
	v, ok := p.lookup(name)
	if !ok {
		return words[0]
	}
	for _, w := range words {
		if strings.EqualFold(w, v.text) {
			return w
		}
	}
	p.fail(name, "must be one of "+strings.Join(words, ", "))
	return words[0]
}

// color returns a colour, or the colour named def if it is not given.
func (p *params) color(name, def string) ink {
	text := p.text(name, def)
	c, ok := parseColor(text)
	if !ok {
		if _, given := p.lookup(name); given {
			p.fail(name, badColor)
		} else if p.err == nil {
			p.err = &ParamError{Name: "template", Value: text, Msg: "has a " + name + " that is not a color"}
		}
	}
	return c
}

const badColor = "must be a color name, RRGGBB or RRGGBBAA"
