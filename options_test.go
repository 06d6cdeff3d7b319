package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"graphited/config"
)

// badTexts are values that options of type text or list cannot have. One without any says why.
var badTexts = map[string][]string{
	"CACHE_QUERY_INTERFACE":     {"a b", "192.0.2.1"},
	"HTTP_INTERFACE":            {"a b", "192.0.2.1", "0.0.0.0:80"},
	"LINE_RECEIVER_INTERFACE":   {"a b", "192.0.2.1"},
	"PICKLE_RECEIVER_INTERFACE": {"a b", "192.0.2.1"},
	"PROTOBUF_RECEIVER_INTERFACE": {
		"a b\nPROTOBUF_RECEIVER_PORT = 21440", "192.0.2.1\nPROTOBUF_RECEIVER_PORT = 21440"},
	"UDP_RECEIVER_INTERFACE": {"a b\nENABLE_UDP_LISTENER = True", "192.0.2.1\nENABLE_UDP_LISTENER = True"},

	"LINE_RECEIVER_ALLOW":     {"localhost", "10.0.0.0/33", "10.0.0.0/8 fd00::/8"},
	"UDP_RECEIVER_ALLOW":      {"localhost", "10.0.0.0/33"},
	"PICKLE_RECEIVER_ALLOW":   {"localhost", "10.0.0.0/33"},
	"PROTOBUF_RECEIVER_ALLOW": {"localhost", "10.0.0.0/33"},
	"CACHE_QUERY_ALLOW":       {"localhost", "10.0.0.0/33"},
	"HTTP_ALLOW":              {"localhost", "10.0.0.0/33"},
	"LINE_RECEIVER_TLS_CERT":  {"missing.pem", "carbon.conf"},
	"LINE_RECEIVER_TLS_KEY":   {"missing.pem"},
	"HTTP_TLS_CERT":           {"missing.pem", "carbon.conf"},
	"HTTP_TLS_KEY":            {"missing.pem"},
	"HTTP_AUTH_FILE":          {"missing", "carbon.conf", "."},

	"LINE_RECEIVER_SOCKET":         {"missing/socket", "carbon.conf", strings.Repeat("long", 40)},
	"LINE_RECEIVER_COMPRESSION":    {"x", "lz4", "GZIP"},
	"CACHE_WRITE_STRATEGY":         nil, // another one is a warning, as in carbon
	"REWRITE_RULES":                {"."},
	"WAL_SYNC":                     {"x", "", "Always", "always\nWAL = False"},
	"WAL_DIR":                      {"carbon.conf", "carbon.conf/wal"},
	"CARBON_METRIC_PREFIX":         {"", "a..b", "a/b", "a;b=c", "_tagged"},
	"LOCAL_DATA_DIR":               {""},
	"STORAGE_DIR":                  {""},
	"CONF_DIR":                     {""},
	"LOG_DIR":                      {""},
	"PID_DIR":                      {""},
	"WHITELISTS_DIR":               {""},
	"URL_PREFIX":                   {"/a b", "/a?b", "a#b", "/a//b", "/../a", "/%41", "/ü"},
	"DATE_FORMAT":                  nil, // it is a text of any kind
	"USER":                         {"no such user"},
	"TIME_ZONE":                    {"x", "Europe/Nowhere", "Local", "UTC+1:00"},
	"CORS_ORIGINS":                 {"grafana.example", "https://grafana.example/", "https://Grafana.example", "https://a:443", "https://*.example", "//a", "null", "https://a:99999"},
	"CLUSTER_SERVERS":              {"box:99999", "box:0", "!!nonsense!!", "box:port", "ftp://box", "box?format=xml", "a b", "box#x", ":80", "https://", "http://[::1"},
	"REMOTE_STORE_FORWARD_HEADERS": {"X Y", "X:Y"},
}

// badValues returns values that an option cannot have.
func badValues(t *testing.T, o config.Option) []string {
	switch o.Type {
	case "boolean":
		return []string{"", "maybe", "2"}
	case "text", "list":
		list, ok := badTexts[o.Name]
		if !ok {
			t.Errorf("%s: say which values are bad", o.Name)
		}
		return list
	}
	list := []string{"", "x", "-1", "nan", "-inf", "1e300", "99999999999999999999", "1 2", "1 furlong", "10 # ten"}
	if o.Kind != "limit" && o.Kind != "limit>0" {
		list = append(list, "inf")
	}
	switch o.Kind {
	case ">0", "limit>0":
		list = append(list, "0")
	case "share":
		list = append(list, "5", "1.01")
	case "port":
		list = append(list, "65536", "99999", "2003.0")
	}
	if o.Type == "time" {
		list = append(list, "0.0001", "3 parsecs", "1h -1m")
	}
	if o.Type == "number" && o.Unit != "points" {
		list = append(list, "1 MB")
	}
	if o.Min != "" {
		list = append(list, "0.5")
	}
	if o.Max != "" {
		list = append(list, "9_000_000_000")
	}
	return list
}

// TestStartAndCheckAgree: a value that an option cannot have ends check and start, with the same
// words.
func TestStartAndCheckAgree(t *testing.T) {
	t.Setenv("GRAPHITED_LOG_FORMAT", "json")
	for _, o := range config.Options() {
		for _, value := range badValues(t, o) {
			dir := t.TempDir()
			file := filepath.Join(dir, "carbon.conf")
			write(t, file, "["+o.Section+"]\n"+o.Name+" = "+value+"\n")
			agree(t, o.Name, dir, "--config", file)
		}
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// agree checks and starts with the same arguments, and wants one error about the option from both.
func agree(t *testing.T, option, dir string, args ...string) {
	t.Helper()
	if !slices.Contains(args, "--storage-dir") {
		args = append(args, "--storage-dir", filepath.Join(dir, "data"))
	}
	conf := ""
	for _, a := range args {
		if text, err := os.ReadFile(a); err == nil {
			conf = string(text)
		}
	}
	var out, errs bytes.Buffer
	if code := run(append([]string{"graphited", "check"}, args...), &out, &errs); code != 1 {
		t.Errorf("%q: check ends with %d:\n%s%s", conf, code, &out, &errs)
		return // a start might not end
	}
	var want []string
	for line := range strings.Lines(out.String()) {
		if msg, ok := strings.CutPrefix(line, "error: "); ok {
			want = append(want, strings.TrimSpace(msg))
		}
	}
	if len(want) == 0 || !strings.Contains(want[0], option) {
		t.Errorf("%q: the error does not name the option:\n%s", conf, &out)
	}
	out.Reset()
	errs.Reset()
	if code := run(append([]string{"graphited"}, args...), &out, &errs); code != 1 {
		t.Errorf("%q: start ends with %d", conf, code)
	}
	var got []string
	for line := range strings.Lines(errs.String()) {
		var entry struct{ Level, Message string }
		if json.Unmarshal([]byte(line), &entry) == nil && entry.Level == "error" {
			got = append(got, entry.Message)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%q: start says\n%q\ncheck says\n%q", conf, got, want)
	}
}

// TestConflicts: two receivers cannot have one port, wherever their addresses come from.
func TestConflicts(t *testing.T) {
	t.Setenv("GRAPHITED_LOG_FORMAT", "json")
	for _, c := range []struct{ option, conf, args string }{
		{"PICKLE_RECEIVER_PORT", "[cache]\nPICKLE_RECEIVER_PORT = 2003\n", ""},
		{"CACHE_QUERY_PORT", "[cache]\nCACHE_QUERY_PORT = 2004\n", ""},
		{"HTTP_PORT", "[web]\nHTTP_PORT = 7002\n", ""},
		{"HTTP_PORT", "[cache]\nLINE_RECEIVER_PORT = 8080\nLINE_RECEIVER_INTERFACE = 127.0.0.1\n", ""},
		{"PROTOBUF_RECEIVER_PORT", "[cache]\nPROTOBUF_RECEIVER_PORT = 2004\n", ""},
		{"UDP_RECEIVER_PORT", "[cache]\nENABLE_UDP_LISTENER = True\nUDP_RECEIVER_PORT = 0\n", ""},
		{"HTTP_PORT", "[cache]\n", "--http :2003"},
		{"PICKLE_RECEIVER_PORT", "[cache]\n", "--line 127.0.0.1:2004"},
		{"HTTP_INTERFACE", "[cache]\n", "--http 192.0.2.1:0"},
		{"LINE_RECEIVER_INTERFACE", "[cache]\n", "--line 192.0.2.1:2003"},
		{"--ready-file", "[cache]\n", "--ready-file /dev/null/x"},
		{"CARBON_METRIC_PREFIX", "[cache]\n", "--instance a/b"},
		{"storage-dir", "[cache]\n", "--storage-dir /dev/null/x"},
	} {
		dir := t.TempDir()
		file := filepath.Join(dir, "carbon.conf")
		write(t, file, c.conf)
		agree(t, c.option, dir, append(strings.Fields(c.args), "--config", file)...)
	}
}

// TestFlagsAgree: check and start refuse the same flags, as wrong usage.
func TestFlagsAgree(t *testing.T) {
	for _, args := range [][]string{
		{"--log-level", "loud"}, {"--log-format", "xml"}, {"--http", "abc"}, {"--line", "127.0.0.1:99999"}, {"--pickle", ":x"}, {"--cache-query", "a:b:c"},
	} {
		args = append(args, "--storage-dir", t.TempDir())
		var checked, started bytes.Buffer
		if code := run(append([]string{"graphited", "check"}, args...), &checked, &checked); code != 2 {
			t.Errorf("%q: check ends with %d: %s", args, code, &checked)
			continue
		}
		if code := run(append([]string{"graphited"}, args...), &started, &started); code != 2 || started.String() != strings.Replace(checked.String(), "graphited check --help", "graphited --help", 1) {
			t.Errorf("%q: start ends with %d and says %q, not %q", args, code, &started, &checked)
		}
	}
}
