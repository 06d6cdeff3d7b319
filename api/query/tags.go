package query

import (
	"hash/fnv"
	"math"

	"graphited/api/call"

	"graphited/api/cluster"
	"graphited/carbon/index"
	"graphited/render/encode"
)

// tagsJSON answers like graphite-web's @jsonResponse views.
func tagsJSON(q *call.Request, write func(w *encode.Writer)) error {
	w := q.Writer()
	write(&w)
	q.Finish(w.Buf, "application/json")
	return nil
}

// limit returns limit=, or def if it is missing, or if it is empty and def is 0.
func limit(q *call.Request, def int) (int, error) {
	v, ok := q.Params.Find("limit")
	if !ok || v == "" && def == 0 {
		return def, nil
	}
	n, err := call.ParseInt(v)
	return int(max(0, min(n, math.MaxInt32))), err
}

// wantsNone reports whether limit= is 0. graphite-web's database then gives nothing, while 0 means
// no limit to the index.
func wantsNone(q *call.Request) bool {
	n, err := call.ParseInt(q.Params.Get("limit"))
	return err == nil && n == 0
}

// AddSeries answers /tags/tagSeries: it makes a series known.
func (v *Views) AddSeries(q *call.Request) error {
	path := q.Params.Get("path")
	if path == "" {
		return call.BadRequest("no path specified")
	}
	canonical, err := v.tag([]string{path})
	if err != nil {
		return err
	}
	return tagsJSON(q, func(w *encode.Writer) { w.String(canonical[0]) })
}

// AddMultiSeries answers /tags/tagMultiSeries: it makes several series known.
func (v *Views) AddMultiSeries(q *call.Request) error {
	paths := q.Params.List("path")
	if paths == nil {
		return call.BadRequest("no paths specified")
	}
	canonical, err := v.tag(paths)
	if err != nil {
		return err
	}
	return tagsJSON(q, func(w *encode.Writer) { w.Strings(canonical) })
}

// tag makes all series known, or none if a path is invalid, and returns their canonical names.
func (v *Views) tag(paths []string) ([]string, error) {
	if v.Tags == nil {
		return nil, call.BadRequest("tags are not kept here")
	}
	canonical, err := canonicalNames(paths)
	if err != nil {
		return nil, err
	}
	for _, c := range canonical {
		v.Tags.Add(c)
	}
	return canonical, nil
}

// canonicalNames returns the canonical name of each path.
func canonicalNames(paths []string) ([]string, error) {
	canonical := make([]string, len(paths))
	for i, path := range paths {
		c, err := index.ParseTagged(path)
		if err != nil {
			return nil, call.BadRequest(err.Error())
		}
		canonical[i] = c
	}
	return canonical, nil
}

// DeleteSeries answers /tags/delSeries: the tag index forgets series.
func (v *Views) DeleteSeries(q *call.Request) error {
	paths := q.Params.List("path")
	if paths == nil {
		return call.BadRequest("no path specified")
	}
	canonical, err := canonicalNames(paths)
	if err != nil {
		return err
	}
	if v.Tags != nil {
		for _, c := range canonical {
			v.Tags.Delete(c)
		}
	}
	return tagsJSON(q, func(w *encode.Writer) { w.Bool(true) })
}

// FindSeries answers /tags/findSeries: the series that match all expr=.
func (v *Views) FindSeries(q *call.Request) error {
	exprs := q.Params.List("expr")
	if exprs == nil {
		return call.BadRequest("no tag expressions specified")
	}
	return v.tagStrings(q, 0,
		func(t Tags) ([]string, error) { return t.Find(exprs) },
		func(c *cluster.Cluster) ([]string, cluster.Outcome, error) { return c.FindTagged(q.Ctx, exprs) })
}

// CompleteTags answers /tags/autoComplete/tags.
func (v *Views) CompleteTags(q *call.Request) error {
	most, err := limit(q, v.AutocompleteLimit)
	if err != nil {
		return err
	}
	exprs, prefix := q.Params.List("expr"), q.Params.Get("tagPrefix")
	return v.tagStrings(q, most,
		func(t Tags) ([]string, error) { return t.CompleteTags(exprs, prefix, most) },
		func(c *cluster.Cluster) ([]string, cluster.Outcome, error) {
			return c.CompleteTags(q.Ctx, exprs, prefix, most)
		})
}

// CompleteValues answers /tags/autoComplete/values.
func (v *Views) CompleteValues(q *call.Request) error {
	tag := q.Params.Get("tag")
	if tag == "" {
		return call.BadRequest("no tag specified")
	}
	most, err := limit(q, v.AutocompleteLimit)
	if err != nil {
		return err
	}
	exprs, prefix := q.Params.List("expr"), q.Params.Get("valuePrefix")
	return v.tagStrings(q, most,
		func(t Tags) ([]string, error) { return t.CompleteValues(exprs, tag, prefix, most) },
		func(c *cluster.Cluster) ([]string, cluster.Outcome, error) {
			return c.CompleteValues(q.Ctx, exprs, tag, prefix, most)
		})
}

// tagStrings answers with a list of strings from the index, and what the cluster
// adds to it. most 0 or less means no limit.
func (v *Views) tagStrings(q *call.Request, most int, ask func(Tags) ([]string, error), others func(*cluster.Cluster) ([]string, cluster.Outcome, error)) error {
	var list []string
	if v.Tags != nil {
		var err error
		if list, err = ask(v.Tags); err != nil {
			return call.BadRequest(err.Error())
		}
	}
	list, err := v.Names.WithOthers(q, list, others)
	if err != nil {
		return err
	}
	if most > 0 && len(list) > most {
		list = list[:most]
	}
	if wantsNone(q) {
		list = nil
	}
	return tagsJSON(q, func(w *encode.Writer) { w.Strings(list) })
}

// TagNames answers /tags: all tags.
func (v *Views) TagNames(q *call.Request) error {
	most, err := limit(q, 0)
	if err != nil {
		return err
	}
	var tags []string
	if v.Tags != nil {
		if tags, err = v.Tags.Tags(q.Params.Get("filter"), most); err != nil {
			return call.BadRequest(err.Error())
		}
	}
	if wantsNone(q) {
		tags = nil
	}
	return tagsJSON(q, func(w *encode.Writer) {
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

// TagValues answers /tags/<tag>: the values of a tag.
func (v *Views) TagValues(q *call.Request) error {
	tag := q.Var("tag")
	most, err := limit(q, 0)
	if err != nil {
		return err
	}
	var values []index.TagValue
	if v.Tags != nil {
		if values, err = v.Tags.Values(tag, q.Params.Get("filter"), most); err != nil {
			return call.BadRequest(err.Error())
		}
	}
	if wantsNone(q) {
		values = values[:0]
	}
	return tagsJSON(q, func(w *encode.Writer) {
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
		for _, x := range values {
			w.Open('{')
			if w.Indent { // graphite-web sorts the keys then
				w.Key("count")
				w.Int(int64(x.Count))
			}
			w.Key("id")
			w.Int(tagID(x.Value))
			w.Key("value")
			w.String(x.Value)
			if !w.Indent {
				w.Key("count")
				w.Int(int64(x.Count))
			}
			w.Close('}')
		}
		w.Close(']')
		w.Close('}')
	})
}

// tagID returns a number that is always the same for a tag or a value. In graphite-web it is the
// number of a row in a database. No client is known to use it.
func tagID(s string) int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(s))
	return int64(h.Sum32() >> 1)
}
