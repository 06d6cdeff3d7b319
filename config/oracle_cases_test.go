package config

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
)

// ruleMetrics are names that the rule files of testdata/config tell apart.
var ruleMetrics = []string{
	"carbon.agents.a", "xcarbon.agents", "servers.web1.load", "team.team.load", "team.other.load", "a.points", "an.unsorted.one", "x;dc=eu;host=b", "x;dc=us",
	"late", "a", "b", "c", "d", "e", "f", "g", "h", "x.min", "x.max", "x.count", "x.last", "x.sparse", "x.plain", "x.skipped", "x.abs", "münchen.größe", "",
}

// fixedCases are the questions whose answers are recorded: the files of testdata/config and small
// texts for each rule that is easily got wrong.
func fixedCases(t *testing.T) []oracleCase {
	t.Helper()
	var cases []oracleCase
	paths, err := filepath.Glob(filepath.Join(testdata, "*.conf"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := filepath.Base(path)
		text := string(readFile(t, path))
		if name != "schemas-retentions.bad.conf" && name != "carbon-layout.bad.conf" {
			cases = append(cases, oracleCase{Kind: "ini", Text: text})
		}
		if kind, _, _ := strings.Cut(name, "-"); kind != "carbon" {
			cases = append(cases, oracleCase{Kind: kind, Text: text, Metrics: ruleMetrics})
		}
	}
	for _, text := range layoutTexts {
		cases = append(cases, oracleCase{Kind: "ini", Text: text})
	}
	for _, text := range retentionTexts {
		cases = append(cases, oracleCase{Kind: "retentions", Text: text})
	}
	for _, p := range patterns {
		cases = append(cases, oracleCase{Kind: "pattern", Text: p, Texts: patternTexts})
	}
	for _, c := range settingsCases {
		c.Kind = "settings"
		cases = append(cases, c)
	}
	return cases
}

var layoutTexts = []string{
	"", "\n\n", "[a]\n", "[a]\nx=1", "[a]\r\nx=1\r\n\r\n y\r\n", "[a]\rx=1\r",
	"[a]\nx = 1\n  2\n\n\n  3\n\n[b]\n", "[a]\nx =\n  2\n", "[a]\nx = 1\n# c\n  2\n ; c\n  3\n", "[a]\n  x = 1\n  y = 2\n", "[a]\n  x = 1\n y = 2\n   z = 3\n",
	"[a]\n\tx = 1\n        y = 2\n", "[a]\nx=1\n [b]\n", "[a]\nx=1\n\n [b]\ny=2\n", " [a]\n x=1\n[b]\n", "[a]\nx = 1 ; no comment\ny = 2 # none\n", "[a]\nx = a=b:c\ny: a=b\n",
	"[a]\nx = 'q'\ny = \"q\"\nz = a\\\n", "[a]\nX Y = 1\nx y z=2\n", "[a]\nx=1\nX=2\n", "[a]\n[b]\n[a]\n", "[DEFAULT]\nx=1\n[a]\ny=%(X)s\n[DEFAULT]\nz=3\n",
	"[default]\nx=1\n[a]\ny=2\n", "[ a ]\nx=1\n", "[a] b\nx=1\n", "[a]b]\nx=1\n", "[[a]]\nx=1\n", "[]]\nx=1\n", "[]\nx=1\n", "[a\nx=1\n", "x=1\n[a]\n", "[a]\nx\n", "[a]\n=x\n", "[a]\nx=\ny=\n",
	"[a]\nx=%%\n", "[a]\nx=%\n", "[a]\nx=%(y)s\ny=%(z)s!\nz=%%(y)s\n", "[a]\nx=%(y)s\n", "[a]\nx=%(x)s\n", "[a]\nx=%(y)d\ny=1\n", "[a]\nx=%()s\n", "[a]\nx=%(y\n", "[a]\nx=%(y)s%(y)s\ny=1\n",
	"[a]\ny=1\n[b]\nx=%(y)s\n", "[a]\nx=1\n\u00a0\u00a0y=2\n", "[a]\nä=1\nÄ=2\n", "[a]\nÄ=1\n", "[a]\nx = \u00a0b\u00a0\n", "[a]\nx=1\n\x0c\n y\n", "[a]\n-x=1\nx-=2\n",
	"[a]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=x\n",
	"[a]\na=%(b)s\nb=%(c)s\nc=%(d)s\nd=%(e)s\ne=%(f)s\nf=%(g)s\ng=%(h)s\nh=%(i)s\ni=%(j)s\nj=%(k)s\nk=%(l)s\nl=%%\n",
}

var retentionTexts = []string{
	"10s:6h", "10s:6h,1m:7d,10m:1y", "60:1440", "60s:1440", "60:1d", " 60s:1d , 5m:30d ", "60s:1d,\n 5m:30d", "1h:1y,60s:1d", "1s:1w,1m:52w", "1d:10y", "1y:10y", "1w:1y",
	"60s:1d,90s:2d", "60s:1d,60s:2d", "60s:1d,5m:1h", "1s:5,1m:1h", "1s:60,1m:60", "1s:60,1m:1", "7s:60", "7s:1m", "60s:90s", "61s:2m",
	"", ",", "60", "60:", ":60", "60s:1d,", "60s:1d:2", "60s : 1d", "1M:1d", "60S:1d", "1mon:1y", "1.5m:1d", "-60:10", "+60:10", "60s:-1", "s:1d", "60s:d", "60ss:1d", "6 0:10", "60s:1d;5m:2d", "1x:1d", "60s:1x",
}

var patternTexts = []string{
	"", "a", "b", "aa", "ab", "aab", "aaa", "a.b", "a.b.c", "carbon.agents.x", "x.min", "x.minimum", "servers.web-1.cpu", "servers.web-1.cpu.total", "team.team.x", "team.other.x", "A", "abc123", "x_y", "[", "]", "a]", "{", "a{", "a{2}", "a{,2}",
	"a-b", "a\\b", ":", "l", "\u00e4", "gr\u00f6\u00dfe.x", "\u0663", "\u00a0", "a b", "#", "a#b", "x;dc=eu", "x;dc=eu;h=1", "-", "^", "$", "|", "~", "&", "12", "z", "\u212a", "k", "K", "stats_counts.a",
}

var patterns = []string{
	"", ".*", ".", "a", "^a", "a$", "^a$", "^$", `\.`, `^carbon\.`, `\.min$`, `\.lower$|\.min$`, `\.(lower|min)$`, `^.*\.min$`, `^servers\..*`, `.*a.*b.*`, `^.*$`, `.*$`, `^.*`, `(?:a|b)$`, `a?b`, `^(a|ab)$`,
	`\d`, `\w`, `\s`, `\D`, `\W`, `\S`, `\bx`, `x\b`, `\Bx`, `^\w+$`, `^\w+\.x$`, `[\w.]+$`, `^[^\W]$`, `(?a)^\w$`, `(?i)^k$`, `(?i)A`, `(?i:a)b`, `(?-i:a)`, `(?i)(?-i:A)`, `(?s).`, `(?m)^a$`, `(?im)a`, `(?u)\w`,
	`\Aa\Z`, `a\Z`, `\AA`, `(?P<n>a)`, `(?P<n>a)(?P=n)`, `(a)\1`, `(a)(b)?\2`, `(a)\2`, `^(\w+)\.\1\.`, `(?P<x>a)(b)\2`, `(b)?(?P<x>a)\2`, `(?<x>a)`, `(?P>x)`, `(?P<x>a)(?P<x>b)`, `(?P<>a)`, `\10`, `(a)\100`, `\0`, `\141`, `\400`, `[\141]`, `[\8]`,
	`a(?=b)`, `a(?!b)`, `(?<=a)b`, `(?<!a)b`, `^(?!servers\.)`, `^servers\.(?!.*total)`, `(?>a+)b`, `a++a`, `a*+b`, `a?+a`, `(ab|a)++`, `[ab]{1,2}+b`, `(a)?(?(1)b|a)`, `(?P<q>a)?(?(q)b|a)$`, `(?(2)a)`, `(?#c)a`, `a(?#c)+`,
	`a{2}`, `a{2,}`, `a{,2}b`, `^a{1,2}$`, `a{,}b`, `a{`, `a{}`, `a{x}`, `a{2`, `{`, `}`, `a}`, `a{1,2}?`, `a{2}{3}`, `a**`, `a*?`, `a+?b`, `*`, `+a`, `^*`, `(*a)`, `|*`, `a{1001}`, `a||b`, `(|a)b`, `()`, `(a`, `a)`, `[`, `[a`, `]`, `[]]`, `[^]]`, `[]a]`, `[^a]`, `[a-c]`, `[c-a]`, `[a-]`, `[-a]`, `[a-\d]`, `[\d-a]`, `[a\-c]$`,
	`[[:alpha:]]`, `[[a]`, `[a-z-[b]]`, `[a&&b]`, `[~-~]`, `[|]`, `[^^]`, `[\^]`, `[\]]`, `[\\]`, `[.]`, `[\b]`, `[#]`, `[ ]`, `[\s\S]`, `[à-ü]`,
	`\x61`, `\x6`, `\u0061`, `\u00e4`, `\U00000061`, `\U00110000`, `\t`, `\n`, `\a`, `\q`, `\p{L}`, `\Q.\E`, `\h`, `\e`, `\_`, `\-`, `\<`, `\>`, `\'`, `\#`, `\&`, `\/`, `\ä`, `\`, `\{`, `\;dc=eu(;|$)`, `;dc=eu(;|$)`,
	`(?x) a b # c`, "(?x)a # c\nb", `(?x)[ ]`, `(?x)a\ b`, `(?x: a )b`, `(?x:a)(?-x: )`, `(?x)a {2}`, `a(?i)`, `(?i)(?s)a`, `(?L)a`, `(?q)a`, `(?`, `(?i`, `(?i-)`, `(?-i)a`, `(?-:a)`, `(?)`, `(?:)`, `(?P`, `(?P<`, `(?P<a`, `(?=`, `(?<`, `(?<a)`,
	`^stats_counts`, `K`, `k`, `ß`, `(?i)ß`, `[^\d]$`, `a\.b\.c`, `[.]b[.]`, `^(a|b|c|d|e|f|g|h|i|j)$`, `x$y`, `x^y`, `$^`, `^^a`, `a$$`, `(^a|b)`, `(a$|^b)`, `^(?:.*\.)?cpu$`, `.+`, `a.*`, `.*.*`, `(.*)`, `^.*a$`, `^a.*$`,
}

var settingsKeys = []string{
	"MAX_CACHE_SIZE", "MAX_UPDATES_PER_SECOND", "MAX_CREATES_PER_MINUTE", "LINE_RECEIVER_INTERFACE", "LINE_RECEIVER_PORT", "ENABLE_UDP_LISTENER", "PICKLE_RECEIVER_MAX_LENGTH",
	"USE_FLOW_CONTROL", "CACHE_WRITE_STRATEGY", "WHISPER_AUTOFLUSH", "CARBON_METRIC_PREFIX", "CARBON_METRIC_INTERVAL", "TCP_KEEPCNT", "TCP_KEEPIDLE",
	"CONF_DIR", "STORAGE_DIR", "LOCAL_DATA_DIR", "LOG_DIR", "WHITELISTS_DIR", "PID_DIR",
}

var settingsCases = []oracleCase{
	{Instance: "a", Text: "[relay]\nLINE_RECEIVER_PORT=2013\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\n[cache:a]\nLINE_RECEIVER_PORT=1\n[cache:b]\nLINE_RECEIVER_PORT=2\n", Keys: settingsKeys},
	{Instance: "b", Text: "[cache:b]\nLINE_RECEIVER_PORT=2\n[cache]\nLINE_RECEIVER_PORT=1\nPICKLE_RECEIVER_MAX_LENGTH=5\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nSTORAGE_DIR=/s/\n[cache:a]\nLOG_DIR=/l/../log/\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nSTORAGE_DIR=/s/\n[cache:a]\nSTORAGE_DIR=/t\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache:a]\nSTORAGE_DIR=/t\nCONF_DIR=/etc/carbon/\nLOCAL_DATA_DIR=relative/wsp\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nSTORAGE_DIR=/s\nLOCAL_DATA_DIR=%(STORAGE_DIR)s/w\n[cache:a]\nWHITELISTS_DIR=%(STORAGE_DIR)s/l\n", Keys: settingsKeys},
	{Instance: "a", Text: "[DEFAULT]\nSTORAGE_DIR=/d\nWHISPER_AUTOFLUSH=on\n[cache]\n[cache:a]\nPID_DIR=%(STORAGE_DIR)s/l\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nMAX_CACHE_SIZE = INF\nMAX_UPDATES_PER_SECOND=0.5\nMAX_CREATES_PER_MINUTE=infinity\nUSE_FLOW_CONTROL=oFF\nENABLE_UDP_LISTENER=1\nCARBON_METRIC_INTERVAL=0\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nMAX_CACHE_SIZE = 1_000_000\nTCP_KEEPCNT= +4\nCACHE_WRITE_STRATEGY=max\nCARBON_METRIC_PREFIX=a;b#c\nLINE_RECEIVER_INTERFACE=::1\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nUSE_FLOW_CONTROL=maybe\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nUSE_FLOW_CONTROL=\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nLOG_DIR=%(X)s\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\n[relay]\nLOG_DIR=%(X)s\n", Keys: settingsKeys},
	{Instance: "a", Text: "[cache]\nLOG_DIR=a\nlog_dir=b\n", Keys: settingsKeys},
}

// randomCases builds layouts, retentions and patterns from pieces, the same ones at each run.
func randomCases() []oracleCase {
	r := rand.New(rand.NewPCG(1, 2))
	join := func(n int, sep string, pieces ...string) string {
		var parts []string
		for range 1 + r.IntN(n) {
			parts = append(parts, pieces[r.IntN(len(pieces))])
		}
		return strings.Join(parts, sep)
	}
	var cases []oracleCase
	for range 2000 {
		cases = append(cases,
			oracleCase{Kind: "ini", Text: "[s]\n" + join(8, "\n", "a = 1", " b = 2", "  c:3", "    d", "", " ", "# x", "  ; y", "[t]", " [u]", "e =", "f = %(a)s", "   %%", "g = %(f)s", "\th=4", "[DEFAULT]", "i = [x]")},
			oracleCase{Kind: "retentions", Text: join(3, ",", "1s", "10s", "60", "60s", "1m", "5m", "1h", "90s", " 2m") + ":" + join(3, ",", "60", "1h", "1d", "7d", "1y:2", "10", "1d,5m:30d", "6h, 1m:7d")},
			oracleCase{Kind: "pattern", Texts: patternTexts, Text: join(6, "", "a", "b", `\.`, ".", ".*", "^", "$", "(", ")", "|", "?", "+", "*", "[ab]", "[^a]", `\w`, `\b`, "(?:", "(?!a)", "(?<=a)", `\1`, "{2}", "{,2}", "{1", "x", "min", "(?i:", `\Z`)})
	}
	return cases
}
