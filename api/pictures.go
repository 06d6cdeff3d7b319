package api

import "graphited/render/draw"

// Templates are the templates of pictures, for template=.
type Templates = draw.Templates

// TemplateSection is a section of graphTemplates.conf.
type TemplateSection = draw.TemplateSection

// TemplateKeys are the keys of such a section.
var TemplateKeys = draw.TemplateKeys

// NewTemplates lays sections over the built-in templates, and returns the settings that it cannot
// use.
func NewTemplates(sections []TemplateSection) (*Templates, []draw.TemplateProblem) {
	return draw.NewTemplates(sections)
}
