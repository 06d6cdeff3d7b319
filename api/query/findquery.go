package query

import (
	"strings"

	"graphited/api/call"
	"graphited/carbon/pyvalue"
	"graphited/render/attime"
)

// findQuery has the parameters of a request to /metrics/find.
type findQuery struct {
	query             string
	format            string
	leavesOnly        bool
	wildcards         bool // with a "*" among what is found
	automaticVariants bool // a,b means {a,b}
	position          int
	from, until       int64 // 0: whenever
}

// parseFind reads the parameters of /metrics/find. from and until are for other members: here names
// are found whenever they have points.
func parseFind(q *call.Request) (f findQuery, err error) {
	p := q.Params
	f.format = "treejson"
	if v, ok := p.Find("format"); ok {
		f.format = v
	}
	position, local := int64(-1), int64(0)
	var leaves, wildcards, variants int64
	for _, x := range [...]struct {
		name string
		to   *int64
	}{{"leavesOnly", &leaves}, {"local", &local}, {"wildcards", &wildcards}, {"position", &position}, {"automatic_variants", &variants}} {
		v, ok := p.Find(x.name)
		if !ok {
			continue
		}
		if *x.to, err = call.ParseInt(v); err != nil {
			return f, call.BadRequest("Invalid int value " + pyvalue.Quote(v) + " for param " + x.name + ": " + err.Error())
		}
	}
	f.leavesOnly, f.wildcards, f.automaticVariants = leaves != 0, wildcards != 0, variants != 0
	f.position = int(max(min(position, 1<<20), -1<<20))
	zone := q.Site.Zones.Get(p.Get("tz"))
	c := attime.Context{Now: q.Site.Now().In(zone), Location: zone}
	for _, name := range [...]string{"now", "from", "until"} {
		v, ok := p.Find(name)
		if !ok || v == "-1" && name != "now" {
			continue
		}
		t, err := attime.Parse(v, c)
		if err != nil {
			return f, call.BadRequest("Invalid value " + pyvalue.Quote(v) + " for param " + name + ": " + err.Error())
		}
		switch name {
		case "now":
			c.Now = t
		case "from":
			f.from = t.Unix()
		case "until":
			f.until = t.Unix()
		}
	}
	query, ok := p.Find("query")
	switch {
	case !ok:
		return f, call.BadRequest("Missing required parameter 'query'")
	case query == "":
		return f, call.BadRequest("Required parameter 'query' is empty")
	}
	f.query = query
	return f, nil
}

// pattern returns the pattern to look up. What a completer sends is the beginning of a name.
func (f *findQuery) pattern() string {
	if f.format != "completer" {
		return f.query
	}
	query := strings.ReplaceAll(f.query, "..", "*.")
	if !strings.HasSuffix(query, "*") {
		query += "*"
	}
	if !f.automaticVariants {
		return query
	}
	parts := strings.Split(query, ".")
	for i, part := range parts {
		if strings.Contains(part, ",") && !strings.Contains(part, "{") {
			parts[i] = "{" + part + "}"
		}
	}
	return strings.Join(parts, ".")
}
