package api

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"graphited/render"
	"graphited/render/encode"
)

// functionsRoute returns the handler below /functions; rest is what follows
// "/functions/".
func functionsRoute(q *request, rest string) handler {
	q.jsonErrors = true
	if rest == "" {
		return get(functionList)
	}
	return get(func(q *request) error { return functionDetail(q, rest) })
}

// functionList answers /functions: {name: info}, or {group: {name: info}}.
func functionList(q *request) error {
	grouped := strings.ToLower(q.p.get("grouped"))
	group, one := q.p.find("group")
	infos := slices.DeleteFunc(q.functions(), func(f render.Info) bool { return one && f.Group != group })
	w := q.writer()
	if w.Indent { // graphite-web sorts the keys then
		slices.SortFunc(infos, func(a, b render.Info) int { return cmp.Compare(a.Name, b.Name) })
	}
	if grouped == "1" || grouped == "true" {
		writeGroups(&w, infos)
	} else {
		writeFunctions(&w, infos)
	}
	q.finish(w.Buf, "application/json")
	return nil
}

// functions returns what there is to tell of every function.
func (q *request) functions() []render.Info {
	if q.p.get("type") == "pie" {
		return render.PieInfo()
	}
	r := q.s.o.Engine.Registry()
	var infos []render.Info
	for _, name := range r.Names(q.p.get("all") == "1") {
		if f, ok := r.Info(name); ok {
			infos = append(infos, f)
		}
	}
	return infos
}

// functionDetail answers /functions/<name>.
func functionDetail(q *request, name string) error {
	for _, f := range q.functions() {
		if f.Name == name {
			w := q.writer()
			writeFunction(&w, f)
			q.finish(w.Buf, "application/json")
			return nil
		}
	}
	return notFound("Function not found: " + name)
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

// member is a member of an object that may have to be sorted.
type member struct {
	key   string
	write func()
}

// writeMembers writes an object, its keys sorted where it is indented.
func writeMembers(w *encode.Writer, members []member) {
	if w.Indent {
		slices.SortFunc(members, func(a, b member) int { return cmp.Compare(a.key, b.key) })
	}
	w.Open('{')
	for _, m := range members {
		w.Key(m.key)
		m.write()
	}
	w.Close('}')
}

func writeFunction(w *encode.Writer, f render.Info) {
	writeMembers(w, []member{
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

// writeParam writes a parameter; what is false or missing is left out.
func writeParam(w *encode.Writer, p render.ParamInfo) {
	members := []member{
		{"name", func() { w.String(p.Name) }},
		{"type", func() { w.String(string(p.Type)) }},
	}
	add := func(key string, given bool, write func()) {
		if given {
			members = append(members, member{key, write})
		}
	}
	add("required", p.Required, func() { w.Bool(true) })
	add("default", p.Default != nil, func() { writeAny(w, p.Default) })
	add("multiple", p.Multiple, func() { w.Bool(true) })
	add("options", len(p.Options) > 0, func() { writeList(w, p.Options) })
	add("suggestions", len(p.Suggestions) > 0, func() { writeList(w, p.Suggestions) })
	writeMembers(w, members)
}

func writeList(w *encode.Writer, list []any) {
	w.Open('[')
	for _, v := range list {
		writeAny(w, v)
	}
	w.Close(']')
}

// writeAny writes a value of a parameter.
func writeAny(w *encode.Writer, v any) {
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
