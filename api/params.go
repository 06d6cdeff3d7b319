package api

import (
	"graphited/carbon/pyvalue"
	"mime/multipart"
	"strconv"
	"strings"

	"github.com/valyala/fasthttp"
)

// params are the parameters of a request, those of the URL before those of the
// form. As in graphite-web the last of a name counts where one is wanted, and
// all of them in this order where a list is.
type params []param

type param struct{ name, value string }

// readParams reads the URL and, of a POST, the form in its body.
func readParams(ctx *fasthttp.RequestCtx, most, maxBody int) (params, error) {
	p := make(params, 0, 8)
	for k, v := range ctx.QueryArgs().All() {
		p = p.add(string(k), string(v))
		if len(p) > most {
			return nil, tooManyParams(most)
		}
	}
	if !ctx.IsPost() {
		return p, nil
	}
	if strings.HasPrefix(string(ctx.Request.Header.ContentType()), "multipart/form-data") {
		return readMultipart(ctx, p, most, maxBody)
	}
	for k, v := range ctx.PostArgs().All() {
		p = p.add(string(k), string(v))
		if len(p) > most {
			return nil, tooManyParams(most)
		}
	}
	return p, nil
}

func readMultipart(ctx *fasthttp.RequestCtx, p params, most, maxBody int) (params, error) {
	form, err := ctx.MultipartFormWithLimit(maxBody)
	if err != nil {
		return nil, badRequest("cannot read the form: " + err.Error())
	}
	defer removeFiles(form)
	n := len(p)
	for _, values := range form.Value {
		n += len(values)
	}
	if n > most {
		return nil, tooManyParams(most)
	}
	for k, values := range form.Value {
		for _, v := range values {
			p = p.add(k, v)
		}
	}
	return p, nil
}

// removeFiles removes what a form with files left on disk.
func removeFiles(form *multipart.Form) { _ = form.RemoveAll() }

func tooManyParams(most int) error {
	return badRequest("more than " + strconv.Itoa(most) + " parameters (HTTP_MAX_PARAMETERS)")
}

func (p params) add(name, value string) params {
	if name == "" && value == "" {
		return p
	}
	return append(p, param{strings.ToValidUTF8(name, "\uFFFD"), strings.ToValidUTF8(value, "\uFFFD")})
}

// find returns the last value of name.
func (p params) find(name string) (string, bool) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].name == name {
			return p[i].value, true
		}
	}
	return "", false
}

// get returns the last value of name, else "".
func (p params) get(name string) string {
	v, _ := p.find(name)
	return v
}

// has tells whether name is there, with whatever value.
func (p params) has(name string) bool {
	_, ok := p.find(name)
	return ok
}

// list returns all values of name, or of name[] if there is none of name.
func (p params) list(name string) []string {
	l := p.values(name)
	if l == nil {
		l = p.values(name + "[]")
	}
	return l
}

func (p params) values(name string) []string {
	var l []string
	for _, x := range p {
		if x.name == name {
			l = append(l, x.value)
		}
	}
	return l
}

// integer returns the last value of name as Python's int() reads it, or def.
func (p params) integer(name string, def int64) (int64, error) {
	v, ok := p.find(name)
	if !ok {
		return def, nil
	}
	return parseInt(v)
}

// parseInt reads an integer as Python's int().
func parseInt(s string) (int64, error) {
	i, ok := pyvalue.ParseInt(s)
	if !ok {
		return 0, badRequest("invalid literal for int() with base 10: " + pyvalue.Quote(s))
	}
	return i, nil
}

// parseFloat reads a number as Python's float().
func parseFloat(s string) (float64, error) {
	f, ok := pyvalue.ParseFloat(s)
	if !ok {
		return 0, badRequest("could not convert string to float: " + pyvalue.Quote(s))
	}
	return f, nil
}
