package config

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"graphited/carbon/pyvalue"
	"graphited/config/configtest"
	"graphited/config/ini"
	"graphited/config/rules"
	"graphited/whisper"
)

// oracleCase is a question that oracle.py answers with Python's own modules, and the answer as it
// was recorded.
type oracleCase struct {
	Kind     string   `json:"kind"`
	Text     string   `json:"text"` // a file, a list of retentions or a pattern
	Instance string   `json:"instance,omitempty"`
	Texts    []string `json:"texts,omitempty"`
	Metrics  []string `json:"metrics,omitempty"`
	Keys     []string `json:"keys,omitempty"`
}

type oracleAnswer struct {
	Value any    `json:"value,omitempty"`
	Error string `json:"error,omitempty"`
}

// recordedAnswer is the answer to one of fixedCases, of which it repeats the text.
type recordedAnswer struct {
	Kind string `json:"kind"`
	Text string `json:"text"`
	oracleAnswer
}

const oracleRecord = testdata + "/oracle.json"

// askOracle runs oracle.py. It skips the test when there is no Python with carbon.
func askOracle(t *testing.T, cases []oracleCase) []oracleAnswer {
	t.Helper()
	python := ""
	for _, p := range []string{"/usr/bin/python3", "python3"} {
		if exec.Command(p, "-c", "import carbon.conf, whisper").Run() == nil {
			python = p
			break
		}
	}
	if python == "" {
		t.Skip("there is no python3 with the modules carbon and whisper")
	}
	input, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "-W", "ignore", filepath.Join(testdata, "oracle.py"))
	cmd.Env = append(os.Environ(), "PYTHONUTF8=1", "TMPDIR="+t.TempDir())
	cmd.Stdin = bytes.NewReader(input)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	output, err := cmd.Output()
	if err != nil {
		t.Fatalf("oracle.py: %v\n%s", err, stderr.String())
	}
	var answers []oracleAnswer
	if err := json.Unmarshal(output, &answers); err != nil || len(answers) != len(cases) {
		t.Fatalf("%d answers to %d cases: %v", len(answers), len(cases), err)
	}
	return answers
}

// TestOracleRecorded compares our answers with those of Python and carbon, as recorded.
func TestOracleRecorded(t *testing.T) {
	cases := fixedCases(t)
	if *update {
		recordAnswers(t, cases)
	}
	var record []recordedAnswer
	if err := json.Unmarshal(configtest.ReadFile(t, oracleRecord), &record); err != nil {
		t.Fatal(err)
	}
	if len(cases) != len(record) {
		t.Fatalf("%d cases, %d recorded answers: record them again with -update", len(cases), len(record))
	}
	for i, r := range record {
		if r.Kind != cases[i].Kind || r.Text != cases[i].Text {
			t.Fatalf("no answer is recorded for %+v: record them again with -update", cases[i])
		}
		compareAnswer(t, cases[i], r.oracleAnswer)
	}
}

func recordAnswers(t *testing.T, cases []oracleCase) {
	var b bytes.Buffer
	b.WriteString("[")
	for i, a := range askOracle(t, cases) {
		line, err := json.Marshal(recordedAnswer{cases[i].Kind, cases[i].Text, a})
		if err != nil {
			t.Fatal(err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		b.Write(line)
	}
	b.WriteString("\n]\n")
	if err := os.WriteFile(oracleRecord, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestOracleLive does the same with the Python that is installed, and with random questions on top.
func TestOracleLive(t *testing.T) {
	cases := append(fixedCases(t), randomCases()...)
	for i, a := range askOracle(t, cases) {
		compareAnswer(t, cases[i], a)
	}
}

func compareAnswer(t *testing.T, c oracleCase, want oracleAnswer) {
	t.Helper()
	value, err := ourAnswer(c)
	encoded, encodingErr := json.Marshal(value)
	if encodingErr != nil {
		t.Fatal(encodingErr)
	}
	var got any
	if decodingErr := json.Unmarshal(encoded, &got); decodingErr != nil {
		t.Fatal(decodingErr)
	}
	switch {
	case (err != nil) != (want.Error != ""):
		t.Errorf("%s %q\n got error %v\nwant error %q", c.Kind, c.Text, err, want.Error)
	case err == nil && !reflect.DeepEqual(got, want.Value):
		t.Errorf("%s %q\n got %v\nwant %v", c.Kind, c.Text, got, want.Value)
	}
}

func ourAnswer(c oracleCase) (any, error) {
	switch c.Kind {
	case "ini":
		return ourINI(c.Text)
	case "pattern":
		p, err := pyvalue.CompileRegexp(c.Text, time.Second)
		if err != nil {
			return nil, err
		}
		found := ""
		for _, text := range c.Texts {
			found += map[bool]string{true: "1", false: "0"}[p.Match(text)]
		}
		return found, nil
	case "retentions":
		archives, err := rules.ParseRetentions(c.Text)
		if err != nil {
			return nil, err
		}
		if whisper.ValidateArchives(archives) != nil {
			return "invalid", nil
		}
		return archivePairs(archives), nil
	case "schemas":
		storage, report := rules.ParseSchemas("storage-schemas.conf", []byte(c.Text))
		return matchAll(c.Metrics, func(m string) any {
			name, archives := storage.Match(m)
			return []any{name, archivePairs(archives)}
		}), report.Err()
	case "aggregation":
		storage, report := rules.ParseAggregation("storage-aggregation.conf", []byte(c.Text))
		return matchAll(c.Metrics, func(m string) any {
			name, method, xff := storage.Match(m)
			return []any{name, []any{math.Round(float64(xff)*1e6) / 1e6, method.String()}}
		}), report.Err()
	default:
		return ourSettings(c)
	}
}

func archivePairs(archives []whisper.Archive) [][2]int64 {
	pairs := make([][2]int64, len(archives))
	for i, a := range archives {
		pairs[i] = [2]int64{a.Step, a.Points}
	}
	return pairs
}

func matchAll(metrics []string, match func(string) any) []any {
	answers := make([]any, len(metrics))
	for i, m := range metrics {
		answers[i] = match(m)
	}
	return answers
}

func ourINI(text string) (any, error) {
	f, report := ini.Parse("x.conf", []byte(text))
	sections := []any{}
	for _, s := range f.Sections {
		if s.Name == ini.DefaultSection {
			continue
		}
		items, more := f.Items(s)
		report = append(report, more...)
		pairs := [][2]string{}
		for _, e := range items {
			pairs = append(pairs, [2]string{e.Key, e.Value})
		}
		slices.SortFunc(pairs, func(a, b [2]string) int { return strings.Compare(a[0], b[0]) })
		sections = append(sections, []any{s.Name, pairs})
	}
	return sections, report.Err()
}

// ourSettings shows options as Python's str() does.
func ourSettings(c oracleCase) (any, error) {
	config, report := parseConfig(c.Text, c.Instance)
	fields := optionFields(&config.Carbon)
	dirs := map[string]string{"CONF_DIR": config.Dirs.Conf, "STORAGE_DIR": config.Dirs.Storage, "LOCAL_DATA_DIR": config.Dirs.Data,
		"LOG_DIR": config.Dirs.Log, "WHITELISTS_DIR": config.Dirs.Whitelists, "PID_DIR": config.Dirs.PID}
	values := make(map[string]string)
	for _, key := range c.Keys {
		if dir, ok := dirs[key]; ok {
			if key == "CONF_DIR" && dir == "." {
				dir = "CONF"
			}
			values[key] = strings.Replace(filepath.ToSlash(dir), defaultRoot, "/graphite", 1)
			continue
		}
		switch v := fields[key].value.Interface().(type) {
		case bool:
			values[key] = map[bool]string{true: "True", false: "False"}[v]
		case time.Duration:
			values[key] = pythonFloat(v.Seconds())
		case float64:
			values[key] = pythonFloat(v)
		case int:
			values[key] = strconv.Itoa(v)
		case int64:
			values[key] = strconv.FormatInt(v, 10)
		case string:
			values[key] = v
		}
	}
	return values, report.Err()
}

func pythonFloat(f float64) string {
	if math.IsInf(f, 1) {
		return "inf"
	}
	return strconv.FormatFloat(f, 'f', -1, 64)
}
