package render

import (
	"regexp"
	"slices"
	"strings"
)

// sortFuncs change the order of the series alone.
func sortFuncs() []Func {
	return []Func{
		{
			Name: "sortBy", Group: "Sorting", Params: with(option("func", AggFunc, "average"), option("reverse", Boolean, false)),
			Doc: "Sorts by the named aggregation, the smallest first; series without points are the smallest.",
			Run: func(c *Call) ([]*Series, error) {
				return sortedBy(c.Series("seriesList"), aggregators[c.Text("func")].over, c.Bool("reverse")), nil
			},
		},
		{
			Name: "sortByMaxima", Group: "Sorting", Params: with(),
			Doc: "Sorts by the highest value, the largest first.",
			Run: func(c *Call) ([]*Series, error) { return sortedBy(c.Series("seriesList"), maximum, true), nil },
		},
		{
			Name: "sortByMinima", Group: "Sorting", Params: with(),
			Doc: "Sorts by the lowest value, the smallest first; series that are never above 0 are left out.",
			Run: func(c *Call) ([]*Series, error) {
				in, err := c.keep(func(s *Series) bool { return maximum(s.Values) > 0 })
				return sortedBy(in, minimum, false), err
			},
		},
		{
			Name: "sortByName", Group: "Sorting", Params: with(option("natural", Boolean, false), option("reverse", Boolean, false)),
			Doc: "Sorts by name; with natural, numbers within the names by their value.",
			Run: sortByName,
		},
		{
			Name: "sortByTotal", Group: "Sorting", Params: with(),
			Doc: "Sorts by the sum of the points, the largest first.",
			Run: func(c *Call) ([]*Series, error) { return sortedBy(c.Series("seriesList"), sum, true), nil },
		},
	}
}

func sortByName(c *Call) ([]*Series, error) {
	key := func(s *Series) string { return s.Name }
	if c.Bool("natural") {
		digits := regexp.MustCompile(`\d+`)
		keys := map[string]string{}
		for _, s := range c.Series("seriesList") {
			keys[s.Name] = digits.ReplaceAllStringFunc(s.Name, zeroPadded)
		}
		key = func(s *Series) string { return keys[s.Name] }
	}
	out := slices.Clone(c.Series("seriesList"))
	slices.SortStableFunc(out, func(a, b *Series) int {
		if c.Bool("reverse") {
			a, b = b, a
		}
		return strings.Compare(key(a), key(b))
	})
	return out, nil
}

// zeroPadded writes a number with ten digits at least, without other leading zeros.
func zeroPadded(number string) string {
	number = strings.TrimLeft(number, "0")
	return strings.Repeat("0", max(10-len(number), 0)) + number
}
