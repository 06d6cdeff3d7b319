package saved

import (
	"graphited/api/call"
	"graphited/api/store"
	"graphited/render/encode"
)

// placeholder stands in a template for the value that is filled in when it is loaded.
const placeholder = "__VALUE__"

// SaveTemplate answers /dashboard/save_template/<name>/<key>. It saves a dashboard with key
// replaced in the targets and in the two texts of each graph, like graphite-web's
// Template.setState.
func (v *Views) SaveTemplate(q *call.Request) error {
	name, err := cleanVar(q)
	if err != nil {
		return err
	}
	key := q.Var("key")
	if err := CleanName("key", key); err != nil {
		return err
	}
	s, err := v.store()
	if err != nil {
		return err
	}
	state, err := readState(q)
	if err != nil {
		return err
	}
	if !templateOf(&state, key) {
		return call.BadRequest("state must have graphs: a list of [text, {target: [...]}, text]")
	}
	if err := s.Templates().Save(name, state.bytes()); err != nil {
		return storeError(err)
	}
	return answerSuccess(q)
}

// templateOf converts state to a template. It returns false if that is not a dashboard.
func templateOf(state *jsonValue, key string) bool {
	list := state.member("graphs")
	if list == nil || list.kind != '[' {
		return false
	}
	for i := range list.values {
		graph := &list.values[i]
		if graph.kind != '[' || len(graph.values) < 3 {
			return false
		}
		targets := graph.values[1].member("target")
		if targets == nil || targets.kind != '[' {
			return false
		}
		graph.values = graph.values[:3]
		graph.values[0].replace(key, placeholder)
		graph.values[2].replace(key, placeholder)
		for j := range targets.values {
			targets.values[j].replace(key, placeholder)
		}
	}
	return true
}

// LoadTemplate answers /dashboard/load_template/<name>/<value> with a filled template. graphite-web
// replaces in the text of the JSON, so that a value with a quote breaks out of its string. Here a
// value stays within.
func (v *Views) LoadTemplate(q *call.Request) error {
	name, err := cleanVar(q)
	if err != nil {
		return err
	}
	value := q.Var("value")
	return v.loadSaved(q, (*store.Store).Templates, "Template", name, func(w *encode.Writer, text []byte) error {
		state, err := parseJSON(text)
		if err != nil {
			return err
		}
		state.replaceAll(placeholder, value)
		state.set("name", jsonValue{kind: '"', text: name + "/" + value})
		state.write(w)
		return nil
	})
}
