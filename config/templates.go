package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"graphited/api"
)

const templatesFile = "graphTemplates.conf"

// LoadTemplates reads graphTemplates.conf of a folder, as graphite-web does: by the rules of
// Python's ConfigParser. Without the file there are the built-in templates, over which those of the
// file are laid. Nothing in it is an error, since points are received whatever their pictures look
// like: what cannot be used is left out with a warning.
func LoadTemplates(confDir string) (*api.Templates, Report) {
	path := filepath.Join(confDir, templatesFile)
	text, err := os.ReadFile(path)
	var sections []api.TemplateSection
	var report Report
	lines := map[setting]int{}
	switch {
	case err == nil:
		sections, report = templateSections(path, text, lines)
	case !errors.Is(err, fs.ErrNotExist):
		report = Report{{File: path, Msg: "cannot read the file: " + err.Error() + ": the built-in templates are used"}}
	}
	templates, problems := api.NewTemplates(sections)
	for _, bad := range problems {
		i := slices.IndexFunc(sections, func(s api.TemplateSection) bool { return s.Name == bad.Section })
		p := Problem{File: path, Line: lines[setting{bad.Section, bad.Key}], Section: bad.Section, Key: bad.Key, Value: sections[i].Settings[bad.Key], Msg: bad.Msg}
		if k := templateKey(bad.Key); k != "" {
			p.Key = k
		} else if n := nearest(bad.Key, api.TemplateKeys); n != "" {
			p.Msg += ": did you mean " + n + "?"
		}
		report = append(report, p)
	}
	for i := range report {
		report[i].Severity = Warning
	}
	return templates, report.sortLines()
}

// setting is a key of a template.
type setting struct{ template, key string }

// templateSections takes the text apart, and notes on which line each setting stands.
func templateSections(path string, text []byte, lines map[setting]int) (sections []api.TemplateSection, report Report) {
	f, report := parseINI(path, text)
	for _, s := range f.sections {
		if s.name == defaultSection {
			continue // it lends its settings to the others
		}
		items, more := f.items(s)
		report = append(report, more...)
		settings := make(map[string]string, len(items))
		for _, e := range items {
			if e.inherited && templateKey(e.key) == "" {
				continue // a variable for others
			}
			settings[e.key] = e.value
			lines[setting{s.name, e.key}] = e.line
		}
		sections = append(sections, api.TemplateSection{Name: s.name, Settings: settings})
	}
	return sections, report
}

// templateKey returns a key in the spelling of graphite-web's example, "" for none of a template's.
func templateKey(key string) string {
	i := slices.IndexFunc(api.TemplateKeys, func(k string) bool { return strings.EqualFold(k, key) })
	if i < 0 {
		return ""
	}
	return api.TemplateKeys[i]
}
