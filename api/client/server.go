package client

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/valyala/fasthttp"

	"graphited/api"
)

// Place is where the data is that a configuration speaks of.
type Place interface {
	// URL returns where the configuration lets the server listen.
	URL() (string, error)
	// Folder returns the folder of the whisper files.
	Folder() string
	// Running returns where the server of that folder listens, and the id that it tells in /status,
	// as it has left them in the folder. The error wraps fs.ErrNotExist when there is nothing.
	// After a kill it is what the killed server has left.
	Running() (url, id string, err error)
	// OtherRules reports whether that server was started with another configuration file.
	OtherRules() bool
	// Files returns a server's options and parts that answer from the whisper files in dir alone, with
	// "" from those of the configuration.
	Files(dir string) (api.Options, api.Deps, error)
	// Explain writes what becomes of metrics, by the configuration and the files alone, and reports
	// whether one of them is known.
	Explain(w io.Writer, metrics ...string) (known bool, err error)
}

// Placer reads the configuration that the flags of a command describe.
type Placer func(*cli.Context) (Place, error)

const (
	// timeout is above any QUERY_TIMEOUT that makes sense.
	timeout = 10 * time.Minute
	// greeting is how long a server may take to say which one it is.
	greeting = 30 * time.Second
	// tokenVariable is the environment variable that has a password or token. No flag has it, since
	// everybody on the machine sees those.
	tokenVariable = "GRAPHITED_TOKEN"
)

// serverFlags say which server is asked, and how.
func serverFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "server", Usage: "ask the server at `URL` (default: the one that has the folder of the configuration); a password or token is read from " + tokenVariable},
		&cli.StringFlag{Name: "ca", Usage: "trust the certificates in this PEM `FILE` alone, where the server speaks TLS"},
		&cli.StringFlag{Name: "server-name", Usage: "the `NAME` that the server's certificate has, where that is not the one in the URL"},
	}
}

// server is the server that a command asks.
type server struct {
	base   string // its URL, without userinfo
	name   string // what it is called in messages
	auth   string // the header Authorization; "": none
	secret []string
	id     string // "": it has not said so
	folder string
	client fasthttp.Client
	stream fasthttp.Client // for answers that are read as they come
}

// noServer is the error for a folder that has no server.
type noServer struct{ text string }

func (e noServer) Error() string { return e.text }

// connect returns the server that a command is to ask: the one of --server, or else the one that
// has the folder of the configuration. The address of the configuration may be that of another
// server, which a backup of this folder must not ask; so the server has to tell the id that is left
// in the folder. Where --http is given and no folder is named, the server there is meant, whatever
// its folder is.
func connect(c *cli.Context, place Placer) (*server, error) {
	s, err := newServer(c)
	if err != nil {
		return nil, err
	}
	if c.IsSet("server") {
		return s, s.at(c, c.String("server"))
	}
	p, err := place(c)
	if err != nil {
		return nil, err
	}
	if c.IsSet("http") && !named(c, "storage-dir") && !named(c, "config") {
		base, err := p.URL()
		if err != nil {
			return nil, err
		}
		return s, s.at(c, base)
	}
	base, id, err := p.Running()
	if errors.Is(err, fs.ErrNotExist) {
		if base, err = p.URL(); err != nil {
			return nil, noServer{fmt.Sprintf("no server runs on the folder %q; --config FILE or --storage-dir DIR names another folder, --server URL another server", p.Folder())}
		}
	}
	if err != nil {
		return nil, fmt.Errorf("cannot find the server of the folder %q: %w; --server URL asks another one", p.Folder(), err)
	}
	if err := s.at(c, base); err != nil {
		return nil, err
	}
	return s, s.mustHave(p.Folder(), id)
}

// named reports whether a flag counts beside --http: where that one stands on the command line,
// what the environment says of others does not.
func named(c *cli.Context, name string) bool {
	return onLine(c, name) || c.IsSet(name) && !onLine(c, "http")
}

// mustHave asks the server who it is, and refuses one that is not of the folder.
func (s *server) mustHave(folder, id string) error {
	err := s.identify()
	var gone unreachable
	switch {
	case errors.As(err, &gone) && tlsHint(gone.cause) == "":
		return noServer{fmt.Sprintf("no server runs on the folder %q, or it does not answer at %s: %v; --config FILE or --storage-dir DIR names another folder, --server URL another server", folder, s.name, gone.cause)}
	case err != nil:
		return err
	case s.id == "":
		return noServer{fmt.Sprintf("no server runs on the folder %q: what listens at %s does not say that it is a graphited; --server URL asks it all the same", folder, s.name)}
	case s.id != id && s.folder == folder:
		return noServer{fmt.Sprintf("no server is known to run on the folder %q: the one at %s says that it has a folder of that name, but its id is not there; --server URL asks it all the same", folder, s.name)}
	case s.id != id || !sameFolder(s.folder, folder):
		return noServer{fmt.Sprintf("no server runs on the folder %q: the one at %s has the folder %q; --server URL asks it all the same", folder, s.name, s.folder)}
	}
	return nil
}

// sameFolder reports whether two names may be of one folder. A copy of a folder has the id of the
// server that has the original. A name that does not exist here is one in the server's container.
func sameFolder(theirs, ours string) bool {
	t, err := os.Stat(theirs)
	if err != nil {
		return true
	}
	o, err := os.Stat(ours)
	return err != nil || os.SameFile(t, o)
}

// newServer reads what says how to ask.
func newServer(c *cli.Context) (*server, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.String("server-name")}
	s := &server{
		client: fasthttp.Client{DialDualStack: true, NoDefaultUserAgentHeader: true, TLSConfig: t},
		stream: fasthttp.Client{DialDualStack: true, NoDefaultUserAgentHeader: true, TLSConfig: t, StreamResponseBody: true},
	}
	if file := c.String("ca"); file != "" {
		pem, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("cannot read the certificates of --ca: %w", err)
		}
		t.RootCAs = x509.NewCertPool()
		if !t.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("cannot use --ca %q: there is no certificate in it", file)
		}
	}
	token := strings.TrimSpace(os.Getenv(tokenVariable))
	if strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, cli.Exit(tokenVariable+" has control characters in it: expected a token, or NAME:PASSWORD", 2)
	}
	s.identifyAs(token)
	return s, nil
}

// identifyAs sends a token, or a name and a password with a colon between, with each request.
func (s *server) identifyAs(token string) {
	switch name, password, ok := strings.Cut(token, ":"); {
	case token == "":
	case ok:
		encoded := base64.StdEncoding.EncodeToString([]byte(token))
		s.auth, s.secret = "Basic "+encoded, []string{encoded, token, password}
		if name != "" && password == "" {
			s.secret = s.secret[:2]
		}
	default:
		s.auth, s.secret = "Bearer "+token, []string{token}
	}
}

// at sets the URL, in which the scheme may be missing. A name and a password in it are taken out,
// so that no message has them.
func (s *server) at(c *cli.Context, text string) error {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err == nil && u.Port() != "" {
		_, err = strconv.ParseUint(u.Port(), 10, 16)
	}
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return cli.Exit("--server: expected a URL such as http://host:8080 or https://host/graphite", 2) // without the text, which may have a password
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.identifyAs(u.User.Username() + ":" + password)
	}
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, "/")}
	if u.Scheme == "http" && (c.String("ca") != "" || c.String("server-name") != "") {
		return cli.Exit(fmt.Sprintf("--ca and --server-name are for https, and %s is not", u), 2)
	}
	s.base = u.String()
	s.name = strings.TrimPrefix(s.base, "http://")
	return nil
}

// errClosed is the error for a connection that ends before the answer.
var errClosed = errors.New("it has closed the connection without an answer")

// unreachable is the error when there is no answer at all.
type unreachable struct {
	name  string
	cause error
}

func (e unreachable) Error() string {
	return fmt.Sprintf("cannot ask the server at %s: %v%s", e.name, e.cause, schemeHint(e.name, e.cause)+tlsHint(e.cause))
}

func (e unreachable) Unwrap() error { return e.cause }

// schemeHint says what to do when one side speaks TLS and the other one does not. A server of TLS
// closes a connection that begins with something else, and says nothing.
func schemeHint(name string, err error) string {
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record):
		return "; it may be that it speaks http"
	case errors.Is(err, errClosed) && !strings.HasPrefix(name, "https://"):
		return "; it may be that it speaks https, which --server https://" + name + " asks for"
	}
	return ""
}

// tlsHint says what to do about a certificate that is not trusted.
func tlsHint(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
	)
	switch {
	case errors.As(err, &authority):
		return "; --ca FILE trusts the certificates in a file"
	case errors.As(err, &host):
		return "; --server-name NAME says which name the certificate has"
	}
	return ""
}

// ask sends a request to a path of the server. What is wrong with the credentials is an error;
// other answers are the caller's, whatever their status is. Without patience the answer is a
// stream.
func (s *server) ask(path string, req *fasthttp.Request, resp *fasthttp.Response, patience time.Duration) error {
	req.SetRequestURI(s.base + path)
	if s.auth != "" {
		req.Header.Set("Authorization", s.auth)
	}
	var err error
	if patience > 0 {
		err = s.client.DoTimeout(req, resp, patience)
	} else {
		err = s.stream.Do(req, resp)
	}
	switch {
	case err != nil:
		var op *net.OpError // what fasthttp adds says the same again
		if errors.As(err, &op) {
			err = op
		} else if errors.Is(err, fasthttp.ErrConnectionClosed) {
			err = errClosed // fasthttp's text is advice for who writes the server
		}
		return unreachable{s.name, err}
	case resp.StatusCode() == fasthttp.StatusUnauthorized && s.auth == "":
		return fmt.Errorf("the server at %s wants a password or token: set %s to the token, or to NAME:PASSWORD", s.name, tokenVariable)
	case resp.StatusCode() == fasthttp.StatusUnauthorized:
		return fmt.Errorf("the server at %s refuses the password or token (%s)", s.name, tokenVariable)
	}
	return nil
}

// identify asks the server for its id and its folder. They stay empty where what answers is no
// graphited.
func (s *server) identify() error {
	var req fasthttp.Request
	var resp fasthttp.Response
	if err := s.ask("/status", &req, &resp, greeting); err != nil {
		return err
	}
	var a struct {
		Server struct{ ID, Folder string }
	}
	if resp.StatusCode() == fasthttp.StatusOK && json.Unmarshal(resp.Body(), &a) == nil {
		s.id, s.folder = a.Server.ID, a.Server.Folder
	}
	return nil
}

// refusal is the error for an answer that is none to what was asked. It says so when what answers
// is no graphited.
func (s *server) refusal(what string, resp *fasthttp.Response, body []byte) error {
	who := "the server at " + s.name
	if s.id == "" && s.identify() == nil && s.id == "" {
		who = "what listens at " + s.name + " is no graphited, and"
	}
	return fmt.Errorf("cannot %s: %s answers %d: %s", what, who, resp.StatusCode(), s.said(body))
}

// said is the beginning of what a server has answered, for a message: one line, and without the
// credentials that an echo may have in it.
func (s *server) said(body []byte) string {
	text := strings.Join(strings.Fields(string(body[:min(len(body), 1<<12)])), " ")
	for _, secret := range s.secret {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "***")
		}
	}
	if len(text) > 300 {
		text = strings.ToValidUTF8(text[:300], "") + "..."
	}
	return text
}

// onLine reports whether a flag of Config stands on the command line, and not in the environment
// alone.
func onLine(c *cli.Context, name string) bool {
	return c.IsSet(name) && c.String(name) != os.Getenv("GRAPHITED_"+strings.ToUpper(strings.ReplaceAll(name, "-", "_")))
}
