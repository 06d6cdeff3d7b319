package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/urfave/cli/v2"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"graphited": main})
}

// TestScripts runs testdata/script/*.txtar: each starts the program on free ports and talks to it
// as a user would. Beside testscript's own commands there are
//
//	ready FILE            wait until the program has written its ready file; sets $HTTP, $LINE, $PICKLE, $QUERY to its addresses
//	send ADDR TEXT...     send the texts over TCP, a newline after each; NOW stands for the time, NOW-60 for a minute ago
//	get PATH              ask $HTTP; the answer is the command's stdout. "! get" wants a status of 400 or more, which is printed before the body
//	post PATH BODY        the same with a body: a form if it has a "=", else text
//	within PATH REGEXP    ask until the answer matches, at most a minute
//	signal NAME...        send HUP, INT, TERM or KILL to the program that was last made ready, one right after the other
//	eventually FILE...    wait until the files exist, at most a minute
//	code N PROGRAM...     run a program, which must end with the exit code N
//	certificate FILE NAME write a new certificate for a name, with its key
func TestScripts(t *testing.T) {
	testscript.Run(t, scripts("testdata/script"))
}

// scripts returns how the scripts of a folder are run.
func scripts(dir string) testscript.Params {
	return testscript.Params{
		Dir: dir,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"ready": cmdReady, "send": cmdSend, "get": cmdGet, "post": cmdPost, "within": cmdWithin, "signal": cmdSignal, "eventually": cmdEventually,
			"code": cmdCode, "certificate": cmdCertificate,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("GRAPHITED_LOG_LEVEL", "warn")
			return nil
		},
	}
}

// until calls f until it is true, at most a minute: long enough for the slowest machine, while the
// usual case takes none of it.
func until(f func() bool) bool {
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if f() {
			return true
		}
	}
	return false
}

func cmdReady(ts *testscript.TestScript, _ bool, args []string) {
	var addrs map[string]any
	file := ts.MkAbs(args[0])
	if !until(func() bool {
		b, err := os.ReadFile(file)
		return err == nil && json.Unmarshal(b, &addrs) == nil
	}) {
		ts.Fatalf("%s was not written in time", args[0])
	}
	for env, key := range map[string]string{"HTTP": "http", "LINE": "line", "PICKLE": "pickle", "QUERY": "cache_query"} {
		addr, _ := addrs[key].(string)
		ts.Setenv(env, addr)
	}
	ts.Setenv("PID", fmt.Sprint(addrs["pid"]))
}

func cmdSignal(ts *testscript.TestScript, _ bool, args []string) {
	pid, err := strconv.Atoi(ts.Getenv("PID"))
	ts.Check(err)
	p, err := os.FindProcess(pid)
	ts.Check(err)
	for i, name := range args {
		err := p.Signal(map[string]os.Signal{"HUP": syscall.SIGHUP, "INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "KILL": syscall.SIGKILL}[name])
		if i == 0 || !errors.Is(err, os.ErrProcessDone) { // the first one may have ended it
			ts.Check(err)
		}
	}
}

var nowWord = regexp.MustCompile(`\bNOW(-\d+)?\b`)

func expandNow(s string) string {
	now := time.Now().Unix()
	return nowWord.ReplaceAllStringFunc(s, func(w string) string {
		var ago int64
		fmt.Sscanf(w, "NOW-%d", &ago)
		return fmt.Sprint(now - ago)
	})
}

func cmdSend(ts *testscript.TestScript, _ bool, args []string) {
	c, err := net.Dial("tcp", args[0])
	ts.Check(err)
	defer c.Close()
	_, err = io.WriteString(c, expandNow(strings.Join(args[1:], "\n"))+"\n")
	ts.Check(err)
}

func answer(ts *testscript.TestScript, path, kind, body string) (int, []byte) {
	u := "http://" + ts.Getenv("HTTP") + expandNow(path)
	var resp *http.Response
	var err error
	if kind == "" {
		resp, err = http.Get(u)
	} else {
		resp, err = http.Post(u, kind, strings.NewReader(expandNow(body)))
	}
	ts.Check(err)
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	ts.Check(err)
	return resp.StatusCode, got
}

func ask(ts *testscript.TestScript, neg bool, path, kind, send string) {
	status, body := answer(ts, path, kind, send)
	if neg {
		fmt.Fprintf(ts.Stdout(), "%d ", status)
	}
	ts.Stdout().Write(append(body, '\n'))
	if neg != (status >= 400) {
		ts.Fatalf("%s: status %d: %s", path, status, body)
	}
}

func cmdGet(ts *testscript.TestScript, neg bool, args []string) { ask(ts, neg, args[0], "", "") }

func cmdPost(ts *testscript.TestScript, neg bool, args []string) {
	kind := "text/plain"
	if strings.Contains(args[1], "=") {
		kind = "application/x-www-form-urlencoded"
	}
	ask(ts, neg, args[0], kind, args[1])
}

func cmdWithin(ts *testscript.TestScript, _ bool, args []string) {
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	var body []byte
	if !until(func() bool {
		_, body = answer(ts, args[0], "", "")
		return re.Match(body)
	}) {
		ts.Fatalf("%s never matched %s; the last answer: %s", args[0], re, bytes.TrimSpace(body))
	}
}

func cmdEventually(ts *testscript.TestScript, _ bool, args []string) {
	for _, f := range args {
		file := ts.MkAbs(f)
		if !until(func() bool { _, err := os.Stat(file); return err == nil }) {
			ts.Fatalf("%s did not appear in time", f)
		}
	}
}

func cmdCode(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		got = exit.ExitCode()
	} else {
		ts.Check(err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

func cmdCertificate(ts *testscript.TestScript, _ bool, args []string) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ts.Check(err)
	c := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: args[1]}, DNSNames: args[1:],
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, &c, &c, key.Public(), key)
	ts.Check(err)
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	ts.Check(err)
	text := append(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})...)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text, 0o600))
}

// TestOptionsAgree holds what command.Arrange relies on: an option has a value in all commands or in
// none.
func TestOptionsAgree(t *testing.T) {
	app := newApp(io.Discard, io.Discard)
	flags := slices.Clone(app.Flags)
	for _, c := range app.Commands {
		flags = append(flags, c.Flags...)
	}
	takes := map[string]bool{}
	for _, f := range flags {
		_, isSwitch := f.(*cli.BoolFlag)
		for _, name := range f.Names() {
			if before, known := takes[name]; known && before == isSwitch {
				t.Errorf("--%s has a value in one command, and none in another", name)
			}
			takes[name] = !isSwitch
		}
	}
}
