package client

import (
	"errors"
	"flag"
	"fmt"
	"html"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/valyala/fasthttp"

	"graphited/api"
	"graphited/render/draw"
)

// Place is where the data is that a configuration speaks of.
type Place interface {
	// URL returns that of the running server.
	URL() (string, error)
	// Files returns what answers from the whisper files in dir alone, with "" from those of the configuration.
	Files(dir string) (api.Options, error)
}

// Render returns the command render. place reads the configuration that flags describe. What has no file to go to is written to out, warnings to warn.
func Render(flags []cli.Flag, place func(*cli.Context) (Place, error), out, warn io.Writer) *cli.Command {
	r := &renderer{place: place, out: out, warn: warn}
	return &cli.Command{
		Name: "render", Usage: "draw targets, or write their values, into a file", ArgsUsage: "TARGET... [-o FILE]",
		Description: "Asks the running server. With --dir, or --storage-dir in the command, it reads the whisper files instead: read-only, without a server or beside one,\n" +
			"and without the points that are not in files yet. The file's ending says what is written: png, svg, pdf, json, csv, raw, pickle, msgpack.",
		SkipFlagParsing: true, // options may come after targets
		HideHelpCommand: true,
		Flags:           append(renderFlags(), where(flags)...),
		Action:          r.run,
	}
}

// where returns those of the flags that lead to a server or to files.
func where(flags []cli.Flag) []cli.Flag {
	var kept []cli.Flag
	for _, f := range flags {
		if slices.Contains([]string{"config", "instance", "storage-dir", "http"}, f.Names()[0]) {
			kept = append(kept, f)
		}
	}
	return kept
}

// timeout is above any QUERY_TIMEOUT that makes sense.
const timeout = 10 * time.Minute

// renderFlags are the options of the command itself and every parameter of /render, under its own name.
func renderFlags() []cli.Flag {
	text := func(category, name, usage string) cli.Flag {
		return &cli.StringFlag{Category: category, Name: name, Usage: usage}
	}
	const query, picture = "What is asked for", "What a picture looks like"
	flags := []cli.Flag{
		// Both names set one value: nothing joins them where flags are parsed here.
		&cli.StringFlag{Name: "output", Aliases: []string{"o"}, Destination: new(string), Usage: "write to `FILE`; without it, or with -, to standard output"},
		text("", "format", "what is written, if the file's ending does not say so (default: json)"),
		text("", "server", "ask the server at `URL` (default: the one of the configuration)"),
		text("", "dir", "read the whisper files in `FOLDER`, and ask no server"),
		text(query, "from", "as in /render (default: -1d)"),
		text(query, "until", "as in /render (default: now)"),
		text(query, "now", "the time that from and until count from"),
		text(query, "tz", "time zone"),
		text(query, "graphType", "line or pie"),
		text(query, "maxDataPoints", "at most so many points a series, in json"),
		text(query, "noNullPoints", "true leaves missing points out, in json"),
		text(query, "pretty", "true indents json"),
		text(query, "xFilesFactor", "share of points that must be known where points are merged"),
		&cli.StringSliceFlag{Category: query, Name: "var", Usage: "`NAME=VALUE` for a variable of template()"},
	}
	for _, p := range draw.Parameters() {
		flags = append(flags, text(picture, p.Name, p.Doc))
	}
	return flags
}

// own are the options that are no parameters of /render.
func own(name string) bool {
	return name == "output" || name == "o" || name == "server" || name == "dir" || name == "var"
}

type renderer struct {
	place     func(*cli.Context) (Place, error)
	out, warn io.Writer
}

func (r *renderer) run(c *cli.Context) error {
	set, err := parse(c.Command, c.Args().Slice())
	if errors.Is(err, flag.ErrHelp) {
		return cli.ShowSubcommandHelp(c)
	}
	if err != nil {
		return cli.Exit(err, 2)
	}
	given := cli.NewContext(c.App, set, c)
	form, err := form(given, set)
	if err != nil {
		return cli.Exit(err, 2)
	}
	var req fasthttp.Request
	var resp fasthttp.Response
	req.Header.SetMethod(fasthttp.MethodPost)
	req.Header.SetContentType("application/x-www-form-urlencoded")
	req.SetBodyString(form.Encode())
	if err := r.ask(given, set, &req, &resp); err != nil {
		return err
	}
	if w := resp.Header.Peek("X-Graphited-Warning"); len(w) > 0 {
		fmt.Fprintf(r.warn, "graphited: %s\n", w)
	}
	if e := resp.Header.Peek("X-Graphited-Errors"); len(e) > 0 {
		fmt.Fprintf(r.warn, "graphited: not everything could be evaluated (number of the target, byte in it, what is missing, why): %s\n", e)
	}
	if resp.StatusCode() != fasthttp.StatusOK {
		return fmt.Errorf("cannot render: %s", html.UnescapeString(strings.TrimSpace(string(resp.Body()))))
	}
	return r.write(given.String("output"), resp.Body())
}

// parse reads options and targets in any order; what remains in the set are the targets.
func parse(command *cli.Command, args []string) (*flag.FlagSet, error) {
	set := flag.NewFlagSet(command.Name, flag.ContinueOnError)
	set.SetOutput(io.Discard)
	for _, f := range command.Flags {
		if err := f.Apply(set); err != nil {
			return nil, err
		}
	}
	var targets []string
	for len(args) > 0 {
		if err := set.Parse(args); err != nil {
			return nil, err
		}
		if h := set.Lookup("help"); h != nil && h.Value.String() == "true" {
			return nil, flag.ErrHelp
		}
		rest := set.Args()
		if ended := len(rest) < len(args) && args[len(args)-len(rest)-1] == "--"; ended {
			targets, rest = append(targets, rest...), nil
		}
		if args = rest; len(args) > 0 {
			targets, args = append(targets, args[0]), args[1:]
		}
	}
	if len(targets) == 0 {
		return nil, errors.New("render which target?")
	}
	return set, set.Parse(append([]string{"--"}, targets...))
}

// form makes the request's parameters of the options that were given.
func form(c *cli.Context, set *flag.FlagSet) (url.Values, error) {
	form := url.Values{"target": set.Args(), "noCache": {"1"}}
	named := map[string]bool{}
	for _, f := range renderFlags() {
		named[f.Names()[0]] = true
	}
	set.Visit(func(f *flag.Flag) {
		switch {
		case !named[f.Name] || own(f.Name):
		case f.Name == "title" || f.Name == "vtitle" || f.Name == "vtitleRight":
			form.Set(f.Name, url.QueryEscape(f.Value.String())) // /render takes titles that are quoted twice, and would make spaces of plus signs
		default:
			form.Set(f.Name, f.Value.String())
		}
	})
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
	for _, name := range [...]string{"noNullPoints", "pretty"} { // /render takes any value for true
		if v := form.Get(name); v == "false" || v == "0" {
			form.Del(name)
		}
	}
	return form, known(form.Get("format"))
}

// known refuses what /render would take for png.
func known(format string) error {
	formats := []string{"png", "svg", "pdf", "json", "csv", "raw", "pickle", "msgpack", "dygraph", "rickshaw"}
	if slices.Contains(formats, format) {
		return nil
	}
	return fmt.Errorf("format %q is none of %s", format, strings.Join(formats, ", "))
}

// ask gets the answer from where the options say.
func (r *renderer) ask(c *cli.Context, set *flag.FlagSet, req *fasthttp.Request, resp *fasthttp.Response) error {
	base, dir, files := c.String("server"), c.String("dir"), false
	set.Visit(func(f *flag.Flag) { files = files || f.Name == "dir" || f.Name == "storage-dir" })
	if base == "" {
		p, err := r.place(c)
		if err != nil {
			return err
		}
		if files {
			o, err := p.Files(dir)
			if err != nil {
				return err
			}
			req.SetRequestURI("/render")
			return api.Answer(o, req, resp)
		}
		if base, err = p.URL(); err != nil {
			return err
		}
	}
	if files {
		return cli.Exit("--server and a folder: which of both?", 2)
	}
	req.SetRequestURI(strings.TrimSuffix(base, "/") + "/render")
	if err := fasthttp.DoTimeout(req, resp, timeout); err != nil {
		return fmt.Errorf("cannot ask the server at %s: %w; --dir draws from whisper files without one", req.URI().Host(), err)
	}
	return nil
}

// write writes the answer. It does not replace the file by another one, as that may be a device or a link.
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
