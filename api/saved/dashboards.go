package saved

import (
	"errors"
	"strings"

	"graphited/api/call"

	"graphited/api/store"
	"graphited/render/encode"
)

// What changes something is a POST, though graphite-web deletes on GET, too: an image in any page
// could do that.

// CleanName refuses the names that graphite-web's str_param refuses.
func CleanName(what, s string) error {
	if strings.ContainsAny(s, "&<>~!@#$%^*()`") {
		return call.BadRequest(what + " contain restricted symbols")
	}
	return nil
}

// cleanVar returns the name in the path.
func cleanVar(q *call.Request) (string, error) {
	name := q.Var("name")
	return name, CleanName("name", name)
}

func answerSuccess(q *call.Request) error {
	return q.Object(func(w *encode.Writer) {
		w.Key("success")
		w.Bool(true)
	})
}

// answerMissing answers like graphite-web, with 200.
func answerMissing(q *call.Request, noun, name string) error {
	return q.Object(func(w *encode.Writer) {
		w.Key("error")
		w.String(noun + " '" + name + "' does not exist. ")
	})
}

// readState reads the parameter state, which must be JSON.
func readState(q *call.Request) (v jsonValue, err error) {
	text, ok := q.Params.Find("state")
	if !ok {
		return v, call.BadRequest("Missing required parameter 'state'")
	}
	if v, err = parseJSON([]byte(text)); err != nil {
		return v, call.BadRequest("state is not JSON: " + err.Error())
	}
	return v, nil
}

// SaveDashboard answers /dashboard/save/<name>.
func (v *Views) SaveDashboard(q *call.Request) error {
	name, err := cleanVar(q)
	if err != nil {
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
	if err := s.Dashboards().Save(name, state.bytes()); err != nil {
		return storeError(err)
	}
	return answerSuccess(q)
}

// CreateTemporary answers /dashboard/create-temporary: it saves a dashboard under a new name.
func (v *Views) CreateTemporary(q *call.Request) error {
	s, err := v.store()
	if err != nil {
		return err
	}
	state, err := readState(q)
	if err != nil {
		return err
	}
	name, err := s.Dashboards().Create("temporary-", state.bytes())
	if err != nil {
		return storeError(err)
	}
	return q.Object(func(w *encode.Writer) {
		w.Key("name")
		w.String(name)
	})
}

// LoadDashboard answers /dashboard/load/<name>.
func (v *Views) LoadDashboard(q *call.Request) error {
	name, err := cleanVar(q)
	if err != nil {
		return err
	}
	return v.loadSaved(q, (*store.Store).Dashboards, "Dashboard", name, func(w *encode.Writer, state []byte) error {
		w.Raw(state)
		return nil
	})
}

// loadSaved answers with the state that is saved under a name, in the form that write gives it.
func (v *Views) loadSaved(q *call.Request, of func(*store.Store) store.Folder, noun, name string, write func(w *encode.Writer, state []byte) error) error {
	s, err := v.store()
	if err != nil {
		return err
	}
	state, ok, err := of(s).Load(name)
	if err != nil {
		return err
	}
	if !ok {
		return answerMissing(q, noun, name)
	}
	var failed error
	err = q.Object(func(w *encode.Writer) {
		w.Key("state")
		failed = write(w, state)
	})
	return errors.Join(failed, err)
}

// DeleteDashboard answers /dashboard/delete/<name>.
func (v *Views) DeleteDashboard(q *call.Request) error {
	name, err := cleanVar(q)
	if err != nil {
		return err
	}
	return v.deleteSaved(q, (*store.Store).Dashboards, "Dashboard", name)
}

// DeleteTemplate answers /dashboard/delete_template/<name>.
func (v *Views) DeleteTemplate(q *call.Request) error {
	name, err := cleanVar(q)
	if err != nil {
		return err
	}
	return v.deleteSaved(q, (*store.Store).Templates, "Template", name)
}

func (v *Views) deleteSaved(q *call.Request, of func(*store.Store) store.Folder, noun, name string) error {
	s, err := v.store()
	if err != nil {
		return err
	}
	ok, err := of(s).Delete(name)
	switch {
	case err != nil:
		return storeError(err)
	case !ok:
		return answerMissing(q, noun, name)
	}
	return answerSuccess(q)
}

// FindDashboards answers /dashboard/find.
func (v *Views) FindDashboards(q *call.Request) error {
	return v.findSaved(q, (*store.Store).Dashboards, "dashboards")
}

// FindTemplates answers /dashboard/find_template.
func (v *Views) FindTemplates(q *call.Request) error {
	return v.findSaved(q, (*store.Store).Templates, "templates")
}

// findSaved answers with the names that contain every word of query= in any case. It hides
// temporary dashboards.
func (v *Views) findSaved(q *call.Request, of func(*store.Store) store.Folder, key string) error {
	s, err := v.store()
	if err != nil {
		return err
	}
	names, err := of(s).Names("")
	if err != nil {
		return err
	}
	words := strings.Fields(strings.ToLower(q.Params.Get("query")))
	return q.Object(func(w *encode.Writer) {
		w.Key(key)
		w.Open('[')
		for _, name := range names {
			lower := strings.ToLower(name)
			hit := key != "dashboards" || !strings.HasPrefix(lower, "temporary-")
			for _, word := range words {
				hit = hit && strings.Contains(lower, word)
			}
			if !hit {
				continue
			}
			w.Open('{')
			w.Key("name")
			w.String(name)
			w.Close('}')
		}
		w.Close(']')
	})
}
