package config

import (
	"cmp"
	"slices"

	"graphited/api"
	"graphited/carbon/conf"
)

// Option is what is declared of an option, see conf.Options for the tags.
type Option struct {
	Section string
	Name    string
	Default string // as it would stand in the file; "" for none
	Kind    string // its tag is; "" for a boolean, a text or a list
	Type    string // boolean, text, list, time, size or number
	Unit    string // what a number counts
	OneOf   string // the words that it may be, with commas between them
	Min     string
	Max     string
	Own     bool // carbon and graphite-web do not know it
	Doc     string
}

// Options lists all options, by section and name. Folders of section [cache] that are options of
// nothing but the configuration are among them.
func Options() []Option {
	c, w, a := conf.DefaultOptions(), api.DefaultOptions(), Access{}
	var list []Option
	for _, t := range [...]target{{"cache", optionFields(&c, &a.Cache)}, {"web", optionFields(&w, &a.Web)}} {
		for key, f := range t.fields {
			o := Option{
				Section: t.section, Name: key, Default: f.text(), Kind: f.is(), Type: f.typeName(), Unit: f.tag.Get("unit"), OneOf: f.tag.Get("oneof"),
				Min: f.tag.Get("min"), Max: f.tag.Get("max"), Own: f.tag.Get("own") != "", Doc: f.tag.Get("doc"),
			}
			if key == "MAX_QUERIES" {
				o.Default = "two for each core"
			}
			list = append(list, o)
		}
	}
	for _, d := range dirOptions {
		d.Section, d.Kind, d.Type = "cache", "path", "text"
		if i := slices.IndexFunc(list, func(o Option) bool { return o.Name == d.Name }); i >= 0 {
			list[i].Default = d.Default
		} else {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Option) int { return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.Name, b.Name)) })
	return list
}

// dirOptions are the options of section [cache] that name folders, see dirKeys.
var dirOptions = [...]Option{
	{Name: "CONF_DIR", Default: "the folder of carbon.conf", Doc: "The folder of storage-schemas.conf and the other rule files."},
	{Name: "STORAGE_DIR", Default: "GRAPHITE_STORAGE_DIR, else graphited-data in the current folder", Doc: "The folder of the data. The flag --storage-dir wins."},
	{Name: "LOCAL_DATA_DIR", Default: "whisper in STORAGE_DIR"},
	{Name: "LOG_DIR", Default: "log/carbon-cache in STORAGE_DIR", Doc: "Not used: the log goes to standard error."},
	{Name: "WHITELISTS_DIR", Default: "lists in STORAGE_DIR", Doc: "Not used: whitelist.conf and blacklist.conf are in CONF_DIR."},
	{Name: "PID_DIR", Default: "STORAGE_DIR", Doc: "Not used: there is no file with the process's number."},
}
