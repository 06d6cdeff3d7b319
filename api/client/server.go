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

// Place describes the data and the server of a configuration.
type Place interface {
	// URL returns the URL at which the server listens according to the configuration.
	URL() (string, error)
	// Folder returns the folder of the whisper files.
	Folder() string
	// Running returns the URL of the server of that folder, and the id that it reports in /status.
	// The server has written them to the folder. The error wraps fs.ErrNotExist when the folder has
	// none. After a kill they are those of the killed server.
	Running() (url, id string, err error)
	// OtherRules reports whether that server was started with another configuration file.
	OtherRules() bool
	// Files returns options and parts that answer only from the whisper files in dir. If dir is "", it uses
	// the folder of the configuration.
	Files(dir string) (api.Options, api.Deps, error)
	// Explain writes how metrics are treated, using only the configuration and the files. It
	// reports whether one of the metrics is known.
	Explain(w io.Writer, metrics ...string) (known bool, err error)
}

// Placer reads the configuration that the flags of a command describe.
type Placer func(*cli.Context) (Place, error)

const (
	// timeout is longer than any sensible QUERY_TIMEOUT.
	timeout = 10 * time.Minute
	// greeting is how long a server may take to identify itself.
	greeting = 30 * time.Second
	// tokenVariable is the environment variable with a password or token. There is no flag for it,
	// because everybody on the machine can see flags.
	tokenVariable = "GRAPHITED_TOKEN"
)

// serverFlags returns the flags that select the server and how to connect to it.
func serverFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "server", Usage: "ask the server at `URL` (default: the one that has the folder of the configuration); the command reads a password or token from " + tokenVariable},
		&cli.StringFlag{Name: "ca", Usage: "trust only the certificates in this PEM `FILE`, for a server with TLS"},
		&cli.StringFlag{Name: "server-name", Usage: "the `NAME` in the server's certificate, if it differs from the one in the URL"},
	}
}

// server is the server that a command asks.
type server struct {
	base   string // the URL without userinfo
	name   string // the name for messages
	auth   string // the header Authorization; "": none
	secret []string
	id     string // "" if not known
	folder string
	client fasthttp.Client
	stream fasthttp.Client // for answers that are streamed
}

// noServer is the error for a folder without a server.
type noServer struct{ text string }

func (e noServer) Error() string { return e.text }

// connect returns the server that a command asks: the one of --server, or the one that has the
// folder of the configuration. The address in the configuration may belong to another server, which
// a backup of this folder must not ask. Therefore the server must report the id that is in the
// folder. If --http is given and no folder is named, connect returns the server at that address,
// whatever its folder is.
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

// named reports whether a flag counts beside --http: if --http is on the command line, flags that
// are set only in the environment do not.
func named(c *cli.Context, name string) bool {
	return onLine(c, name) || c.IsSet(name) && !onLine(c, "http")
}

// mustHave asks the server to identify itself, and refuses a server with another folder.
func (s *server) mustHave(folder, id string) error {
	err := s.identify()
	var gone unreachable
	switch {
	case errors.As(err, &gone) && tlsHint(gone.cause) == "":
		return noServer{fmt.Sprintf("no server runs on the folder %q, or it does not answer at %s: %v; --config FILE or --storage-dir DIR names another folder, --server URL another server", folder, s.name, gone.cause)}
	case err != nil:
		return err
	case s.id == "":
		return noServer{fmt.Sprintf("no server runs on the folder %q: the one at %s does not identify itself as graphited; --server URL asks it anyway", folder, s.name)}
	case s.id != id && s.folder == folder:
		return noServer{fmt.Sprintf("no server runs on the folder %q: the one at %s reports a folder of that name, but its id is not there; --server URL asks it anyway", folder, s.name)}
	case s.id != id || !sameFolder(s.folder, folder):
		return noServer{fmt.Sprintf("no server runs on the folder %q: the one at %s has the folder %q; --server URL asks it anyway", folder, s.name, s.folder)}
	}
	return nil
}

// sameFolder reports whether two names may denote one folder. A copy of a folder contains the id of
// the server that has the original. A name that does not exist on this machine may be one in the
// container of the server.
func sameFolder(theirs, ours string) bool {
	t, err := os.Stat(theirs)
	if err != nil {
		return true
	}
	o, err := os.Stat(ours)
	return err != nil || os.SameFile(t, o)
}

// newServer reads the flags and the environment that say how to connect.
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
			return nil, fmt.Errorf("cannot use --ca %q: the file contains no certificate", file)
		}
	}
	token := strings.TrimSpace(os.Getenv(tokenVariable))
	if strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return nil, cli.Exit(tokenVariable+" contains control characters: expected a token, or NAME:PASSWORD", 2)
	}
	s.identifyAs(token)
	return s, nil
}

// identifyAs sets the token, or a name and a password separated by a colon, to send with each
// request.
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

// at sets the URL, which may lack the scheme. It removes a name and a password from the URL, so
// that no message contains them.
func (s *server) at(c *cli.Context, text string) error {
	if !strings.Contains(text, "://") {
		text = "http://" + text
	}
	u, err := url.Parse(text)
	if err == nil && u.Port() != "" {
		_, err = strconv.ParseUint(u.Port(), 10, 16)
	}
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return cli.Exit("--server: expected a URL such as http://host:8080 or https://host/graphite", 2) // without the text, which may contain a password
	}
	if u.User != nil {
		password, _ := u.User.Password()
		s.identifyAs(u.User.Username() + ":" + password)
	}
	u = &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, "/")}
	if u.Scheme == "http" && (c.String("ca") != "" || c.String("server-name") != "") {
		return cli.Exit(fmt.Sprintf("--ca and --server-name are for https, but the URL is %s", u), 2)
	}
	s.base = u.String()
	s.name = strings.TrimPrefix(s.base, "http://")
	return nil
}

// errClosed is the error for a connection that is closed before the answer.
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

// schemeHint returns a hint when one side speaks TLS and the other does not. A TLS server closes a
// connection that begins with something else, without an answer.
func schemeHint(name string, err error) string {
	var record tls.RecordHeaderError
	switch {
	case errors.As(err, &record):
		return "; perhaps the server speaks http"
	case errors.Is(err, errClosed) && !strings.HasPrefix(name, "https://"):
		return "; perhaps the server speaks https: use --server https://" + name
	}
	return ""
}

// tlsHint returns a hint about a certificate that is not trusted.
func tlsHint(err error) string {
	var (
		authority x509.UnknownAuthorityError
		host      x509.HostnameError
	)
	switch {
	case errors.As(err, &authority):
		return "; --ca FILE trusts the certificates in a file"
	case errors.As(err, &host):
		return "; --server-name NAME sets the name that the certificate must have"
	}
	return ""
}

// ask sends a request to a path of the server. A problem with the credentials is an error. The
// caller handles all other answers, whatever their status. If patience is 0, the answer is a
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
		var op *net.OpError // the text that fasthttp adds repeats it
		if errors.As(err, &op) {
			err = op
		} else if errors.Is(err, fasthttp.ErrConnectionClosed) {
			err = errClosed // fasthttp's text is for the author of the server
		}
		return unreachable{s.name, err}
	case resp.StatusCode() == fasthttp.StatusUnauthorized && s.auth == "":
		return fmt.Errorf("the server at %s requires a password or token: set %s to the token, or to NAME:PASSWORD", s.name, tokenVariable)
	case resp.StatusCode() == fasthttp.StatusUnauthorized:
		return fmt.Errorf("the server at %s refuses the password or token (%s)", s.name, tokenVariable)
	}
	return nil
}

// identify asks the server for its id and its folder. They stay empty if the server is not
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

// refusal returns the error for an unexpected answer. The error says so when the server is not
// graphited.
func (s *server) refusal(what string, resp *fasthttp.Response, body []byte) error {
	who := "the server at " + s.name
	if s.id == "" && s.identify() == nil && s.id == "" {
		who = "the server at " + s.name + " is not graphited, and"
	}
	return fmt.Errorf("cannot %s: %s answers %d: %s", what, who, resp.StatusCode(), s.said(body))
}

// said returns the beginning of an answer for a message: in one line, and without credentials that
// the answer may repeat.
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
