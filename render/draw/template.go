package draw

import (
	"fmt"
	"graphited/carbon/pyvalue"
	"maps"
	"slices"
	"strings"
)

// template is a section of graphTemplates.conf: the defaults of a graph's parameters. Colours are
// stored as text.
type template struct {
	background, foreground string
	major, minor           string // grid lines
	colors                 []string
	fontName               string
	fontSize               float64
	bold, italic           bool
	modern                 bool // quiet grid, no frames, clearer type
}

// stock are the templates of graphite-web and two of our own.
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

// Templates are the templates that a request can name. They are immutable and safe for concurrent
// use.
type Templates struct{ byName map[string]*template }

// TemplateSection is a section of graphTemplates.conf: the name of a template and its settings,
// with keys in lower case.
type TemplateSection struct {
	Name     string
	Settings map[string]string
}

// TemplateProblem is an invalid setting.
type TemplateProblem struct{ Section, Key, Msg string }

// NewTemplates applies sections on top of the built-in templates. Like in graphite-web, [default]
// gives the values that other sections omit, and pictures without a known template use it.
// NewTemplates skips invalid settings and returns them.
func NewTemplates(sections []TemplateSection) (*Templates, []TemplateProblem) {
	own, order, err := readConf(stock)
	if err != nil {
		panic("BUG: built-in templates: " + err.Error())
	}
	builtIn := make([]TemplateSection, len(order))
	for i, name := range order {
		builtIn[i] = TemplateSection{name, own[name]}
	}
	t := &Templates{byName: map[string]*template{}}
	if problems := t.add(builtIn); problems != nil {
		panic(fmt.Sprintf("BUG: built-in templates: %+v", problems))
	}
	return t, t.add(sections)
}

func (t *Templates) add(sections []TemplateSection) (problems []TemplateProblem) {
	base := template{colors: []string{"blue"}, background: "white", foreground: "black",
		major: "rose", minor: "grey", fontName: "Sans", fontSize: 10}
	if d := t.byName["default"]; d != nil {
		base = *d
	}
	for _, s := range sections {
		if s.Name == "default" {
			problems = append(problems, base.set(s)...)
		}
	}
	t.byName["default"] = &base
	for _, s := range sections {
		if s.Name == "default" {
			continue
		}
		c := base
		problems = append(problems, c.set(s)...)
		t.byName[s.Name] = &c
	}
	return problems
}

// find returns a template. For an unknown name it returns the default one.
func (t *Templates) find(name string) *template {
	if found := t.byName[name]; found != nil {
		return found
	}
	return t.byName["default"]
}

// readConf reads the subset of Python's ConfigParser syntax that the built-in templates need:
// sections, "key = value" or "key: value", whole-line comments and indented continuations. It
// returns keys in lower case.
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
				return nil, nil, fmt.Errorf("cannot read graph templates: line %d is neither a section nor a setting in a section", n+1)
			}
			key = strings.ToLower(strings.TrimSpace(trimmed[:i]))
			section[key] = strings.TrimSpace(trimmed[i+1:])
		}
	}
	return sections, order, nil
}

// TemplateKeys are the keys of a section, spelled as in graphite-web's example.
var TemplateKeys = []string{"background", "foreground", "majorLine", "minorLine", "lineColors", "fontName", "fontSize", "fontBold", "fontItalic", "modern"}

// set applies the settings of a section.
func (t *template) set(s TemplateSection) (problems []TemplateProblem) {
	for _, key := range slices.Sorted(maps.Keys(s.Settings)) {
		if msg := t.setOne(key, s.Settings[key]); msg != "" {
			problems = append(problems, TemplateProblem{s.Name, key, msg})
		}
	}
	return problems
}

// setOne applies one setting. It returns "" if the setting is valid.
func (t *template) setOne(key, text string) (msg string) {
	switch key {
	case "background":
		return setColor(&t.background, text)
	case "foreground":
		return setColor(&t.foreground, text)
	case "majorline":
		return setColor(&t.major, text)
	case "minorline":
		return setColor(&t.minor, text)
	case "linecolors":
		colors := strings.Split(text, ",")
		for i, c := range colors {
			if msg := setColor(&colors[i], strings.TrimSpace(c)); msg != "" {
				return fmt.Sprintf("%q is not a color: %s", strings.TrimSpace(c), msg)
			}
		}
		t.colors = colors
	case "fontname":
		t.fontName = text
	case "fontsize":
		size, ok := pyvalue.ParseFloat(text)
		if !ok || !(size >= 1 && size <= maxFontSize) {
			return fmt.Sprintf("expected a size from 1 to %d", maxFontSize)
		}
		t.fontSize = size
	case "fontbold":
		return setTruth(&t.bold, text)
	case "fontitalic":
		return setTruth(&t.italic, text)
	case "modern":
		return setTruth(&t.modern, text)
	default:
		return "unknown setting"
	}
	return ""
}

func setColor(to *string, text string) (msg string) {
	if _, good := parseColor(text); !good {
		return "expected a color's name, RRGGBB or RRGGBBAA"
	}
	*to = text
	return ""
}

// setTruth treats everything except true as false, like graphite-web.
func setTruth(to *bool, text string) (msg string) {
	*to = strings.EqualFold(text, "true")
	if !*to && !strings.EqualFold(text, "false") {
		return "expected true or false; all but true is false, as in graphite-web"
	}
	return ""
}
