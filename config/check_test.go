package config

import (
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/configtest"
	"graphited/config/ini"
	"graphited/config/problem"
	"graphited/config/rules"
)

// TestChecks: what has no effect is told, and what has one is not.
func TestChecks(t *testing.T) {
	f := func(conf string, want ...string) {
		t.Helper()
		dir := configtest.WriteFiles(t, map[string]string{"carbon.conf": conf, rules.SchemasFile: configtest.OneSchema})
		c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), StorageDir: filepath.Join(dir, "data"), Env: noEnv})
		var got []string
		for _, p := range append(report, c.Check("info")...) {
			if p.Severity > problem.Debug {
				p.File = ""
				got = append(got, p.Severity.String()+" "+p.String())
			}
		}
		if len(got) != len(want) {
			t.Errorf("%s\ngot %q\nwant %q", conf, got, want)
			return
		}
		for i, w := range want {
			if !strings.Contains(got[i], w) {
				t.Errorf("%s\ngot %q\nwant %q", conf, got[i], w)
			}
		}
	}
	f("[cache]\n[web]\n")
	f("[cache]\nWAL = False\n")
	f("[cache]\nWAL = False\nWAL_DIR = x\n", "warning [cache] WAL_DIR: no effect: WAL is False")
	f("[cache]\nWAL_SYNC = always\nWAL_SYNC_INTERVAL = 2s\n", "warning [cache] WAL_SYNC_INTERVAL: no effect: WAL_SYNC is always")
	f("[cache]\nWAL_SYNC = always\nWAL = False\n", "error [cache] WAL_SYNC: always needs the log", "warning [cache] WAL_SYNC: no effect")
	f("[cache]\nMIN_TIMESTAMP_LAG = 5\n", "warning [cache] MIN_TIMESTAMP_LAG: no effect")
	f("[cache]\nMIN_TIMESTAMP_LAG = 5\nCACHE_WRITE_STRATEGY = timesorted\n")
	f("[cache]\nREWRITE_RULES = none.conf\n", "warning [cache] REWRITE_RULES: there is no file")
	f("[cache]\nREWRITE_RULES = rewrite-rules.conf\n")
	f("[cache]\nREWRITE_RULES =\n")
	f("[cache]\nUSE_WHITELIST = True\n", "warning [cache] USE_WHITELIST: no effect")
	f("[cache]\nLINE_RECEIVER_ALLOW =\n[web]\nHTTP_ALLOW = ,\n", "warning [cache] LINE_RECEIVER_ALLOW: an empty list", "warning [web] HTTP_ALLOW: an empty list")
	f("[cache]\nLOG_UPDATES = True\nLOG_CREATES = True\n", "note [cache] LOG_CREATES: no effect", "note [cache] LOG_UPDATES: no effect")
	f("[cache]\nLOG_UPDATES = False\nLOG_CREATES = False\n")
	f("[cache]\nLOG_DIR = x\nPID_DIR = x\nWHITELISTS_DIR = x\n", "note [cache] LOG_DIR: not used", "note [cache] PID_DIR: not used", "note [cache] WHITELISTS_DIR: not used")
	f("[cache]\nLOCAL_DATA_DIR = x\n", "note [cache] LOCAL_DATA_DIR: not used: --storage-dir wins")
	f("[cache]\nSTORAGE_DIR = x   # here\n", "warning [cache] STORAGE_DIR = \"x   # here\": the text")
	f("[cache]\nWAL_DIR = x   # here\n", "warning [cache] WAL_DIR = \"x   # here\": the text from # or ; on is part of the value")
	f("[web]\nSTORE_FAIL_ON_ERROR = True\n", "warning [web] STORE_FAIL_ON_ERROR: no effect: there are no CLUSTER_SERVERS")
	f("[web]\nSTORE_FAIL_ON_ERROR = True\nCLUSTER_SERVERS = a\n")
	f("[web]\nREAD_ONLY = True\nWRITABLE_API = True\n", "warning [web] WRITABLE_API: no effect")
	f("[web]\nCLUSTER_SERVERS = user:hush@box:99999\n", `error [web] CLUSTER_SERVERS: cannot read CLUSTER_SERVERS entry "...@box:99999": expected`)
}

// TestRelativePaths: what a file says of files is relative to its folder.
func TestRelativePaths(t *testing.T) {
	dir := configtest.WriteFiles(t, map[string]string{"carbon.conf": "[cache]\nSTORAGE_DIR = s\nWAL_DIR = w\nLINE_RECEIVER_SOCKET = ~/sock\nREWRITE_RULES = r\nCONF_DIR = c\nLINE_RECEIVER_TLS_CERT = x.pem\n[web]\nHTTP_AUTH_FILE = ../users\n"})
	c, _ := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: env(map[string]string{"HOME": "/home/me"})})
	for _, x := range [][2]string{
		{c.Carbon.LocalDataDir, filepath.Join(dir, "s", "whisper")}, {c.Carbon.WALDir, filepath.Join(dir, "w")}, {c.Carbon.LineSocket, "/home/me/sock"},
		{rules.RewriteFile(c.Dirs.Conf, &c.Carbon), filepath.Join(dir, "c", "r")}, {c.Dirs.Conf, filepath.Join(dir, "c")},
		{c.Access.Cache.LineCert, filepath.Join(dir, "x.pem")}, {c.Access.Web.Users, filepath.Join(filepath.Dir(dir), "users")},
	} {
		if filepath.ToSlash(x[0]) != filepath.ToSlash(x[1]) {
			t.Errorf("got %s, want %s", x[0], x[1])
		}
	}
}

// TestPackagedElsewhere: the unit in docs/graphited.service gives --storage-dir to whatever
// carbon.conf there is, Debian's too.
func TestPackagedElsewhere(t *testing.T) {
	dir := t.TempDir()
	c, report := Load(Source{File: filepath.Join(testdata, "carbon-packaged.good.conf"), StorageDir: dir, Env: noEnv})
	if err := append(report, c.Check("info")...).Err(); err != nil {
		t.Error(err)
	}
	if want := filepath.Join(dir, "whisper"); c.Carbon.LocalDataDir != want || c.Dirs.Data != want {
		t.Errorf("data in %s and %s, want %s", c.Carbon.LocalDataDir, c.Dirs.Data, want)
	}
}

// TestGoCarbon tells go-carbon's files from carbon's.
func TestGoCarbon(t *testing.T) {
	f := func(text string, want bool) {
		t.Helper()
		file, _ := ini.Parse("x", []byte(text))
		if got := isGoCarbon(file); got != want {
			t.Errorf("%s: %v", text, got)
		}
	}
	f("[cache]\nmax-size = 1\n", true)
	f("[common]\nuser = \"x\"\n", true)
	f("[[logging]]\n[whisper]\ndata-dir = \"/x\"\n", true)
	f("[cache]\nMAX_CACHE_SIZE = 1\nUSER = \"x\"\n", false)
	f("[cache]\n[relay]\nDESTINATIONS = a-b\n[web]\nX-Y = 1\n", false)
	f("", false)
}

// TestDeclared: each option says what it is.
func TestDeclared(t *testing.T) {
	for _, o := range Options() {
		if o.Doc == "" || o.Doc[len(o.Doc)-1] != '.' {
			t.Errorf("%s: its meaning is no sentence: %q", o.Name, o.Doc)
		}
		if numbers := o.Type == "number" || o.Type == "time" || o.Type == "size"; numbers && o.Kind == "" {
			t.Errorf("%s: what 0 means is not declared", o.Name)
		}
	}
	cfg := newConfig(Source{})
	for _, target := range newLoader(Source{}, cfg).targets {
		for key, f := range target.fields {
			text := f.text()
			if _, msg := f.set(text); msg != "" || f.text() != text {
				t.Errorf("%s: its default %q is read as %q, %s", key, text, f.text(), msg)
			}
		}
	}
}
