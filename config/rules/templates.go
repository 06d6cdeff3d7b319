package rules

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"graphited/api"
	"graphited/config/ini"
	"graphited/config/problem"
)

const TemplatesFile = "graphTemplates.conf"

// LoadTemplates reads graphTemplates.conf of a folder, as graphite-web does: by the rules of
// Python's ConfigParser. Without the file there are the built-in templates, over which those of the
// file are laid. Nothing in it is an error, since points are received whatever their pictures look
// like: what cannot be used is left out with a warning.
func LoadTemplates(confDir string) (*api.Templates, problem.Report) {
	path := filepath.Join(confDir, TemplatesFile)
	text, err := os.ReadFile(path)
	var sections []api.TemplateSection
	var report problem.Report
	lines := map[setting]int{}
	switch {
	case err == nil:
		sections, report = templateSections(path, text, lines)
	case !errors.Is(err, fs.ErrNotExist):
		report = problem.Report{{File: path, Msg: "cannot read the file: " + err.Error() + ": the built-in templates are used"}}
	}
	templates, problems := api.NewTemplates(sections)
	for _, bad := range problems {
		i := slices.IndexFunc(sections, func(s api.TemplateSection) bool { return s.Name == bad.Section })
		p := problem.Problem{File: path, Line: lines[setting{bad.Section, bad.Key}], Section: bad.Section, Key: bad.Key, Value: sections[i].Settings[bad.Key], Msg: bad.Msg}
		if k := templateKey(bad.Key); k != "" {
			p.Key = k
		} else if n := problem.Nearest(bad.Key, api.TemplateKeys); n != "" {
			p.Msg += ": did you mean " + n + "?"
		}
		report = append(report, p)
	}
	for i := range report {
		report[i].Severity = problem.Warning
	}
	return templates, report.SortLines()
}

// setting is a key of a template.
type setting struct{ template, key string }

// templateSections takes the text apart, and notes on which line each setting stands.
func templateSections(path string, text []byte, lines map[setting]int) (sections []api.TemplateSection, report problem.Report) {
	f, report := ini.Parse(path, text)
	for _, s := range f.Sections {
		if s.Name == ini.DefaultSection {
			continue // it lends its settings to the others
		}
		items, more := f.Items(s)
		report = append(report, more...)
		settings := make(map[string]string, len(items))
		for _, e := range items {
			if e.Inherited && templateKey(e.Key) == "" {
				continue // a variable for others
			}
			settings[e.Key] = e.Value
			lines[setting{s.Name, e.Key}] = e.Line
		}
		sections = append(sections, api.TemplateSection{Name: s.Name, Settings: settings})
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
