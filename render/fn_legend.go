package render

import (
	"graphited/carbon/pyvalue"
	"math"
)

// legendFuncs write values into the names.
func legendFuncs() []Func {
	return []Func{
		{
			Name: "legendValue", Group: "Alias", Params: with(Param{Name: "valuesTypes", Type: String, Multiple: true,
				Options: legendOptions(), Loose: true}),
			Signature: "seriesList, *valueTypes",
			Doc:       "Adds values such as the mean to the name; a last argument si or binary writes them with units.",
			Run:       legendValue,
		},
		{
			Name: "cactiStyle", Group: "Special",
			Params: with(option("system", String, nil).oneOf("si", "binary"), option("units", String, nil)),
			Doc:    "Adds the last, highest and lowest value to the name, in columns.",
			Run:    cactiStyle,
		},
	}
}

func legendOptions() []any {
	var out []any
	for _, name := range aggNames() {
		out = append(out, name, name+"Series")
	}
	return append(out, "si", "binary")
}

func legendValue(c *Call) ([]*Series, error) {
	types := c.Many("valuesTypes")
	if len(types) == 0 {
		return nil, badRequest("parameter \"valuesTypes\" is missing, expected aggregations")
	}
	system, _ := types[len(types)-1].(string)
	if unitSystems[system] != nil {
		types = types[:len(types)-1]
	} else {
		system = ""
	}
	return c.rename(func(s *Series) (string, error) {
		name := s.Name
		for _, t := range types {
			agg, ok := aggregators[t.(string)]
			text := "(?)"
			if ok {
				v := agg.over(s.Values)
				text = formatValue(v, s.Int && agg.isInt || t == "count")
				if system != "" && v == v {
					text = withUnits(v, system, "")
				}
			}
			if system == "" {
				name += " (" + t.(string) + ": " + text + ")"
			} else {
				name = pad(name, -20) + pad(t.(string), -5) + pad(text, -10)
			}
		}
		return name, nil
	})
}

func cactiStyle(c *Call) ([]*Series, error) {
	in := c.Series("seriesList")
	system, units := c.TextOr("system", ""), c.TextOr("units", "")
	show := func(v float64) string {
		if system != "" {
			return withUnits(v, system, units)
		}
		if units != "" {
			return pyvalue.FormatF(v, 2) + " " + units
		}
		return pyvalue.FormatF(v, 2)
	}
	nameLen := 0
	stats := [3]struct {
		over  func([]float64) float64
		width int
	}{{over: last}, {over: maximum}, {over: minimum}}
	for _, s := range in {
		nameLen = max(nameLen, len([]rune(s.Name)))
		for i := range stats {
			v := stats[i].over(s.Values)
			if v != v || v == 0 {
				v = 3 // as graphite-web: the width of nothing
			}
			stats[i].width = max(stats[i].width, len([]rune(show(math.Trunc(v)))))
		}
	}
	return c.rename(func(s *Series) (string, error) {
		var text [3]string
		for i, st := range stats {
			text[i] = "nan"
			if v := st.over(s.Values); v == v {
				text[i] = show(v)
			}
			text[i] = pad(text[i], -(st.width + 3))
		}
		return pad(s.Name, -nameLen) + " Current:" + text[0] + " Max:" + text[1] + " Min:" + text[2] + " ", nil
	})
}
