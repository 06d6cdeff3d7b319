package api

import (
	"graphited/api/store"
	"graphited/render/encode"
)

// placeholder stands in a template for what is filled in when it is loaded.
const placeholder = "__VALUE__"

// saveTemplate keeps a dashboard with key replaced in the targets and in the two
// texts of each graph, as graphite-web's Template.setState.
func saveTemplate(q *request, name, key string) error {
	if err := cleanName("key", key); err != nil {
		return err
	}
	s, err := q.saved()
	if err != nil {
		return err
	}
	state, err := q.state()
	if err != nil {
		return err
	}
	if !templateOf(&state, key) {
		return badRequest("state must have graphs: a list of [text, {target: [...]}, text]")
	}
	if err := s.Templates().Save(name, state.bytes()); err != nil {
		return storeError(err)
	}
	return q.answerSuccess()
}

// templateOf makes a template of state. It returns false where that is no
// dashboard.
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

// loadTemplate answers with a template, filled in. graphite-web replaces in the
// text of the JSON, so that a value with a quote breaks out of its string; here a
// value stays within.
func loadTemplate(q *request, name, value string) error {
	return q.loadSaved((*store.Store).Templates, "Template", name, func(w *encode.Writer, text []byte) error {
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
