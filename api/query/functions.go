package query

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"graphited/api/call"

	"graphited/render"
	"graphited/render/encode"
)

// Functions answers /functions: {name: info}, or {group: {name: info}}.
func (v *Views) Functions(q *call.Request) error {
	grouped := strings.ToLower(q.Params.Get("grouped"))
	group, one := q.Params.Find("group")
	infos := slices.DeleteFunc(v.functions(q), func(f render.Info) bool { return one && f.Group != group })
	w := q.Writer()
	if w.Indent { // graphite-web sorts the keys then
		slices.SortFunc(infos, func(a, b render.Info) int { return cmp.Compare(a.Name, b.Name) })
	}
	if grouped == "1" || grouped == "true" {
		writeGroups(&w, infos)
	} else {
		writeFunctions(&w, infos)
	}
	q.Finish(w.Buf, "application/json")
	return nil
}

// functions returns the description of every function.
func (v *Views) functions(q *call.Request) []render.Info {
	if q.Params.Get("type") == "pie" {
		return render.PieInfo()
	}
	r := v.Engine.Registry()
	var infos []render.Info
	for _, name := range r.Names(q.Params.Get("all") == "1") {
		if f, ok := r.Info(name); ok {
			infos = append(infos, f)
		}
	}
	return infos
}

// Function answers /functions/<name>.
func (v *Views) Function(q *call.Request) error {
	name := q.Var("name")
	for _, f := range v.functions(q) {
		if f.Name == name {
			w := q.Writer()
			writeFunction(&w, f)
			q.Finish(w.Buf, "application/json")
			return nil
		}
	}
	return call.NotFound("Function not found: " + name)
}

func writeGroups(w *encode.Writer, infos []render.Info) {
	byGroup := make(map[string][]render.Info)
	var groups []string
	for _, f := range infos {
		if byGroup[f.Group] == nil {
			groups = append(groups, f.Group)
		}
		byGroup[f.Group] = append(byGroup[f.Group], f)
	}
	if w.Indent {
		slices.Sort(groups)
	}
	w.Open('{')
	for _, g := range groups {
		w.Key(g)
		writeFunctions(w, byGroup[g])
	}
	w.Close('}')
}

func writeFunctions(w *encode.Writer, infos []render.Info) {
	w.Open('{')
	for _, f := range infos {
		w.Key(f.Name)
		writeFunction(w, f)
	}
	w.Close('}')
}

// entry is an entry of an object whose keys may have to be sorted.
type entry struct {
	key   string
	write func()
}

// writeEntries writes an object. Its keys are sorted if it is indented.
func writeEntries(w *encode.Writer, entries []entry) {
	if w.Indent {
		slices.SortFunc(entries, func(a, b entry) int { return cmp.Compare(a.key, b.key) })
	}
	w.Open('{')
	for _, m := range entries {
		w.Key(m.key)
		m.write()
	}
	w.Close('}')
}

func writeFunction(w *encode.Writer, f render.Info) {
	writeEntries(w, []entry{
		{"name", func() { w.String(f.Name) }},
		{"function", func() { w.String(f.Function) }},
		{"description", func() { w.String(f.Description) }},
		{"module", func() { w.String(f.Module) }},
		{"group", func() { w.String(f.Group) }},
		{"params", func() {
			w.Open('[')
			for _, p := range f.Params {
				writeParam(w, p)
			}
			w.Close(']')
		}},
	})
}

// writeParam writes a parameter without what is false or missing.
func writeParam(w *encode.Writer, p render.ParamInfo) {
	entries := []entry{
		{"name", func() { w.String(p.Name) }},
		{"type", func() { w.String(string(p.Type)) }},
	}
	add := func(key string, given bool, write func()) {
		if given {
			entries = append(entries, entry{key, write})
		}
	}
	add("required", p.Required, func() { w.Bool(true) })
	add("default", p.Default != nil, func() { writeValue(w, p.Default) })
	add("multiple", p.Multiple, func() { w.Bool(true) })
	add("options", len(p.Options) > 0, func() { writeList(w, p.Options) })
	add("suggestions", len(p.Suggestions) > 0, func() { writeList(w, p.Suggestions) })
	writeEntries(w, entries)
}

func writeList(w *encode.Writer, list []any) {
	w.Open('[')
	for _, v := range list {
		writeValue(w, v)
	}
	w.Close(']')
}

// writeValue writes a value of a parameter.
func writeValue(w *encode.Writer, v any) {
	switch v := v.(type) {
	case string:
		w.String(v)
	case bool:
		w.Bool(v)
	case int:
		w.Int(int64(v))
	case int64:
		w.Int(v)
	case float64:
		w.Float(v)
	case json.RawMessage:
		w.Raw(v)
	default:
		w.Null()
	}
}
