package render

import (
	"time"

	"graphited/carbon/pyvalue"
)

// regexTimeout is how long one regular expression may take for one text.
const regexTimeout = 250 * time.Millisecond

// regexp reads a parameter that is a regular expression.
func (c *Call) regexp(param string) (*pyvalue.Regexp, error) {
	pattern := c.Text(param)
	if most := c.ev.e.o.MaxRegex; len(pattern) > most {
		return nil, badRequest("parameter %q has %d bytes, more than the %d that a regular expression may have (MAX_REGEX_SIZE)", param, len(pattern), most)
	}
	re, err := pyvalue.CompileRegexp(pattern, regexTimeout)
	if err != nil {
		return nil, badRequest("parameter %q: %v", param, err)
	}
	return re, nil
}

// substitution reads two parameters, a regular expression and what takes its place. A bad
// replacement is an error only for whoever has a text.
func (c *Call) substitution(search, replace string) (func(text string) (string, error), error) {
	re, err := c.regexp(search)
	if err != nil {
		return nil, err
	}
	s, bad := re.Substitution(c.Text(replace))
	return func(text string) (string, error) {
		if bad != nil {
			return "", badRequest("parameter %q: %v", replace, bad)
		}
		out, err := s.Sub(text)
		if err != nil {
			return "", badRequest("parameter %q: %v", search, err)
		}
		return out, nil
	}, nil
}
