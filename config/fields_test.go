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
	"EngineOptions.Functions": "the functions of render/fn",
	"EngineOptions.Store":     "another part of the program",
	"EngineOptions.Events":    "another part of the program",
	"EngineOptions.Remote":    "made of CLUSTER_SERVERS",
	"EngineOptions.Workers":   "follows from the processors",
	"EngineOptions.Timeout":   "the request's context has QUERY_TIMEOUT",

	"DrawOptions.Templates":    "graphTemplates.conf",
	"StoreOptions.LockTimeout": "for a restart that overlaps with the end of the process before",
	"StoreOptions.Now":         "the clock of tests",
}

// TestFields wants every exported field of the options to be set by a file, or to be in the list above
// with the reason: an option that is declared and never set is worse than none. What is not
// configuration is in api.Deps, which TestDeps of the program checks.
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
