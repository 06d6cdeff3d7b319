package client

import (
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v2"
	"github.com/valyala/fasthttp"

	"graphited/api"
	"graphited/render/draw"
)

// Render returns the command render. flags are the flags that locate the server or the files.
// Output without a file goes to out, warnings go to warn.
func Render(flags []cli.Flag, place Placer, out, warn io.Writer) *cli.Command {
	r := &renderer{place: place, out: out, warn: warn}
	return &cli.Command{
		Name: "render", Usage: "draw targets, or write their values, into a file", ArgsUsage: "TARGET...",
		Description: "Asks the running server. With --dir it reads the whisper files there instead, and with --storage-dir if no server has that folder. It does not change files,\n" +
			"and does not see points that are not in files yet. The extension of the file name selects the format: png, svg, pdf, json, csv, raw, pickle, msgpack.\n" +
			"Exits with 1 when no series is found.",
		Flags:  append(renderFlags(), flags...),
		Action: r.run,
	}
}

// renderFlags returns the flags of the command itself and a flag for every parameter of /render,
// with the name of the parameter.
func renderFlags() []cli.Flag {
	text := func(category, name, usage string) cli.Flag {
		return &cli.StringFlag{Category: category, Name: name, Usage: usage}
	}
	const query, picture = "The query", "The look of a picture"
	flags := append(serverFlags(),
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Usage: "write to `FILE`; without it, or with -, to standard output"},
		text("", "format", "the format, if the extension of the file does not select it (default: json)"),
		text("", "dir", "read the whisper files in `FOLDER`, and ask no server"),
		text(query, "from", "as in /render (default: -1d)"),
		text(query, "until", "as in /render (default: now)"),
		text(query, "now", "the time to which from and until are relative"),
		text(query, "tz", "time zone"),
		text(query, "graphType", "line or pie"),
		text(query, "maxDataPoints", "the greatest number of points per series, in json"),
		text(query, "noNullPoints", "true leaves missing points out, in json"),
		text(query, "pretty", "true indents json"),
		text(query, "xFilesFactor", "share of points that must have a value where points are consolidated"),
		&cli.StringSliceFlag{Category: query, Name: "var", Usage: "`NAME=VALUE` for a variable of template()"},
	)
	for _, p := range draw.Parameters() {
		flags = append(flags, text(picture, p.Name, p.Doc))
	}
	return flags
}

// own reports whether a flag is not a parameter of /render.
func own(name string) bool {
	return slices.Contains([]string{"output", "dir", "var", "server", "ca", "server-name"}, name)
}

type renderer struct {
	place     Placer
	out, warn io.Writer
}

func (r *renderer) run(c *cli.Context) error {
	form, err := form(c)
	if err != nil {
		return cli.Exit(err, 2)
	}
	var req fasthttp.Request
	var resp fasthttp.Response
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/x-www-form-urlencoded")
	req.SetBodyString(form.Encode())
	said, err := r.ask(c, &req, &resp)
	if err != nil {
		return err
	}
	if w := resp.Header.Peek("X-Graphited-Warning"); len(w) > 0 {
		fmt.Fprintf(r.warn, "graphited: %s\n", w)
	}
	if e := resp.Header.Peek("X-Graphited-Errors"); len(e) > 0 {
		fmt.Fprintf(r.warn, "graphited: not everything could be evaluated (number of the target, byte in it, what is missing, reason): %s\n", e)
	}
	if resp.StatusCode() != fasthttp.StatusOK {
		return fmt.Errorf("cannot render: %s", html.UnescapeString(said(resp.Body())))
	}
	if err := isAnswer(form, &resp, said); err != nil {
		return err
	}
	if err := r.write(c.String("output"), resp.Body()); err != nil {
		return err
	}
	if list := string(resp.Header.Peek("X-Graphited-Errors")); list != "" {
		return fmt.Errorf("cannot render all: %s", problems(list, c.Args().Slice()))
	}
	if string(resp.Header.Peek("X-Graphited-Series")) == "0" {
		return fmt.Errorf("no series was found for %s", strings.Join(c.Args().Slice(), " "))
	}
	return nil
}

// isAnswer refuses answers that do not come from /render, such as a login page or the page of
// another program: their content type is not that of the format.
func isAnswer(form url.Values, resp *fasthttp.Response, said func([]byte) string) error {
	want := map[string]string{
		"png": "image/png", "svg": "image/svg+xml", "pdf": "application/x-pdf", "json": "application/json", "csv": "text/csv", "raw": "text/plain",
		"pickle": "application/pickle", "msgpack": "application/x-msgpack", "dygraph": "application/json", "rickshaw": "application/json",
	}[form.Get("format")]
	if form.Get("graphType") == "pie" && !strings.HasPrefix(want, "image/") && want != "application/x-pdf" {
		want = "image/png" // a pie is always a picture
	}
	kind, _, _ := strings.Cut(string(resp.Header.ContentType()), ";")
	if strings.TrimSpace(kind) == want {
		return nil
	}
	return fmt.Errorf("cannot render: the answer is not one of Graphite: it has the type %q instead of %q: %q", kind, want, said(resp.Body()))
}

// problems formats the header of an incomplete answer with the targets themselves. Each entry has
// the number of its target, a position, a word and a text.
func problems(list string, targets []string) string {
	var texts []string
	for entry := range strings.SplitSeq(list, ";") {
		entry = strings.TrimSpace(entry)
		f := strings.SplitN(entry, " ", 4)
		if n, err := strconv.Atoi(f[0]); err == nil && len(f) == 4 && n >= 0 && n < len(targets) {
			entry = fmt.Sprintf("%q: %s", targets[n], f[3])
		}
		texts = append(texts, entry)
	}
	return strings.Join(texts, "; ")
}

// form returns the parameters of the request for the given flags.
func form(c *cli.Context) (url.Values, error) {
	form := url.Values{"target": c.Args().Slice(), "noCache": {"1"}}
	for _, f := range renderFlags() {
		switch name := f.Names()[0]; {
		case own(name) || !c.IsSet(name):
		case name == "title" || name == "vtitle" || name == "vtitleRight":
			form.Set(name, url.QueryEscape(c.String(name))) // /render unquotes titles twice, and would turn plus signs into spaces
		default:
			form.Set(name, c.String(name))
		}
	}
	for _, v := range c.StringSlice("var") {
		name, value, ok := strings.Cut(v, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("--var %q: expected NAME=VALUE", v)
		}
		form.Set("template["+name+"]", value)
	}
	if !form.Has("format") {
		form.Set("format", "json")
		if ext := filepath.Ext(c.String("output")); ext != "" {
			form.Set("format", strings.ToLower(ext[1:]))
		}
	}
	for _, name := range [...]string{"noNullPoints", "pretty"} { // /render treats any value as true
		if v := form.Get(name); v == "false" || v == "0" {
			form.Del(name)
		}
	}
	return form, known(form.Get("format"))
}

// known refuses formats that /render would treat as png.
func known(format string) error {
	formats := []string{"png", "svg", "pdf", "json", "csv", "raw", "pickle", "msgpack", "dygraph", "rickshaw"}
	if slices.Contains(formats, format) {
		return nil
	}
	return fmt.Errorf("format %q is not one of %s", format, strings.Join(formats, ", "))
}

// ask gets the answer from the server or the files that the flags select. said shortens an answer
// for a message.
func (r *renderer) ask(c *cli.Context, req *fasthttp.Request, resp *fasthttp.Response) (said func([]byte) string, err error) {
	if c.IsSet("server") && (c.IsSet("dir") || onLine(c, "storage-dir")) {
		return nil, cli.Exit("--server and a folder exclude each other", 2)
	}
	if c.IsSet("dir") {
		return r.askFiles(c, req, resp)
	}
	s, err := connect(c, r.place)
	var none noServer
	if errors.As(err, &none) && onLine(c, "storage-dir") {
		return r.askFiles(c, req, resp)
	}
	if err == nil {
		err = s.ask("/render", req, resp, timeout)
	}
	var gone unreachable
	if errors.As(err, &none) || errors.As(err, &gone) {
		err = fmt.Errorf("%w; --dir draws from whisper files without a server", err)
	}
	if err != nil {
		return nil, err
	}
	return s.said, nil
}

// askFiles gets the answer from whisper files.
func (r *renderer) askFiles(c *cli.Context, req *fasthttp.Request, resp *fasthttp.Response) (said func([]byte) string, err error) {
	p, err := r.place(c)
	if err != nil {
		return nil, err
	}
	o, d, err := p.Files(c.String("dir"))
	if err != nil {
		return nil, err
	}
	req.SetRequestURI("/render")
	return new(server).said, api.Answer(o, d, req, resp)
}

// write writes the answer. It does not replace the file by a new one, because the file may be a
// device or a link.
func (r *renderer) write(file string, body []byte) error {
	if file == "" || file == "-" {
		_, err := r.out.Write(body)
		return err
	}
	if err := os.WriteFile(file, body, 0o644); err != nil {
		return fmt.Errorf("cannot write the answer: %w", err)
	}
	return nil
}
