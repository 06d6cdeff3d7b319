package draw

import (
	"fmt"
	"strconv"
	"strings"
)

// template is a section of graphTemplates.conf: what a graph looks like where
// its parameters say nothing. Colours are kept as written.
type template struct {
	background, foreground string
	major, minor           string // grid lines
	colors                 []string
	fontName               string
	fontSize               float64
	bold, italic           bool
	modern                 bool // quiet grid, no frames, clearer type
}

// stock are the templates that graphite-web comes with, and two of our own.
const stock = `
[default]
background = white
foreground = black
minorLine = grey
majorLine = rose
lineColors = blue,green,red,purple,brown,yellow,aqua,grey,magenta,pink,gold,rose
fontName = Sans
fontSize = 10

[plain]

[solarized-light]
background = #fdf6e3
foreground = #657b83
majorLine = #073642
minorLine = #586e75
lineColors = 268bd2aa,859900aa,dc322faa,d33682aa,db4b16aa,b58900aa,2aa198aa,6c71c4aa

[solarized-dark]
background = #002b36
foreground = #839496
majorLine = #fdf6e3
minorLine = #eee8d5
lineColors = 268bd2aa,859900aa,dc322faa,d33682aa,db4b16aa,b58900aa,2aa198aa,6c71c4aa

[classic]
background = black
foreground = white
majorLine = white
minorLine = grey

[noc]
background = black
foreground = white
majorLine = white
minorLine = grey
lineColors = blue,green,red,yellow,purple,brown,aqua,grey,magenta,pink,gold,rose

[summary]
background = black
lineColors = #6666ff, #66ff66, #ff6666

[alphas]
majorLine = grey
minorLine = rose
lineColors = 00ff00aa,ff000077,00337799

[grafana]
lineColors = #7eb26d,#eab839,#6ed0e0,#ef843c,#e24d42,#1f78c1,#ba43a9,#705da0,#508642,#cca300,#447ebc

[ocean1]
lineColors = f7fcf0,e0f3db,ccebc5,a8ddb5,7bccc4,4eb3d3,2b8cbe,0868ac,084081
[ocean2]
lineColors = 084081,0868ac,2b8cbe,4eb3d3,7bccc4,a8ddb5,ccebc5,e0f3db,f7fcf0
[forest1]
lineColors = f7fcf5,e5f5e0,c7e9c0,a1d99b,74c476,41ab5d,238b45,005a32
[forest2]
lineColors = 005a32,238b45,41ab5d,74c476,a1d99b,c7e9c0,e5f5e0,f7fcf5
[sunset1]
lineColors = fff5eb,fee6ce,fdd0a2,fdae6b,fd8d3c,f16913,d94801,8c2d04
[sunset2]
lineColors = 8c2d04,d94801,f16913,fd8d3c,fdae6b,fdd0a2,fee6ce,fff5eb
[moonlight1]
lineColors = fcfbfd,efedf5,dadaeb,bcbddc,9e9ac8,807dba,6a51a3,4a1486
[moonlight2]
lineColors = 4a1486,6a51a3,807dba,9e9ac8,bcbddc,dadaeb,efedf5,fcfbfd
[lava1]
lineColors = fff5f0,fee0d2,fcbba1,fc9272,fb6a4a,ef3b2c,cb181d,99000d
[lava2]
lineColors = 99000d,cb181d,ef3b2c,fb6a4a,fc9272,fcbba1,fee0d2,fff5f0

[modern]
background = ffffff
foreground = 3c434c
majorLine = dfe3e8
minorLine = f0f2f5
lineColors = 0058cc,bd4700,199959,d993bc,f19a14,3db8ff,6a347c,455b5a
modern = true

[modern-dark]
background = 15191e
foreground = c3cad3
majorLine = 333b45
minorLine = 232a32
lineColors = 688be9,e4722d,3ddd76,ffb9c2,e2ea4c,b8ceff,7c4df4,877480
modern = true
`

// readTemplates reads graphTemplates.conf text on top of old, as graphite-web
// does: [default] changes what other sections leave out.
func readTemplates(text string, old map[string]*template) (map[string]*template, error) {
	sections, order, err := readConf(text)
	if err != nil {
		return nil, err
	}
	out := map[string]*template{}
	for name, t := range old {
		out[name] = t
	}
	base := template{colors: []string{"blue"}, background: "white", foreground: "black",
		major: "rose", minor: "grey", fontName: "Sans", fontSize: 10}
	if d := out["default"]; d != nil {
		base = *d
	}
	if err := base.set(sections["default"]); err != nil {
		return nil, fmt.Errorf("cannot read template %q: %w", "default", err)
	}
	out["default"] = &base
	for _, name := range order {
		t := base
		if err := t.set(sections[name]); err != nil {
			return nil, fmt.Errorf("cannot read template %q: %w", name, err)
		}
		out[name] = &t
	}
	return out, nil
}

// readConf reads the syntax of Python's ConfigParser as far as graphTemplates.conf
// needs it: sections, "key = value" or "key: value", whole-line comments and
// indented continuations. Keys come in lower case.
func readConf(text string) (map[string]map[string]string, []string, error) {
	sections := map[string]map[string]string{}
	var order []string
	var section map[string]string
	key := ""
	for n, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case trimmed == "" || trimmed[0] == '#' || trimmed[0] == ';':
		case key != "" && (line[0] == ' ' || line[0] == '\t'):
			section[key] += "\n" + trimmed
		case trimmed[0] == '[' && trimmed[len(trimmed)-1] == ']':
			name := trimmed[1 : len(trimmed)-1]
			if section = sections[name]; section == nil {
				section = map[string]string{}
				sections[name] = section
				order = append(order, name)
			}
			key = ""
		default:
			i := strings.IndexAny(trimmed, "=:")
			if i < 1 || section == nil {
				return nil, nil, fmt.Errorf("cannot read graph templates: line %d is neither a section nor a setting of one", n+1)
			}
			key = strings.ToLower(strings.TrimSpace(trimmed[:i]))
			section[key] = strings.TrimSpace(trimmed[i+1:])
		}
	}
	return sections, order, nil
}

// set applies the settings of a section; unknown ones are ignored.
func (t *template) set(settings map[string]string) error {
	colors := []struct {
		key string
		to  *string
	}{{"background", &t.background}, {"foreground", &t.foreground}, {"majorline", &t.major}, {"minorline", &t.minor}}
	for _, c := range colors {
		text, ok := settings[c.key]
		if !ok {
			continue
		}
		if _, good := parseColor(text); !good {
			return fmt.Errorf("%s %q is no color", c.key, text)
		}
		*c.to = text
	}
	if text, ok := settings["linecolors"]; ok {
		t.colors = strings.Split(text, ",")
		for i, c := range t.colors {
			t.colors[i] = strings.TrimSpace(c)
			if _, good := parseColor(c); !good {
				return fmt.Errorf("linecolors has %q, which is no color", c)
			}
		}
	}
	if name, ok := settings["fontname"]; ok {
		t.fontName = name
	}
	if text, ok := settings["fontsize"]; ok {
		size, err := strconv.ParseFloat(text, 64)
		if err != nil || !(size >= 1 && size <= maxFontSize) {
			return fmt.Errorf("fontsize %q is no size", text)
		}
		t.fontSize = size
	}
	for key, to := range map[string]*bool{"fontbold": &t.bold, "fontitalic": &t.italic, "modern": &t.modern} {
		if text, ok := settings[key]; ok {
			*to = strings.EqualFold(text, "true")
		}
	}
	return nil
}
