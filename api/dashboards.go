package api

import (
	"errors"
	"strings"

	"github.com/valyala/fasthttp"

	"graphited/api/store"
	"graphited/render/encode"
)

// dashboardRoute returns the handler below /dashboard; rest is what follows
// "/dashboard/". As in graphite-web a name has no slash, and only what takes none
// may end in one. What changes something is a POST, though graphite-web deletes
// on GET too: an image in any page could do that.
func dashboardRoute(rest string) handler {
	switch strings.TrimSuffix(rest, "/") {
	case "find":
		return getOrPost(func(q *request) error { return q.findSaved((*store.Store).Dashboards, "dashboards") })
	case "find_template":
		return getOrPost(func(q *request) error { return q.findSaved((*store.Store).Templates, "templates") })
	case "create-temporary":
		return post(createTemporary)
	}
	verb, name, _ := strings.Cut(rest, "/")
	name, key, keyed := strings.Cut(name, "/")
	if name == "" || keyed && (key == "" || strings.Contains(key, "/")) {
		return nil
	}
	type call func(q *request, name, key string) error
	bind := func(f call) handler {
		return func(q *request) error {
			if err := cleanName("name", name); err != nil {
				return err
			}
			return f(q, name, key)
		}
	}
	switch verb {
	case "save":
		if !keyed {
			return post(bind(saveDashboard))
		}
	case "save_template":
		if keyed {
			return post(bind(saveTemplate))
		}
	case "load":
		if !keyed {
			return getOrPost(bind(loadDashboard))
		}
		return getOrPost(bind(loadTemplate))
	case "load_template":
		if keyed {
			return getOrPost(bind(loadTemplate))
		}
	case "delete":
		if !keyed {
			return post(bind(deleteDashboard))
		}
	case "delete_template":
		if !keyed {
			return post(bind(deleteTemplate))
		}
	}
	return nil
}

// dashboardPage returns the handler of the page of a dashboard by its name, or of a
// template with what it is filled with: nil when rest is neither. As in graphite-web
// whoever asks gets the page.
func (q *request) dashboardPage(rest string) handler {
	name, key, keyed := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
	if !q.IsGet() && !q.IsHead() || name == "" || keyed && (key == "" || strings.Contains(key, "/")) {
		return nil
	}
	return func(q *request) error {
		if err := cleanName("name", name); err != nil {
			return err
		}
		return page(q)
	}
}

// cleanName refuses the names that graphite-web's str_param does.
func cleanName(what, s string) error {
	if strings.ContainsAny(s, "&<>~!@#$%^*()`") {
		return badRequest(what + " contain restricted symbols")
	}
	return nil
}

// saved returns what people have saved.
func (q *request) saved() (*store.Store, error) {
	if q.s.o.Saved == nil {
		return nil, notFound("nothing can be saved here")
	}
	return q.s.o.Saved, nil
}

// storeError gives an error of the store its status.
func storeError(err error) error {
	var limit *store.LimitError
	switch {
	case errors.As(err, &limit):
		return badRequest(limit.What)
	case errors.Is(err, store.ErrTooMany):
		return badRequest(store.ErrTooMany.Error())
	case errors.Is(err, store.ErrFull):
		return &failure{fasthttp.StatusInsufficientStorage, "there is no more room to save this"}
	}
	return err
}

// answerJSON answers with an object.
func (q *request) answerJSON(write func(w *encode.Writer)) error {
	w := encode.Writer{Buf: q.body()}
	w.Open('{')
	write(&w)
	w.Close('}')
	q.finish(w.Buf, "application/json")
	return nil
}

func (q *request) answerSuccess() error {
	return q.answerJSON(func(w *encode.Writer) {
		w.Key("success")
		w.Bool(true)
	})
}

// answerMissing answers as graphite-web, with 200.
func (q *request) answerMissing(noun, name string) error {
	return q.answerJSON(func(w *encode.Writer) {
		w.Key("error")
		w.String(noun + " '" + name + "' does not exist. ")
	})
}

// state reads the parameter state, which must be JSON.
func (q *request) state() (v jsonValue, err error) {
	text, ok := q.p.find("state")
	if !ok {
		return v, badRequest("Missing required parameter 'state'")
	}
	if v, err = parseJSON([]byte(text)); err != nil {
		return v, badRequest("state is not JSON: " + err.Error())
	}
	return v, nil
}

func saveDashboard(q *request, name, _ string) error {
	s, err := q.saved()
	if err != nil {
		return err
	}
	state, err := q.state()
	if err != nil {
		return err
	}
	if err := s.Dashboards().Save(name, state.bytes()); err != nil {
		return storeError(err)
	}
	return q.answerSuccess()
}

func createTemporary(q *request) error {
	s, err := q.saved()
	if err != nil {
		return err
	}
	state, err := q.state()
	if err != nil {
		return err
	}
	name, err := s.Dashboards().Create("temporary-", state.bytes())
	if err != nil {
		return storeError(err)
	}
	return q.answerJSON(func(w *encode.Writer) {
		w.Key("name")
		w.String(name)
	})
}

func loadDashboard(q *request, name, _ string) error {
	return q.loadSaved((*store.Store).Dashboards, "Dashboard", name, func(w *encode.Writer, state []byte) error {
		w.Raw(state)
		return nil
	})
}

// loadSaved answers with the state that is saved under a name, as write writes it.
func (q *request) loadSaved(of func(*store.Store) store.Folder, noun, name string, write func(w *encode.Writer, state []byte) error) error {
	s, err := q.saved()
	if err != nil {
		return err
	}
	state, ok, err := of(s).Load(name)
	if err != nil {
		return err
	}
	if !ok {
		return q.answerMissing(noun, name)
	}
	var failed error
	err = q.answerJSON(func(w *encode.Writer) {
		w.Key("state")
		failed = write(w, state)
	})
	return errors.Join(failed, err)
}

func deleteDashboard(q *request, name, _ string) error {
	return q.deleteSaved((*store.Store).Dashboards, "Dashboard", name)
}

func deleteTemplate(q *request, name, _ string) error {
	return q.deleteSaved((*store.Store).Templates, "Template", name)
}

func (q *request) deleteSaved(of func(*store.Store) store.Folder, noun, name string) error {
	s, err := q.saved()
	if err != nil {
		return err
	}
	ok, err := of(s).Delete(name)
	switch {
	case err != nil:
		return storeError(err)
	case !ok:
		return q.answerMissing(noun, name)
	}
	return q.answerSuccess()
}

// findSaved answers with the names that hold every word of query=, upper and
// lower case alike. Temporary dashboards are hidden.
func (q *request) findSaved(of func(*store.Store) store.Folder, key string) error {
	s, err := q.saved()
	if err != nil {
		return err
	}
	names, err := of(s).Names("")
	if err != nil {
		return err
	}
	words := strings.Fields(strings.ToLower(q.p.get("query")))
	return q.answerJSON(func(w *encode.Writer) {
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
