package main

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// snippet says how the shell commands in a piece of a page are run: as part of a script, or not at
// all for a reason.
type snippet struct {
	begins string   // the beginning of the piece
	not    string   // the reason why it is not run
	conf   string   // the carbon.conf of the server that runs meanwhile
	change []string // pairs of a text on the page and its replacement, as for strings.NewReplacer; $HTTP and $LINE are the server's addresses
	before string   // the script before the commands
	after  string   // the script after them
}

const serving = `exec graphited --config conf/carbon.conf --storage-dir data --http 127.0.0.1:0 --line 127.0.0.1:0 --pickle '' --cache-query '' --ready-file ready.json &server&
ready ready.json
`

const stopping = `signal TERM
wait server
`

// snippets has all pieces of shell on the pages.
var snippets = []snippet{
	{begins: "go run .", not: "it builds the program, and listens on the usual ports"},
	{
		begins: `echo "a.b 1 $(date +%s)"`,
		change: []string{"127.0.0.1/2003", "${LINE%:*}/${LINE#*:}", "'http://127.0.0.1:8080", `"http://$HTTP"'`},
		before: serving, after: "within '/render?target=a.b&format=json&from=-5min&noNullPoints=1' '\\[1\\.0, \\d+\\]'\neventually data/whisper/a/b.wsp\n" + stopping,
	},
	{
		begins: "graphited check /etc/carbon/carbon.conf",
		change: []string{"/etc/carbon", "conf", "graphited --config", ": graphited --config"}, // without the command that would serve
		after:  "stdout 'whisper files in'\n",
	},
	{
		begins: "graphited render 'servers",
		change: []string{"render 'servers", "render --server http://$HTTP 'servers", "/var/lib/graphite", "data"},
		before: serving + "send $LINE 'servers.a.cpu.user 1 NOW' 'web.a.hits 2 NOW'\neventually data/whisper/servers/a/cpu/user.wsp data/whisper/web/a/hits.wsp\n",
		after:  "exists cpu.png hits.csv\n" + stopping,
	},
	{
		begins: "graphited backup",
		change: []string{"graphited backup", "graphited backup --server http://$HTTP", "graphited restore", "kill -TERM $PID; wait; graphited restore --storage-dir restored", "/backups/", ""},
		before: serving + "send $LINE 'a.b 1 NOW'\neventually data/whisper/a/b.wsp\n",
		after:  "wait server\nexists graphite.tar.zst restored/whisper/a/b.wsp\n",
	},
	{
		begins: "curl -d 'query=servers.old", conf: "[web]\nWRITABLE_API = True\n",
		change: []string{"127.0.0.1:8080", "$HTTP", "curl", "curl -sf"},
		before: serving + "send $LINE 'servers.old-1.a 1 NOW' 'disk.free;dc=old 1 NOW'\neventually data/whisper/servers/old-1/a.wsp\nwithin '/tags/findSeries?expr=dc=old' disk\n",
		after:  "stdout '\"matched\": 1, \"deleted\": 0'\nstdout '\"deleted\": 1.*servers.old-1.a'\nstdout '\"deleted\": 1.*disk.free;dc=old'\n" + stopping,
	},
	{begins: "graphited credential", after: "grep '^grafana:\\$2' users\ngrep '^icinga:sha256:' users\nexec graphited check auth.conf\n"},
	{
		begins: "graphited --storage-dir ci-data",
		after:  "stdout '\\[42\\.0, \\d+\\]'\n! exists ready.json ci-data\n",
	},
	{
		begins: "graphited whisper info",
		change: []string{"/var/lib/graphite", "data", "/etc/carbon", "conf"},
		before: serving + "send $LINE 'a.b 1 NOW'\neventually data/whisper/a/b.wsp\n",
		after:  "stdout 'aggregationMethod: average'\nstdout '1 to change'\nexists data/whisper/a/b.wsp.bak\n" + stopping,
	},
	{
		begins: "export GRAPHITED_CONFIG",
		change: []string{"/etc/carbon", "conf"},
		after:  "stdout 'whisper files in'\n",
	},
	{begins: "mkdir /tmp/try", not: "it needs root and Debian's user"},
	{begins: "systemctl disable", not: "it needs root and systemd"},
	{begins: "old=http", not: "it needs jq and a graphite-web"},
	{begins: "install -m 755", not: "it needs root and systemd"},
	{begins: "graphited whisper find-corrupt --repair", not: "it needs a damaged file; the tests of whisper/tool repair some"},
	{begins: "export GRAPHITED_TOKEN", not: "it needs another server; testdata/script/credentials.txtar asks one"},
}

// TestShellSnippets runs the shell commands on the pages.
func TestShellSnippets(t *testing.T) {
	dir, found := t.TempDir(), 0
	for page, text := range pages(t) {
		for _, m := range regexp.MustCompile("(?s)\n```sh\n(.*?)\n```\n").FindAllStringSubmatch(text, -1) {
			found++
			i := 0
			for i < len(snippets) && !strings.HasPrefix(m[1], snippets[i].begins) {
				i++
			}
			if i == len(snippets) {
				t.Errorf("%s: add to snippets how this piece is run, or why it is not:\n%s", page, m[1])
				continue
			}
			if s := snippets[i]; s.not == "" {
				write(t, filepath.Join(dir, fmt.Sprintf("%d.txtar", i)), s.script(m[1]))
			}
		}
	}
	if found != len(snippets) {
		t.Errorf("the pages have %d pieces, snippets has %d", found, len(snippets))
	}
	for _, program := range []string{"bash", "curl"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("the commands need", program)
		}
	}
	testscript.Run(t, scripts(dir))
}

func (s snippet) script(piece string) string {
	conf := s.conf
	if conf == "" {
		conf = "[cache]\n"
	}
	return s.before + "exec bash -e piece.sh\n" + s.after + "-- piece.sh --\n" + strings.NewReplacer(s.change...).Replace(piece) +
		"\n-- conf/carbon.conf --\n" + conf + "-- conf/storage-schemas.conf --\n[all]\npattern = .*\nretentions = 10s:1h\n-- password.txt --\nhunter2\n-- auth.conf --\n[web]\nHTTP_AUTH_FILE = users\n"
}
