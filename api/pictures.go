package api

import "graphited/render/draw"

// Templates are what pictures can ask for with template=.
type Templates = draw.Templates

// TemplateSection is a section of graphTemplates.conf.
type TemplateSection = draw.TemplateSection

// TemplateKeys are what such a section can set.
var TemplateKeys = draw.TemplateKeys

// NewTemplates lays sections over the built-in templates, and tells which settings
// cannot be used.
func NewTemplates(sections []TemplateSection) (*Templates, []draw.TemplateProblem) {
	return draw.NewTemplates(sections)
}
