package render

import (
	"encoding/json"
	"fmt"
	"graphited/carbon/pyvalue"
	"math"
	"slices"
	"sort"
	"strings"
)

// Registry finds functions by name or alias. It is built once and then only read.
type Registry struct {
	byName     map[string]*Func
	names      []string // in order of declaration, aliases after their function
	aggFuncs   []any    // options of AggFunc parameters
	aggOrFuncs []any    // options of AggOrSeriesFunc parameters
}

// NewRegistry collects tables of functions. A name that is taken twice, or a
// declaration that cannot work, is an error.
func NewRegistry(tables ...[]Func) (*Registry, error) {
	r := &Registry{byName: map[string]*Func{}}
	for _, name := range aggNames() {
		r.aggFuncs = append(r.aggFuncs, name)
	}
	r.aggOrFuncs = slices.Clone(r.aggFuncs)
	for _, table := range tables {
		for i := range table {
			if err := r.add(&table[i]); err != nil {
				return nil, err
			}
		}
	}
	sortOptions(r.aggFuncs)
	sortOptions(r.aggOrFuncs)
	r.aggOrFuncs = slices.Compact(r.aggOrFuncs)
	return r, nil
}

func (r *Registry) add(f *Func) error {
	if (f.Run == nil) == (f.RunLists == nil) {
		return fmt.Errorf("cannot register %q: it needs either Run or RunLists", f.Name)
	}
	for i, p := range f.Params {
		if p.Multiple && i != len(f.Params)-1 {
			return fmt.Errorf("cannot register %q: parameter %q takes all arguments but is not the last", f.Name, p.Name)
		}
	}
	for _, name := range append([]string{f.Name}, f.Aliases...) {
		if r.byName[name] != nil {
			return fmt.Errorf("cannot register %q: the name is taken", name)
		}
		r.byName[name] = f
		r.names = append(r.names, name)
		if f.Aggregator {
			r.aggOrFuncs = append(r.aggOrFuncs, name)
		}
	}
	return nil
}

// builtins returns the registry of all functions of graphite-web, and after
// them those that other servers have beyond.
func builtins() (*Registry, error) {
	r, err := NewRegistry(combineFuncs(), listFuncs(), groupFuncs(), transformFuncs(), wholeFuncs(), deriveFuncs(), fillFuncs(),
		shiftFuncs(), summarizeFuncs(), calculateFuncs(), movingFuncs(), holtWintersFuncs(), filterFuncs(), rankFuncs(),
		percentileFuncs(), sortFuncs(), aliasFuncs(), legendFuncs(), graphFuncs(), lineFuncs(), specialFuncs(),
		beyondFuncs())
	if err != nil {
		return nil, err
	}
	return r, r.addOtherNames()
}

// Names lists every name and alias of graphite-web's functions in order of
// declaration, with all also those of the functions beyond.
func (r *Registry) Names(all bool) []string {
	return slices.DeleteFunc(slices.Clone(r.names), func(name string) bool { return !all && r.byName[name].Beyond != "" })
}

// Lookup finds a function by name or alias.
func (r *Registry) Lookup(name string) (*Func, bool) {
	f, ok := r.byName[name]
	return f, ok
}

// Info is what GET /functions tells about one name. It marshals to graphite-web's JSON.
type Info struct {
	Name        string      `json:"name"`
	Function    string      `json:"function"` // name and signature
	Description string      `json:"description"`
	Module      string      `json:"module"`
	Group       string      `json:"group"`
	Params      []ParamInfo `json:"params"`
}

// ParamInfo is one parameter in an Info.
type ParamInfo struct {
	Name        string          `json:"name"`
	Type        Type            `json:"type"`
	Required    bool            `json:"required,omitempty"`
	Default     json.RawMessage `json:"default,omitempty"` // infinity is 1e9999
	Multiple    bool            `json:"multiple,omitempty"`
	Options     []any           `json:"options,omitempty"`
	Suggestions []any           `json:"suggestions,omitempty"`
}

// Info describes the function under one of its names.
func (r *Registry) Info(name string) (Info, bool) {
	f, ok := r.byName[name]
	if !ok {
		return Info{}, false
	}
	info := Info{Name: name, Description: f.Doc, Module: "graphite.render.functions", Group: f.Group}
	info.Function = name + "(" + f.signature() + ")"
	for _, p := range f.Params {
		info.Params = append(info.Params, ParamInfo{
			Name: p.Name, Type: p.Type, Required: p.Required, Default: jsonDefault(p.Default),
			Multiple: p.Multiple, Options: r.options(p), Suggestions: p.Suggestions,
		})
	}
	return info, true
}

func (r *Registry) options(p Param) []any {
	switch p.Type {
	case AggFunc:
		return r.aggFuncs
	case AggOrSeriesFunc:
		return r.aggOrFuncs
	}
	out := slices.Clone(p.Options)
	sortOptions(out)
	return out
}

// PieInfo describes the functions that reduce a series to a slice of a pie,
// which GET /functions lists with type=pie.
func PieInfo() []Info {
	var out []Info
	for _, name := range []string{"average", "maximum", "minimum"} {
		out = append(out, Info{
			Name: name, Function: name + "(series)", Description: "The " + name + " of the points that are not null.",
			Module: "graphite.render.functions", Group: "Pie",
			Params: []ParamInfo{{Name: "series", Type: SeriesArg, Required: true}},
		})
	}
	return out
}

// signature is the parameter list in Python's notation.
func (f *Func) signature() string {
	if f.Signature != "" {
		return f.Signature
	}
	var parts []string
	for _, p := range f.Params {
		switch s, isText := p.Default.(string); {
		case p.Multiple:
			parts = append(parts, "*"+p.Name)
		case p.Required:
			parts = append(parts, p.Name)
		case isText:
			parts = append(parts, p.Name+"='"+s+"'")
		default:
			parts = append(parts, p.Name+"="+pyvalue.Str(p.Default))
		}
	}
	return strings.Join(parts, ", ")
}

func jsonDefault(v any) json.RawMessage {
	if v == nil {
		return nil
	}
	if f, ok := v.(float64); ok && math.IsInf(f, 1) {
		return json.RawMessage("1e9999")
	}
	b, err := json.Marshal(v)
	if err != nil {
		panic("BUG: a default cannot be JSON: " + err.Error())
	}
	return b
}

// sortOptions orders by the Python text of each option.
func sortOptions(v []any) {
	sort.Slice(v, func(i, j int) bool { return pyvalue.Str(v[i]) < pyvalue.Str(v[j]) })
}
