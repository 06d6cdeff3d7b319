package config

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/configtest"
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
		text := string(configtest.ReadFile(t, path))
		if name != "schemas-retentions.bad.conf" && name != "carbon-layout.bad.conf" {
			cases = append(cases, oracleCase{Kind: "ini", Text: text})
		}
		if kind, _, _ := strings.Cut(name, "-"); kind != "carbon" {
			cases = append(cases, oracleCase{Kind: kind, Text: text, Metrics: ruleMetrics})
		}
	}
	for _, text := range configtest.LayoutTexts {
		cases = append(cases, oracleCase{Kind: "ini", Text: text})
	}
	for _, text := range configtest.RetentionTexts {
		cases = append(cases, oracleCase{Kind: "retentions", Text: text})
	}
	for _, p := range configtest.Patterns {
		cases = append(cases, oracleCase{Kind: "pattern", Text: p, Texts: configtest.PatternTexts})
	}
	for _, c := range settingsCases {
		c.Kind = "settings"
		cases = append(cases, c)
	}
	return cases
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

// randomCases builds layouts, retentions and configtest.Patterns from pieces, the same ones at each run.
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
			oracleCase{Kind: "pattern", Texts: configtest.PatternTexts, Text: join(6, "", "a", "b", `\.`, ".", ".*", "^", "$", "(", ")", "|", "?", "+", "*", "[ab]", "[^a]", `\w`, `\b`, "(?:", "(?!a)", "(?<=a)", `\1`, "{2}", "{,2}", "{1", "x", "min", "(?i:", `\Z`)})
	}
	return cases
}
