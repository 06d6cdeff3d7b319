package call

import "graphited/carbon/pyvalue"

// ParseInt parses an integer like Python's int().
func ParseInt(s string) (int64, error) {
	i, ok := pyvalue.ParseInt(s)
	if !ok {
		return 0, BadRequest("invalid literal for int() with base 10: " + pyvalue.Quote(s))
	}
	return i, nil
}

// ParseFloat parses a number like Python's float().
func ParseFloat(s string) (float64, error) {
	f, ok := pyvalue.ParseFloat(s)
	if !ok {
		return 0, BadRequest("could not convert string to float: " + pyvalue.Quote(s))
	}
	return f, nil
}
