package api

import (
	"hash/fnv"
	"math"

	"graphited/api/cluster"
	"graphited/carbon/index"
	"graphited/render/encode"
)

// tagsRoute returns the handler below /tags; rest is what follows "/tags/".
// Whatever is no verb is the name of a tag.
func tagsRoute(q *request, rest string) handler {
	q.jsonErrors = true
	switch rest {
	case "":
		return get(tagList)
	case "tagSeries":
		return post(tagSeries)
	case "tagMultiSeries":
		return post(tagMultiSeries)
	case "delSeries":
		return post(delSeries)
	case "findSeries":
		return getOrPost(limited(findSeries))
	case "autoComplete/tags":
		return getOrPost(limited(completeTags))
	case "autoComplete/values":
		return getOrPost(limited(completeValues))
	}
	return get(func(q *request) error { return tagDetail(q, rest) })
}

// tagsJSON answers as graphite-web's @jsonResponse: keys sorted when pretty.
func (q *request) tagsJSON(write func(w *encode.Writer)) error {
	w := q.writer()
	write(&w)
	q.finish(w.Buf, "application/json")
	return nil
}

// limit reads limit=, def where it is missing, or empty and the default none.
func (q *request) limit(def int) (int, error) {
	v, ok := q.p.find("limit")
	if !ok || v == "" && def == 0 {
		return def, nil
	}
	n, err := parseInt(v)
	return int(max(0, min(n, math.MaxInt32))), err
}

// wantsNone reports limit=0: graphite-web's database then gives nothing, while the index takes 0
// for no limit.
func (q *request) wantsNone() bool {
	n, err := parseInt(q.p.get("limit"))
	return err == nil && n == 0
}

func tagSeries(q *request) error {
	path := q.p.get("path")
	if path == "" {
		return badRequest("no path specified")
	}
	canonical, err := q.tag([]string{path})
	if err != nil {
		return err
	}
	return q.tagsJSON(func(w *encode.Writer) { w.String(canonical[0]) })
}

func tagMultiSeries(q *request) error {
	paths := q.p.list("path")
	if paths == nil {
		return badRequest("no paths specified")
	}
	canonical, err := q.tag(paths)
	if err != nil {
		return err
	}
	return q.tagsJSON(func(w *encode.Writer) { w.Strings(canonical) })
}

// tag makes series known, all or none, and returns their canonical names.
func (q *request) tag(paths []string) ([]string, error) {
	if q.s.o.Tags == nil {
		return nil, badRequest("tags are not kept here")
	}
	canonical, err := canonicalNames(paths)
	if err != nil {
		return nil, err
	}
	for _, c := range canonical {
		q.s.o.Tags.Add(c)
	}
	return canonical, nil
}

// canonicalNames returns the canonical name of each path.
func canonicalNames(paths []string) ([]string, error) {
	canonical := make([]string, len(paths))
	for i, path := range paths {
		c, err := index.ParseTagged(path)
		if err != nil {
			return nil, badRequest(err.Error())
		}
		canonical[i] = c
	}
	return canonical, nil
}

func delSeries(q *request) error {
	paths := q.p.list("path")
	if paths == nil {
		return badRequest("no path specified")
	}
	canonical, err := canonicalNames(paths)
	if err != nil {
		return err
	}
	if q.s.o.Tags != nil {
		for _, c := range canonical {
			q.s.o.Tags.Delete(c)
		}
	}
	return q.tagsJSON(func(w *encode.Writer) { w.Bool(true) })
}

func findSeries(q *request) error {
	exprs := q.p.list("expr")
	if exprs == nil {
		return badRequest("no tag expressions specified")
	}
	return q.tagStrings(0,
		func(t Tags) ([]string, error) { return t.Find(exprs) },
		func(c *cluster.Cluster) ([]string, cluster.Outcome, error) { return c.FindTagged(q.ctx, exprs) })
}

func completeTags(q *request) error {
	limit, err := q.limit(q.s.o.AutocompleteLimit)
	if err != nil {
		return err
	}
	exprs, prefix := q.p.list("expr"), q.p.get("tagPrefix")
	return q.tagStrings(limit,
		func(t Tags) ([]string, error) { return t.CompleteTags(exprs, prefix, limit) },
		func(c *cluster.Cluster) ([]string, cluster.Outcome, error) {
			return c.CompleteTags(q.ctx, exprs, prefix, limit)
		})
}

func completeValues(q *request) error {
	tag := q.p.get("tag")
	if tag == "" {
		return badRequest("no tag specified")
	}
	limit, err := q.limit(q.s.o.AutocompleteLimit)
	if err != nil {
		return err
	}
	exprs, prefix := q.p.list("expr"), q.p.get("valuePrefix")
	return q.tagStrings(limit,
		func(t Tags) ([]string, error) { return t.CompleteValues(exprs, tag, prefix, limit) },
		func(c *cluster.Cluster) ([]string, cluster.Outcome, error) {
			return c.CompleteValues(q.ctx, exprs, tag, prefix, limit)
		})
}

// tagStrings answers with a list of strings from the index, and what the cluster
// adds to it; a limit of 0 or less is none.
func (q *request) tagStrings(limit int, ask func(Tags) ([]string, error), others func(*cluster.Cluster) ([]string, cluster.Outcome, error)) error {
	var list []string
	if q.s.o.Tags != nil {
		var err error
		if list, err = ask(q.s.o.Tags); err != nil {
			return badRequest(err.Error())
		}
	}
	list, err := q.withOthers(list, others)
	if err != nil {
		return err
	}
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	if q.wantsNone() {
		list = nil
	}
	return q.tagsJSON(func(w *encode.Writer) { w.Strings(list) })
}

func tagList(q *request) error {
	limit, err := q.limit(0)
	if err != nil {
		return err
	}
	var tags []string
	if q.s.o.Tags != nil {
		if tags, err = q.s.o.Tags.Tags(q.p.get("filter"), limit); err != nil {
			return badRequest(err.Error())
		}
	}
	if q.wantsNone() {
		tags = nil
	}
	return q.tagsJSON(func(w *encode.Writer) {
		w.Open('[')
		for _, t := range tags {
			w.Open('{')
			w.Key("id")
			w.Int(tagID(t))
			w.Key("tag")
			w.String(t)
			w.Close('}')
		}
		w.Close(']')
	})
}

func tagDetail(q *request, tag string) error {
	limit, err := q.limit(0)
	if err != nil {
		return err
	}
	var values []index.TagValue
	if q.s.o.Tags != nil {
		if values, err = q.s.o.Tags.Values(tag, q.p.get("filter"), limit); err != nil {
			return badRequest(err.Error())
		}
	}
	if q.wantsNone() {
		values = values[:0]
	}
	return q.tagsJSON(func(w *encode.Writer) {
		if values == nil {
			w.Null()
			return
		}
		w.Open('{')
		w.Key("id")
		w.Int(tagID(tag))
		w.Key("tag")
		w.String(tag)
		w.Key("values")
		w.Open('[')
		for _, v := range values {
			w.Open('{')
			if w.Indent { // graphite-web sorts the keys then
				w.Key("count")
				w.Int(int64(v.Count))
			}
			w.Key("id")
			w.Int(tagID(v.Value))
			w.Key("value")
			w.String(v.Value)
			if !w.Indent {
				w.Key("count")
				w.Int(int64(v.Count))
			}
			w.Close('}')
		}
		w.Close(']')
		w.Close('}')
	})
}

// tagID is a number that stays with a tag or a value. In graphite-web it is that
// of a row in a database; nobody is known to use it.
func tagID(s string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	return int64(h.Sum32() >> 1)
}
