package config

import (
	"reflect"
	"testing"

	"graphited/api"
	"graphited/carbon/listen"
	"graphited/render"
)

// notConfigured are the exported fields of render's, draw's and api's options that no configuration
// file sets, with the reason.
var notConfigured = map[string]string{
	"EngineOptions.Store":   "another part of the program",
	"EngineOptions.Events":  "another part of the program",
	"EngineOptions.Remote":  "made of CLUSTER_SERVERS",
	"EngineOptions.Workers": "follows from the processors",
	"EngineOptions.Timeout": "the request's context has QUERY_TIMEOUT",

	"DrawOptions.Templates":    "graphTemplates.conf",
	"StoreOptions.LockTimeout": "for a restart that overlaps with the end of the process before",
	"StoreOptions.Now":         "the clock of tests",

	"Options.Credentials": "the file of HTTP_AUTH_FILE",
	"Options.Allow":       "made of HTTP_ALLOW",
	"Options.Listener":    "opened by root before the program became USER",
	"Options.TLS":         "made of HTTP_TLS_CERTIFICATE and HTTP_TLS_KEY",
	"Options.Engine":      "another part of the program",
	"Options.Finder":      "another part of the program",
	"Options.Search":      "another part of the program",
	"Options.Tags":        "another part of the program",
	"Options.Events":      "another part of the program",
	"Options.Saved":       "another part of the program",
	"Options.Cluster":     "made of CLUSTER_SERVERS",
	"Options.Describe":    "another part of the program",
	"Options.File":        "another part of the program",
	"Options.Space":       "another part of the program",
	"Options.Metadata":    "another part of the program",
	"Options.Ingest":      "another part of the program",
	"Options.Remove":      "another part of the program",
	"Options.Backup":      "another part of the program",
	"Options.Prometheus":  "another part of the program",
	"Options.Starting":    "another part of the program",
	"Options.Status":      "another part of the program",
	"Options.Explain":     "another part of the program",
	"Options.Cardinality": "another part of the program",
	"Options.Draw":        "made of DrawOptions",
	"Options.Version":     "Graphite's, by which clients choose what they ask",
	"Options.Health":      "another part of the program",
	"Options.Log":         "another part of the program",
	"Options.Now":         "the clock of tests",
}

// TestFields wants every exported field of the options to be set by a file, or to stand above with
// the reason: an option that is declared and that nobody hands over is worse than none.
func TestFields(t *testing.T) {
	c, _ := Load(Source{Env: func(string) string { return "" }})
	web := optionFields(&c.Web)
	seen := map[string]bool{}
	var walk func(name string, of reflect.Type)
	walk = func(name string, of reflect.Type) {
		for i := range of.NumField() {
			f := of.Field(i)
			key, tagged := f.Tag.Lookup("conf")
			field := name + "." + f.Name
			seen[field] = true
			if f.Type == reflect.TypeFor[listen.Address]() {
				key += "_PORT"
			}
			switch _, listed := notConfigured[field]; {
			case f.Anonymous && f.Type.Kind() == reflect.Struct:
				walk(f.Name, f.Type)
			case !f.IsExported():
			case tagged == listed:
				t.Errorf("%s has a conf tag: %v, stands in the list: %v", field, tagged, listed)
			case tagged && !web[key].value.IsValid():
				t.Errorf("%s: the section [web] does not set %s", field, key)
			}
		}
	}
	walk("Options", reflect.TypeFor[api.Options]())
	walk("EngineOptions", reflect.TypeFor[render.EngineOptions]())
	for field := range notConfigured {
		if !seen[field] {
			t.Errorf("%s stands in the list, and there is no such field", field)
		}
	}
}
