package draw

// Parameter is a parameter of a picture.
type Parameter struct {
	Name string
	Doc  string // what it does and which values it takes, without its default
}

// Parameters returns every parameter that a Drawer reads, in the order of a help text. Axis
// parameters with Left or Right in their name apply if a series has its own axis on the right.
func Parameters() []Parameter {
	return []Parameter{
		{"width", "pixels from left to right"},
		{"height", "pixels from top to bottom"},
		{"pixelRatio", "pixels of a PNG for each pixel of the size, such as 2 for a sharp screen"},
		{"margin", "pixels around everything"},
		{"template", "colours and fonts: default, modern, modern-dark, or another of graphTemplates.conf"},
		{"title", "text above"},
		{"vtitle", "text beside the left axis"},
		{"vtitleRight", "text beside the right axis"},
		{"bgcolor", "colour behind everything: a name, RRGGBB or RRGGBBAA"},
		{"fgcolor", "colour of text and axes"},
		{"colorList", "colours of the series, with commas between them"},
		{"fontName", "Sans, Mono or the name of a font that an SVG asks its viewer for"},
		{"fontSize", "points"},
		{"fontBold", "true or false"},
		{"fontItalic", "true or false"},
		{"lineWidth", "pixels"},
		{"thickness", "the same, if lineWidth is not given"},
		{"lineMode", "slope, staircase or connected"},
		{"connectedLimit", "most missing points that lineMode=connected bridges"},
		{"areaMode", "none, first, all or stacked"},
		{"areaAlpha", "opacity of areas, 0 to 1"},
		{"drawNullAsZero", "true draws missing points as 0"},
		{"minXStep", "least pixels between two points"},
		{"hideLegend", "true or false"},
		{"uniqueLegend", "true lists series with the same name once"},
		{"hideNullFromLegend", "true leaves series without a point out of the legend"},
		{"hideSeries", "names of series not to draw, one per line"},
		{"metadata", "full adds stacks and both axes to the metadata of an SVG"},
		{"graphOnly", "true draws nothing but the lines"},
		{"hideAxes", "true or false"},
		{"hideXAxis", "true or false"},
		{"hideYAxis", "true or false"},
		{"hideGrid", "true or false"},
		{"majorGridLineColor", "a colour"},
		{"minorGridLineColor", "a colour"},
		{"minorY", "thin grid lines between two labels"},
		{"xFormat", "labels of the time axis, in the format of strftime"},
		{"yAxisSide", "left or right"},
		{"yUnitSystem", "si, binary, sec, msec or none"},
		{"yDivisors", "numbers of parts that the axis may have, with commas between them"},
		{"logBase", "e or a number above 1: a logarithmic axis"},
		{"yMin", "least value of the axis"},
		{"yMax", "greatest value of the axis, or max"},
		{"yLimit", "upper limit of the maximum that the data give"},
		{"yStep", "distance between labels"},
		{"min", "yMin's older name"},
		{"max", "yMax's older name"},
		{"yMinLeft", "as yMin"}, {"yMaxLeft", "as yMax"}, {"yLimitLeft", "as yLimit"}, {"yStepLeft", "as yStep"},
		{"yMinRight", "as yMin"}, {"yMaxRight", "as yMax"}, {"yLimitRight", "as yLimit"}, {"yStepRight", "as yStep"},
		{"leftWidth", "like lineWidth, for the series of the left axis"},
		{"rightWidth", "like lineWidth, for the series of the right axis"},
		{"leftDashed", "length of dashes of the series of the left axis"},
		{"rightDashed", "length of dashes of the series of the right axis"},
		{"leftColor", "colour of the series of the left axis"},
		{"rightColor", "colour of the series of the right axis"},
		{"pieMode", "what a slice stands for: average, maximum or minimum"},
		{"pieLabels", "horizontal or rotated"},
		{"valueLabels", "labels of slices: percent, number or none"},
		{"valueLabelsMin", "least percent that has a label"},
		{"valueLabelsColor", "a colour"},
	}
}
