package client

import (
	"cmp"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const counted = `{"series":3,"tagged":1,"limit":5,"since":1700000000,"refused":2,"prefixes":[{"path":"a","series":2,"grown":1}],` +
	`"tags":[{"tag":"host","values":1,"series":1,"grown":0}],"values":[{"value":"x","series":1}],"senders":[{"address":"127.0.0.1","series":3,"new":3}],"quotas":[{"name":"q","group":"a","series":2,"max":9}]}`

// graphited is a handler that answers as a server with an id. It records the last request of each
// path.
type graphited struct {
	id     string
	folder string // "": /other
	last   map[string]*http.Request
}

func (g *graphited) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if g.last == nil {
		g.last = map[string]*http.Request{}
	}
	_ = r.ParseForm()
	g.last[r.URL.Path] = r
	switch r.URL.Path {
	case "/status":
		fmt.Fprintf(w, `{"ok": true, "server": {"id": %q, "folder": %q}}`, g.id, cmp.Or(g.folder, "/other"))
	case "/metrics/cardinality":
		fmt.Fprint(w, counted)
	case "/metrics/explain":
		fmt.Fprintf(w, `{"text": "from the server: %s\n", "exists": %v}`, r.Form.Get("metric"), r.Form.Get("metric") == "a.b")
	case "/render":
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, "%v", r.Form["target"])
	default:
		http.NotFound(w, r)
	}
}

func start(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// TestWhichServer checks that a command asks the server of its folder, and no other one.
func TestWhichServer(t *testing.T) {
	ours, theirs := start(t, &graphited{id: "ours"}), start(t, &graphited{id: "theirs"})
	foreign := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>some other program</html>") }))
	web := start(t, http.NotFoundHandler())
	closes := start(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	closed := httptest.NewServer(nil)
	closed.Close()
	for name, c := range map[string]struct {
		place lines
		args  []string
		err   []string // contained in the error; nil: the command succeeds
	}{
		"its mark":                  {place: lines{url: theirs, mark: ours, id: "ours"}},
		"killed, port free":         {place: lines{mark: closed.URL, id: "ours"}, err: []string{`no server runs on the folder "/data"`, "refused"}},
		"killed, port of another":   {place: lines{mark: theirs, id: "ours"}, err: []string{`no server runs on the folder "/data"`, theirs[7:], `has the folder "/other"`}},
		"killed, port of a program": {place: lines{mark: foreign, id: "ours"}, err: []string{"does not identify itself as graphited"}},
		"no mark, another's port":   {place: lines{url: theirs}, err: []string{`"/data"`, `has the folder "/other"`}},
		"no mark, same name":        {place: lines{url: theirs, folder: "/other"}, err: []string{`a folder of that name, but its id is not there`}},
		"no mark, nobody there":     {place: lines{url: closed.URL}, err: []string{`no server runs on the folder "/data"`}},
		"no mark, no port":          {place: lines{}, err: []string{`no server runs on the folder "/data"`}},
		"named":                     {place: lines{mark: ours, id: "ours"}, args: []string{"--server", theirs}},
		"named without scheme":      {args: []string{"--server", theirs[7:] + "/"}},
		"port named alone":          {place: lines{url: theirs}, args: []string{"--http", "x"}},
		"port and folder named":     {place: lines{url: theirs}, args: []string{"--http", "x", "--storage-dir", "y"}, err: []string{`has the folder "/other"`}},
		"named, a program":          {args: []string{"--server", foreign}, err: []string{"is not graphited", "some other program"}},
		"named, a web server":       {args: []string{"--server", web}, err: []string{"is not graphited, and answers 404: 404 page not found"}},
		"named, closes":             {args: []string{"--server", closes}, err: []string{"closed the connection without an answer; perhaps the server speaks https"}},
		"named, no TLS":             {args: []string{"--server", "https" + ours[4:]}, err: []string{"perhaps the server speaks http"}},
		"named, nobody there":       {args: []string{"--server", closed.URL}, err: []string{"cannot ask the server at " + closed.URL[7:]}},
		"named, another path":       {args: []string{"--server", ours + "/x"}, err: []string{"answers 404"}},
	} {
		c.place.folder = cmp.Or(c.place.folder, "/data")
		r := runWith(&c.place, "top", c.args...)
		if (r.code == 0) != (c.err == nil) || r.code > 1 {
			t.Errorf("%s: exit code %d, %s", name, r.code, r.err)
		}
		for _, want := range c.err {
			if !strings.Contains(r.err, want) {
				t.Errorf("%s: %s; want it to contain %s", name, r.err, want)
			}
		}
	}
}

// TestCopiedFolder checks that a copy of a folder, which contains the id, is not taken for the
// original, and that a link to the original is.
func TestCopiedFolder(t *testing.T) {
	data, copied := t.TempDir(), t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(data, link); err != nil {
		t.Fatal(err)
	}
	url := start(t, &graphited{id: "ours", folder: data})
	for folder, code := range map[string]int{data: 0, link: 0, copied: 1} {
		r := runWith(&lines{folder: folder, mark: url, id: "ours"}, "top")
		if r.code != code || code == 1 && !strings.Contains(r.err, fmt.Sprintf("has the folder %q", data)) {
			t.Errorf("%s: exit code %d, %s; want %d", folder, r.code, r.err, code)
		}
	}
}

// TestHTTPWinsOverEnvironment checks that a folder in the environment does not make --http on the
// command line ineffective.
func TestHTTPWinsOverEnvironment(t *testing.T) {
	t.Setenv("GRAPHITED_STORAGE_DIR", "y")
	t.Setenv("GRAPHITED_CONFIG", "z")
	there := start(t, &graphited{id: "theirs"})
	for _, args := range [][]string{{"--http", "x"}, {"--http", "x", "--storage-dir", "y", "--config", "z"}} { // the second form is that of the environment
		if r := runWith(&lines{url: there, folder: "/data"}, "top", args...); r.code != 0 {
			t.Errorf("%v: exit code %d, %s", args, r.code, r.err)
		}
	}
	if r := runWith(&lines{url: there, folder: "/data"}, "top", "--http", "x", "--storage-dir", "other"); r.code != 1 || !strings.Contains(r.err, `has the folder "/other"`) {
		t.Errorf("with another folder: exit code %d, %s", r.code, r.err)
	}
}

func TestServerURL(t *testing.T) {
	for _, text := range []string{"http://user:hush@", "ftp://user:hush@h", "http://user:hush@h:ab", "http://user:hush@h:1/%zz", "http://user:hush@h:99999", "h:65536", "", "://"} {
		if r := runWith(&lines{}, "top", "--server", text); r.code != 2 || strings.Contains(r.err, "hush") {
			t.Errorf("%q: exit code %d, %s", text, r.code, r.err)
		}
	}
}

// TestCredentials checks that a server gets the credentials of GRAPHITED_TOKEN or the URL, and that
// nobody else sees them.
func TestCredentials(t *testing.T) {
	var got string
	url := start(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization")
		switch got {
		case "Bearer good", "Basic YW5uOmdvb2Q=":
			fmt.Fprint(w, counted)
		case "Bearer echo-hush":
			http.Error(w, "got "+got, http.StatusBadGateway)
		case "Basic YW5uOmVjaG8taHVzaA==":
			http.Error(w, "got "+got+" echo-hush", http.StatusBadGateway)
		default:
			http.Error(w, "got "+got, http.StatusUnauthorized)
		}
	}))
	withUser := func(user string) string { return strings.Replace(url, "http://", "http://"+user+"@", 1) }
	for _, c := range []struct{ token, url, want, err string }{
		{"good", url, "Bearer good", ""},
		{" good\n", url, "Bearer good", ""},
		{"ann:good", url, "Basic YW5uOmdvb2Q=", ""},
		{"bad", withUser("ann:good"), "Basic YW5uOmdvb2Q=", ""},
		{"", url, "", "set GRAPHITED_TOKEN to the token, or to NAME:PASSWORD"},
		{"hush", url, "Bearer hush", "refuses the password or token"},
		{"ann:hush", url, "Basic YW5uOmh1c2g=", "refuses the password or token"},
		{"", withUser("ann:hush"), "Basic YW5uOmh1c2g=", "refuses the password or token"},
		{"echo-hush", url, "Bearer echo-hush", "answers 502: got Bearer ***"},
		{"ann:echo-hush", url, "Basic YW5uOmVjaG8taHVzaA==", "answers 502: got Basic *** ***"},
		{"hush\nX-Evil: 1", url, "", "control characters"},
	} {
		t.Setenv("GRAPHITED_TOKEN", c.token)
		got = ""
		r := runWith(&lines{}, "top", "--server", c.url)
		if got != c.want || (r.code == 0) != (c.err == "") || !strings.Contains(r.err, c.err) {
			t.Errorf("%q, %s: the server got %q, want %q; exit code %d, %s", c.token, c.url, got, c.want, r.code, r.err)
		}
		if all := r.stdout + r.stderr + r.err; strings.Contains(all, "hush") || strings.Contains(all, "aHVzaA") {
			t.Errorf("%q, %s: the output contains the password: %s", c.token, c.url, all)
		}
	}
}

func TestTLS(t *testing.T) {
	s := httptest.NewUnstartedServer(&graphited{id: "ours"})
	s.Config.ErrorLog = log.New(io.Discard, "", 0) // it reports clients that do not trust it
	s.StartTLS()
	defer s.Close()
	dir := t.TempDir()
	ca, none := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "none.pem")
	write := func(name string, b []byte) {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}))
	write(none, []byte("nothing"))
	for _, c := range []struct {
		args string
		err  string
		code int
	}{
		{"--ca " + ca, "", 0},
		{"--ca " + ca + " --server-name example.com", "", 0},
		{"", "--ca FILE trusts", 1},
		{"--ca " + ca + " --server-name graphite.test", "--server-name NAME sets", 1},
		{"--ca " + none, "the file contains no certificate", 1},
		{"--ca " + dir + "/missing.pem", "cannot read the certificates of --ca", 1},
		{"--ca " + ca + " --server http://127.0.0.1:1", "are for https", 2},
	} {
		place := &lines{mark: s.URL, id: "ours"}
		if r := runWith(place, "top", strings.Fields(c.args)...); r.code != c.code || !strings.Contains(r.err, c.err) {
			t.Errorf("%s: exit code %d, %s; want %d, %s", c.args, r.code, r.err, c.code, c.err)
		}
	}
}

func TestTop(t *testing.T) {
	g := &graphited{id: "ours"}
	place := &lines{mark: start(t, g), id: "ours"}
	r := runWith(place, "top", "--depth", "2", "--growing", "--tag", "host", "-n", "7", "servers")
	for _, want := range []string{"3 series, 1 of them with tags; 5 are allowed; 2 points of new series were refused", "2      +1  a\n", "1      +0       1  host\n", "1  x\n", "3    3  127.0.0.1\n", "2   9  q: a\n"} {
		if !strings.Contains(r.stdout, want) {
			t.Errorf("got\n%s\nwant it to contain %q", r.stdout, want)
		}
	}
	q := g.last["/metrics/cardinality"].Form
	if got := fmt.Sprint(q["query"], q["depth"], q["sort"], q["tag"], q["limit"]); got != "[servers] [2] [growth] [host] [7]" {
		t.Errorf("asked for %s", got)
	}
	if r := runWith(place, "top", "--json"); r.stdout != counted+"\n" {
		t.Errorf("--json: %s", r.stdout)
	}
	for _, flag := range []string{"--depth", "--limit"} {
		if r := runWith(place, "top", flag, "0"); r.code != 2 || !strings.Contains(r.err, flag+" 0: expected at least 1") {
			t.Errorf("%s 0: exit code %d, %s", flag, r.code, r.err)
		}
	}
}

func TestExplain(t *testing.T) {
	url := start(t, &graphited{id: "ours"})
	for name, c := range map[string]struct {
		place  lines
		args   string
		out    string
		stderr string
		code   int
	}{
		"server":               {lines{mark: url, id: "ours"}, "a.b", "from the server: a.b\n", "", 0},
		"server, unknown":      {lines{mark: url, id: "ours"}, "x", "from the server: x\n", "", 1},
		"server, one is known": {lines{mark: url, id: "ours"}, "x a.b", "from the server: x\n\nfrom the server: a.b\n", "", 0},
		"server, other rules":  {lines{mark: url, id: "ours", other: true}, "a.b", "from files: [a.b]\n", "", 0},
		"files":                {lines{}, "a.b", "from files: [a.b]\n", "", 0},
		"files, unknown":       {lines{}, "x", "from files: [x]\n", "", 1},
		"killed":               {lines{mark: url, id: "dead"}, "a.b", "from files: [a.b]\n", "from the files alone: no server runs", 0},
		"named":                {lines{}, "--server " + url + " a.b", "from the server: a.b\n", "", 0},
	} {
		r := runWith(&c.place, "explain", strings.Fields(c.args)...)
		if r.stdout != c.out || r.code != c.code || !strings.Contains(r.stderr, c.stderr) || r.stderr != "" && c.stderr == "" {
			t.Errorf("%s: exit code %d, %q, %q, %s", name, r.code, r.stdout, r.stderr, r.err)
		}
	}
	if r := runWith(&lines{}, "explain", "--server", url+"/no", "a.b"); r.code != 1 || !strings.Contains(r.err, "status 404") {
		t.Errorf("a path that is none: exit code %d, %s", r.code, r.err)
	}
}

// TestRenderWhere checks where render gets its answer from.
func TestRenderWhere(t *testing.T) {
	url := start(t, &graphited{id: "ours"})
	for name, c := range map[string]struct {
		place lines
		args  string
		want  string
	}{
		"server":              {lines{mark: url, id: "ours"}, "a.b c", "[a.b c]"},
		"server of a folder":  {lines{mark: url, id: "ours"}, "--storage-dir /data a.b", "[a.b]"},
		"folder, no server":   {lines{}, "--storage-dir /data a.b", `"target": "a.b"`},
		"folder, killed":      {lines{mark: url, id: "dead"}, "--storage-dir /data a.b", `"target": "a.b"`},
		"files beside server": {lines{mark: url, id: "ours"}, "--dir /data a.b", `"target": "a.b"`},
	} {
		c.place.folder = "/data"
		if r := runWith(&c.place, "render", strings.Fields(c.args)...); !strings.Contains(r.stdout, c.want) || r.code != 0 {
			t.Errorf("%s: exit code %d, %q, %s", name, r.code, r.stdout, r.err)
		}
	}
}

// TestLongAnswers: a message repeats the beginning of what a server has said.
func TestLongAnswers(t *testing.T) {
	url := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, strings.Repeat("x", 1000)) }))
	r := runWith(&lines{}, "top", "--server", url)
	if r.code != 1 || !strings.Contains(r.err, strings.Repeat("x", 300)+"...") || strings.Contains(r.err, strings.Repeat("x", 301)) {
		t.Errorf("exit code %d, %s", r.code, r.err)
	}
}
