package config

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"graphited/config/rules"
)

// Status is the configuration that is in force, for people. Its JSON is the part "config" of GET
// /status.
type Status struct {
	File     string       `json:"file"` // "": none, Graphite's defaults
	Instance string       `json:"instance"`
	Conf     string       `json:"conf"` // the folder of the rule files
	Data     string       `json:"data"` // the folder of the whisper files
	Options  []Setting    `json:"options"`
	Schemas  []rules.Rule `json:"schemas"`     // in the order in which they are tried, up to the first that matches every metric
	Methods  []rules.Rule `json:"aggregation"` // likewise
	Names    []string     `json:"names"`       // filters and rewrite rules
}

// Setting is an option and its value. From is "default", the file and line, or the flag that it
// comes from.
type Setting struct {
	Section string `json:"section"`
	Name    string `json:"name"`
	Value   string `json:"value"` // as it would stand in the file; that of a password or token is not told
	From    string `json:"from"`
}

// Status returns what is in force now: options as the program was started with them, rules as they
// were read last.
func (l *Live) Status() Status {
	c, r := l.config, l.rules.Load()
	s := Status{File: c.File, Instance: c.Instance, Conf: c.Dirs.Conf, Data: c.Dirs.Data, Options: c.settings()}
	s.Schemas, s.Methods = r.Lists()
	s.Names = rules.NamesLists(l.names.Load(), l.Quotas())
	return s
}

// isDefault is where an option comes from that nobody has set.
const isDefault = "default"

// settings lists every option, those that somebody has set first, by section and name.
func (c *Config) settings() []Setting {
	var list []Setting
	add := func(section string, fields map[string]optionField) {
		for key, f := range fields {
			from, set := c.origins[origin{section, key}]
			if !set {
				from = isDefault
			}
			list = append(list, Setting{section, key, f.shown(), from})
		}
	}
	carbon, web, access, process := c.Carbon, c.Web, c.Access, c.Process
	add("cache", optionFields(&carbon, &access.Cache, &process))
	add("web", optionFields(&web, &access.Web))
	for _, d := range [...]struct{ key, folder string }{
		{"CONF_DIR", c.Dirs.Conf}, {"STORAGE_DIR", c.Dirs.Storage}, {"LOG_DIR", c.Dirs.Log}, {"WHITELISTS_DIR", c.Dirs.Whitelists}, {"PID_DIR", c.Dirs.PID},
	} {
		from, set := c.origins[origin{"cache", d.key}]
		if !set {
			from = isDefault
		}
		list = append(list, Setting{"cache", d.key, d.folder, from})
	}
	slices.SortFunc(list, func(a, b Setting) int {
		return cmp.Or(cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Section, b.Section), cmp.Compare(a.Name, b.Name))
	})
	return list
}

// rank sorts what somebody has set before defaults.
func (s Setting) rank() int {
	if s.From == isDefault {
		return 1
	}
	return 0
}

// isSecret tells whether nobody must see the value of an option. What only names a file is none.
func isSecret(key string) bool {
	if strings.HasSuffix(key, "_FILE") || strings.HasSuffix(key, "_TLS_KEY") || strings.HasSuffix(key, "_TLS_CERT") {
		return false
	}
	return slices.ContainsFunc([]string{"PASS", "TOKEN", "SECRET", "CREDENTIAL", "AUTH", "USERS", "_KEY"}, func(word string) bool { return strings.Contains(key, word) })
}

// shown writes an option's value as it stands in a file, without what is secret in it.
func (o optionField) shown() string {
	switch x := o.value.Interface().(type) {
	case string:
		if x != "" && isSecret(o.key) {
			return "(set, not shown)"
		}
		return withoutPassword(x)
	case []string:
		if len(x) > 0 && isSecret(o.key) {
			return "(set, not shown)"
		}
		shown := make([]string, len(x))
		for i, s := range x {
			shown[i] = withoutPassword(s)
		}
		return strings.Join(shown, ", ")
	}
	return o.text()
}

// withoutPassword takes the password out of a URL, also out of one without its scheme.
func withoutPassword(s string) string {
	if strings.Contains(s, "@") && !strings.Contains(s, "://") {
		return strings.TrimPrefix(withoutPassword("http://"+s), "http://")
	}
	if u, err := url.Parse(s); err == nil && u.User != nil {
		return u.Redacted()
	}
	return s
}
