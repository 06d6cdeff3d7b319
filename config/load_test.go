package config

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"graphited/config/configtest"
	"graphited/config/problem"
	"graphited/config/rules"
)

// writeFiles makes a folder with the given files and returns it.

func env(vars map[string]string) func(string) string {
	return func(key string) string { return vars[key] }
}

func TestLoadWithoutFiles(t *testing.T) {
	root := t.TempDir()
	c, report := Load(Source{Env: env(map[string]string{"GRAPHITE_ROOT": root})})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	storage := filepath.Join(root, "storage")
	want := Dirs{Conf: filepath.Join(root, "conf"), Storage: storage, Data: filepath.Join(storage, "whisper"),
		Log: filepath.Join(storage, "log", "carbon-cache", "carbon-cache-a"), Whitelists: filepath.Join(storage, "lists"), PID: storage}
	if c.Dirs != want {
		t.Errorf("folders\n got %+v\nwant %+v", c.Dirs, want)
	}
	if c.File != "" || c.Instance != "a" || c.Carbon.Instance != "a" || c.Carbon.LineAddr.Port != 2003 || c.Carbon.LocalDataDir != want.Data {
		t.Errorf("file %q, instance %q and %q, port %d, data in %q", c.File, c.Instance, c.Carbon.Instance, c.Carbon.LineAddr.Port, c.Carbon.LocalDataDir)
	}
	if name, _ := c.Rules.Schemas.Match("a.b"); name != "default" {
		t.Errorf("schema %q", name)
	}
}

func TestLoadFile(t *testing.T) {
	dir := configtest.WriteFiles(t, map[string]string{
		"my.conf": "[cache]\nLINE_RECEIVER_PORT = 1\nUDP_RECEIVER_PORT = 1\nMETRIC_CLIENT_IDLE_TIMEOUT = None\nCARBON_METRIC_INTERVAL = 1.5\n" +
			"MAX_CACHE_SIZE = inf\nMAX_RECEIVER_CONNECTIONS = inf\n[cache:b]\nUDP_RECEIVER_PORT = 2\n[web]\nHTTP_PORT = 0\n",
		rules.SchemasFile: configtest.OneSchema,
	})
	c, report := Load(Source{File: filepath.Join(dir, "my.conf"), Instance: "b", Env: noEnv})
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	o := c.Carbon
	if c.Dirs.Conf != dir || o.LineAddr.Port != 1 || o.UDPAddr.Port != 2 || o.IdleTimeout != 0 || o.MetricInterval != 1500*time.Millisecond ||
		!math.IsInf(o.MaxCacheSize, 1) || o.MaxConnections != math.MaxInt32 || o.Instance != "b" || c.Web.Addr.On() {
		t.Errorf("got %+v, web port %d", o, c.Web.Addr.Port)
	}
	if spec := c.Rules.Spec("x.count"); len(spec.Archives) != 1 || spec.Archives[0].Points != 1440 || spec.XFilesFactor != 0.5 {
		t.Errorf("spec %+v", spec)
	}
}

func TestLoadPlaces(t *testing.T) {
	dir := configtest.WriteFiles(t, map[string]string{"carbon.conf": "[cache]\nLOG_DIR = ~/log\nSTORAGE_DIR = /file\n", rules.SchemasFile: configtest.OneSchema})
	vars := map[string]string{"GRAPHITE_ROOT": "/root", "GRAPHITE_CONF_DIR": dir, "GRAPHITE_STORAGE_DIR": "/env", "HOME": "/home/me"}
	f := func(o Source, storage, data, log string) {
		t.Helper()
		o.Env = env(vars)
		c, report := Load(o)
		if err := report.Err(); err != nil {
			t.Fatal(err)
		}
		got := [3]string{filepath.ToSlash(c.Dirs.Storage), filepath.ToSlash(c.Dirs.Data), filepath.ToSlash(c.Dirs.Log)}
		if want := [3]string{storage, data, log}; got != want {
			t.Errorf("%+v:\n got %v\nwant %v", o.File, got, want)
		}
		if c.Dirs.Conf != dir {
			t.Errorf("rules in %q, want %q", c.Dirs.Conf, dir)
		}
	}
	f(Source{}, "/file", "/file/whisper", "/home/me/log/carbon-cache-a")
	f(Source{StorageDir: "/flag", Instance: "x"}, "/flag", "/flag/whisper", "/home/me/log/carbon-cache-x")

	other := filepath.Join(dir, "other.conf")
	if err := os.WriteFile(other, []byte("[cache]\nCONF_DIR = "+dir+"\nLOCAL_DATA_DIR = data/../wsp/\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	wsp := filepath.ToSlash(filepath.Join(dir, "wsp"))
	f(Source{File: other}, "/env", wsp, "/env/log/carbon-cache/carbon-cache-a")
	f(Source{File: other, StorageDir: "s"}, "s", "s/whisper", "s/log/carbon-cache/carbon-cache-a")
}

func TestLoadFailures(t *testing.T) {
	f := func(files map[string]string, want ...string) {
		t.Helper()
		dir := configtest.WriteFiles(t, files)
		c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: noEnv})
		err := append(report, c.Check("info")...).Err()
		if err == nil {
			t.Fatal("no error")
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("error lacks %q:\n%v", w, err)
			}
		}
		if lines := strings.Count(err.Error(), "\n") + 1; lines != len(want) {
			t.Errorf("%d errors, want %d:\n%v", lines, len(want), err)
		}
		if c.Rules == nil || c.Carbon.LineAddr.Port != 2003 {
			t.Error("the defaults are not in place")
		}
		if err := c.Describe(&strings.Builder{}); err != nil {
			t.Error(err)
		}
	}
	f(map[string]string{rules.SchemasFile: configtest.OneSchema}, "carbon.conf: cannot read the file")
	f(map[string]string{"carbon.conf": "[cache]\nLINE_RECEIVER_PORT = x\n", rules.SchemasFile: "[a]\npattern = (\nretentions = 60s:1d\n",
		rules.AggregationFile: "[a]\npattern = a\naggregationMethod = b\n"},
		`carbon.conf:2: [cache] LINE_RECEIVER_PORT = "x": expected a port`, rules.SchemasFile+`:2: [a] pattern = "(": missing )`, rules.AggregationFile+`:3: [a] aggregationMethod = "b": unknown`)
	f(map[string]string{"carbon.conf": "[cache]\n[web]\nCLUSTER_SERVERS = [\"box1:8080\", \"box2?format=xml\"]\n", rules.SchemasFile: configtest.OneSchema},
		`carbon.conf:3: [web] CLUSTER_SERVERS: cannot read CLUSTER_SERVERS entry "\"box2?format=xml\"]": format must be pickle or msgpack`)
}

func TestDescribe(t *testing.T) {
	c, report := parseConfig(string(configtest.ReadFile(t, filepath.Join(testdata, "carbon-packaged.good.conf"))), "a")
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	schemas, _ := rules.ParseSchemas("", configtest.ReadFile(t, filepath.Join(testdata, "schemas-order.good.conf")))
	aggregation, _ := rules.ParseAggregation("", configtest.ReadFile(t, filepath.Join(testdata, "aggregation-partial.good.conf")))
	c.Rules = rules.NewStorage(schemas, aggregation)
	var b strings.Builder
	if err := c.Describe(&b); err != nil {
		t.Fatal(err)
	}
	if filepath.Separator != '/' {
		t.Skip("the folders look different here")
	}
	compareGolden(t, filepath.Join(testdata, "describe.txt"), b.String())
}

// TestInstalled reads what Debian's package graphite-carbon installs. There must be nothing to warn
// of.
func TestInstalled(t *testing.T) {
	const file = "/etc/carbon/carbon.conf"
	if _, err := os.Stat(file); err != nil {
		t.Skip("graphite-carbon is not installed")
	}
	c, report := Load(Source{File: file, Env: noEnv})
	for _, p := range report {
		if p.Severity > problem.Info {
			t.Errorf("%s: %s", p.Severity, p)
		}
	}
	if filepath.Clean(c.Dirs.Conf) != "/etc/carbon" || len(c.Rules.Schemas) < 2 {
		t.Errorf("rules in %q, %d schemas", c.Dirs.Conf, len(c.Rules.Schemas))
	}
	const example = "/usr/share/doc/graphite-carbon/examples/storage-aggregation.conf.example"
	if text, err := os.ReadFile(example); err == nil {
		if _, report := rules.ParseAggregation(example, text); len(report) > 0 {
			t.Errorf("%v", report)
		}
	}
}
