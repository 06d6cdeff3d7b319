package api

import (
	"mime/multipart"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

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

// parseInt reads an integer as Python's int(): spaces around it, a sign and
// underscores between digits are allowed.
func parseInt(s string) (int64, error) {
	t := strings.TrimSpace(s)
	if strings.HasPrefix(t, "_") || strings.HasSuffix(t, "_") || strings.Contains(t, "__") {
		t = ""
	}
	i, err := strconv.ParseInt(strings.ReplaceAll(t, "_", ""), 10, 64)
	if err != nil {
		return 0, badRequest("invalid literal for int() with base 10: " + quote(s))
	}
	return i, nil
}

// parseFloat reads a number as Python's float().
func parseFloat(s string) (float64, error) {
	t := strings.TrimSpace(s)
	f, err := strconv.ParseFloat(t, 64)
	if err != nil && !isRangeError(err) || strings.ContainsAny(t, "xXpP") {
		return 0, badRequest("could not convert string to float: " + quote(s))
	}
	return f, nil
}

func isRangeError(err error) bool {
	e, ok := err.(*strconv.NumError)
	return ok && e.Err == strconv.ErrRange
}

// quote quotes s as Python's repr, for messages that quote it.
func quote(s string) string {
	q := byte('\'')
	if strings.Contains(s, "'") && !strings.Contains(s, `"`) {
		q = '"'
	}
	b := append(make([]byte, 0, len(s)+2), q)
	for _, r := range s {
		switch {
		case r == rune(q) || r == '\\':
			b = append(b, '\\', byte(r))
		case r == '\n':
			b = append(b, '\\', 'n')
		case r == '\r':
			b = append(b, '\\', 'r')
		case r == '\t':
			b = append(b, '\\', 't')
		case unicode.IsPrint(r):
			b = utf8.AppendRune(b, r)
		case r < 0x100:
			b = append(b, '\\', 'x', hexDigits[r>>4], hexDigits[r&15])
		default:
			b = append(b, strings.Trim(strconv.QuoteRuneToASCII(r), "'")...)
		}
	}
	return string(append(b, q))
}

const hexDigits = "0123456789abcdef"
