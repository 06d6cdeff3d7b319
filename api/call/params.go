package call

import (
	"mime/multipart"
	"strconv"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"graphited/render/attime"
)

// Params are the parameters of a request, those of the URL before those of the form. Like in
// graphite-web the last of a name counts where one value is wanted, and all of them in this order
// where a list is.
type Params []Param

// Param is one parameter.
type Param struct{ Name, Value string }

// ReadParams reads the URL and, of a POST, the form in its body.
func ReadParams(ctx *fasthttp.RequestCtx, most, maxBody int) (Params, error) {
	p := make(Params, 0, 8)
	for k, v := range ctx.QueryArgs().All() {
		p = p.add(string(k), string(v))
		if len(p) > most {
			return nil, TooManyParams(most)
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
			return nil, TooManyParams(most)
		}
	}
	return p, nil
}

func readMultipart(ctx *fasthttp.RequestCtx, p Params, most, maxBody int) (Params, error) {
	form, err := ctx.MultipartFormWithLimit(maxBody)
	if err != nil {
		return nil, BadRequest("cannot read the form: " + err.Error())
	}
	defer removeFiles(form)
	n := len(p)
	for _, values := range form.Value {
		n += len(values)
	}
	if n > most {
		return nil, TooManyParams(most)
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

// TooManyParams returns the error for more parameters, or entries of a body, than
// HTTP_MAX_PARAMETERS.
func TooManyParams(most int) error {
	return BadRequest("more than " + strconv.Itoa(most) + " parameters (HTTP_MAX_PARAMETERS)")
}

func (p Params) add(name, value string) Params {
	if name == "" && value == "" {
		return p
	}
	return append(p, Param{strings.ToValidUTF8(name, "\uFFFD"), strings.ToValidUTF8(value, "\uFFFD")})
}

// Find returns the last value of name.
func (p Params) Find(name string) (string, bool) {
	for i := len(p) - 1; i >= 0; i-- {
		if p[i].Name == name {
			return p[i].Value, true
		}
	}
	return "", false
}

// Get returns the last value of name, else "".
func (p Params) Get(name string) string {
	v, _ := p.Find(name)
	return v
}

// Has reports whether there is a parameter of that name, with any value.
func (p Params) Has(name string) bool {
	_, ok := p.Find(name)
	return ok
}

// List returns all values of name, or of name[] if there is none of name.
func (p Params) List(name string) []string {
	l := p.Values(name)
	if l == nil {
		l = p.Values(name + "[]")
	}
	return l
}

// Values returns all values of name.
func (p Params) Values(name string) []string {
	var l []string
	for _, x := range p {
		if x.Name == name {
			l = append(l, x.Value)
		}
	}
	return l
}

// Integer returns the last value of name, parsed like Python's int(), or def if there is none.
func (p Params) Integer(name string, def int64) (int64, error) {
	v, ok := p.Find(name)
	if !ok {
		return def, nil
	}
	return ParseInt(v)
}

// Time returns the last value of name, parsed as a time, or def if there is none. The time now is
// that of c.
func (p Params) Time(name, def string, c attime.Context) (time.Time, error) {
	v, ok := p.Find(name)
	if !ok {
		if def == "now" {
			return c.Now, nil
		}
		v = def
	}
	t, err := attime.Parse(v, c)
	if err != nil {
		return t, BadRequest(err.Error())
	}
	return t, nil
}
