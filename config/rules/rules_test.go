package rules

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"graphited/config/configtest"
	"graphited/config/problem"
	"graphited/testdata/allocs"
	"graphited/whisper"
)

func TestBuiltinRules(t *testing.T) {
	r, report := LoadStorage(t.TempDir(), false)
	if len(report) > 0 {
		t.Errorf("report %v", report)
	}
	f := func(metric, schema string, method whisper.Method, archives ...whisper.Archive) {
		t.Helper()
		name, _ := r.Schemas.Match(metric)
		spec := r.Spec(metric)
		if err := spec.Validate(); err != nil {
			t.Error(err)
		}
		if name != schema || spec.Method != method || spec.XFilesFactor != 0 || len(spec.Archives) != len(archives) {
			t.Fatalf("%s: schema %s, %+v", metric, name, spec)
		}
		for i, a := range archives {
			if a != spec.Archives[i] {
				t.Errorf("%s: archive %d is %v, want %v", metric, i, spec.Archives[i], a)
			}
		}
	}
	day := []whisper.Archive{{Step: 10, Points: 2160}, {Step: 60, Points: 10080}, {Step: 600, Points: 52560}}
	f("carbon.agents.a.cpuUsage", "carbon", whisper.Average, whisper.Archive{Step: 60, Points: 129600})
	f("carbon.agents.a.count", "carbon", whisper.Sum, whisper.Archive{Step: 60, Points: 129600})
	f("servers.carbon.load", "default", whisper.Average, day...)
	f("", "default", whisper.Average, day...)
	for metric, method := range map[string]whisper.Method{
		"a.lower": whisper.Min, "a.min": whisper.Min, "a.minimum": whisper.Average, "min": whisper.Average, "a.upper": whisper.Max, "a.upper_90": whisper.Max,
		"a.upper_x": whisper.Average, "a.max": whisper.Max, "a.sum": whisper.Sum, "a.count": whisper.Sum, "a.counts": whisper.Average, "stats_counts.a": whisper.Sum, "a.stats_counts": whisper.Average,
	} {
		f(metric, "default", method, day...)
	}
}

func TestLoadRules(t *testing.T) {
	aggregation := "[all]\npattern = .*\naggregationMethod = max\nxFilesFactor = 0\n"
	f := func(files map[string]string, need bool, severity problem.Severity, step int64, method whisper.Method, xff float32) {
		t.Helper()
		r, report := LoadStorage(configtest.WriteFiles(t, files), need)
		worst := problem.Debug
		for _, p := range report {
			worst = max(worst, p.Severity)
		}
		spec := r.Spec("a.b")
		if worst != severity || spec.Archives[0].Step != step || spec.Method != method || spec.XFilesFactor != xff {
			t.Errorf("%v: %s, %+v\n%v", files, worst, spec, report)
		}
	}
	both := map[string]string{SchemasFile: configtest.OneSchema, AggregationFile: aggregation}
	f(both, true, problem.Debug, 60, whisper.Max, 0)
	f(both, false, problem.Debug, 60, whisper.Max, 0)
	f(map[string]string{SchemasFile: configtest.OneSchema}, true, problem.Debug, 60, whisper.Average, 0.5)
	f(map[string]string{SchemasFile: configtest.OneSchema}, false, problem.Debug, 60, whisper.Average, 0.5)
	f(map[string]string{AggregationFile: aggregation}, false, problem.Debug, 10, whisper.Max, 0)
	f(map[string]string{AggregationFile: aggregation}, true, problem.Error, 10, whisper.Max, 0)
	f(map[string]string{SchemasFile: ""}, true, problem.Debug, 60, whisper.Average, 0.5)
}

func TestLoadRulesUnreadable(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{SchemasFile, AggregationFile} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	_, report := LoadStorage(dir, false)
	if len(report) != 2 || report[0].Severity != problem.Error || report[1].Severity != problem.Warning {
		t.Errorf("report %v", report)
	}
}

// TestUnits: carbon refuses units of more than one letter, whisper's tools know them. They are
// read, with a warning.
func TestUnits(t *testing.T) {
	f := func(retentions, unit string, archives ...whisper.Archive) {
		t.Helper()
		schemas, report := ParseSchemas("s.conf", []byte("[a]\npattern = a\nretentions = "+retentions+"\n"))
		warned := len(report) == 1 && report[0].Severity == problem.Warning && strings.Contains(report[0].Msg, strconv.Quote(unit))
		if warned != (unit != "") || report.Err() != nil {
			t.Errorf("%s: report %v", retentions, report)
		}
		if _, got := schemas.Match("a"); !slices.Equal(got, archives) {
			t.Errorf("%s: got %v, want %v", retentions, got, archives)
		}
	}
	f("10s:1h,1m:1d", "", whisper.Archive{Step: 10, Points: 360}, whisper.Archive{Step: 60, Points: 1440})
	f("10s:1h,1min:1day", "min", whisper.Archive{Step: 10, Points: 360}, whisper.Archive{Step: 60, Points: 1440})
	f("60seconds:2", "seconds", whisper.Archive{Step: 60, Points: 2})
}

// TestUnreachable: a section behind one that matches everything is pointed out.
func TestUnreachable(t *testing.T) {
	f := func(first string, warnings int) {
		t.Helper()
		text := "[first]\npattern = " + first + "\nretentions = 60s:1d\n[second]\npattern = b\nretentions = 60s:1d\n[third]\npattern = c\nretentions = 60s:1d\n"
		_, report := ParseSchemas("s.conf", []byte(text))
		if len(report) != warnings {
			t.Errorf("%s: report %v", first, report)
		}
		for _, p := range report {
			if p.Severity != problem.Warning || !strings.Contains(p.Msg, "section [first] above matches every metric") {
				t.Errorf("%s: problem %v", first, p)
			}
		}
	}
	f(".*", 2)
	f("^.*$", 2)
	f("a|", 2)
	f(".", 0)
	f("a", 0)
}

// TestSpec compares Spec with matching the two lists one after the other, by names that hit and
// miss.
func TestSpec(t *testing.T) {
	schemas, _ := ParseSchemas("", configtest.ReadFile(t, filepath.Join("../../testdata/config", "schemas-order.good.conf")))
	aggregation, _ := ParseAggregation("", configtest.ReadFile(t, filepath.Join("../../testdata/config", "aggregation-partial.good.conf")))
	r := NewStorage(schemas, aggregation)
	words := []string{"servers", "team", "points", "unsorted", "last", "sparse", "plain", "abs", "x", ";dc=eu"}
	rapid.Check(t, func(t *rapid.T) {
		metric := strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 4).Draw(t, "words"), ".")
		_, archives := r.Schemas.Match(metric)
		_, method, xff := r.Aggregation.Match(metric)
		got := r.Spec(metric)
		if &got.Archives[0] != &archives[0] || got.Method != method || got.XFilesFactor != xff {
			t.Fatalf("%q: got %+v, want %v %v %v", metric, got, archives, method, xff)
		}
		if err := got.Validate(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestSpecAllocatesNothing(t *testing.T) {
	r := NewStorage(builtinSchemas(), builtinAggregation())
	if n := allocs.Least(100, func() { r.Spec("servers.web1.cpu.idle") }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// FuzzRules looks for a rule file that makes the loaders panic, or gives out a spec that no file
// can be created to.
func FuzzRules(f *testing.F) {
	paths, err := filepath.Glob(filepath.Join("../../testdata/config", "*-*.conf"))
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text), "servers.web1.load")
	}
	for _, list := range configtest.RetentionTexts {
		f.Add("[a]\npattern = .*\nretentions = "+list+"\nxFilesFactor = 0.5\n", "a")
	}
	f.Fuzz(func(t *testing.T, text, metric string) {
		schemas, schemaReport := ParseSchemas("s.conf", []byte(text))
		aggregation, aggregationReport := ParseAggregation("a.conf", []byte(text))
		for _, p := range append(schemaReport, aggregationReport...) {
			if p.Msg == "" || p.Line < 0 || p.Line > strings.Count(text, "\n")+strings.Count(text, "\r")+1 {
				t.Errorf("problem %+v", p)
			}
		}
		if err := NewStorage(schemas, aggregation).Spec(metric).Validate(); err != nil {
			t.Error(err)
		}
	})
}

// benchmarkRules are as long as those of a site that has grown: 12 schemas and the usual
// aggregation rules.
func benchmarkRules(b *testing.B) *Storage {
	b.Helper()
	var text strings.Builder
	text.WriteString("[carbon]\npattern = ^carbon\\.\nretentions = 60:90d\n")
	for i, p := range []string{`^servers\.`, `^collectd\.`, `^stats\.(timers|gauges)\.`, `^stats\.counters\..*\.rate$`, `\.snmp\.`, `^k8s\..*\.cpu$`, `^apps\.[a-z]+\.prod\.`, `^apps\.`, `;dc=eu`, `^events\.\d+\.`} {
		text.WriteString("[s" + strconv.Itoa(i) + "]\npattern = " + p + "\nretentions = 10s:6h,1m:7d\n")
	}
	schemas, report := ParseSchemas("s.conf", []byte(text.String()+configtest.OneSchema))
	aggregation, more := ParseAggregation("a.conf", []byte("[min]\npattern = \\.(min|lower)$\naggregationMethod=min\n[max]\npattern=\\.(max|upper)$\naggregationMethod=max\n[sum]\npattern=\\.count$\naggregationMethod=sum\n[d]\npattern=.*\n"))
	if err := append(report, more...).Err(); err != nil {
		b.Fatal(err)
	}
	return NewStorage(schemas, aggregation)
}

func BenchmarkSpec(b *testing.B) {
	names := make([]string, 1024)
	random := rand.New(rand.NewPCG(1, 1))
	firsts, lasts := []string{"servers.web", "apps.shop.prod.", "k8s.pod", "unknown.thing", "stats.timers.t"}, []string{".cpu", ".max", ".count", ".load.1min"}
	for i := range names {
		names[i] = firsts[random.IntN(len(firsts))] + strconv.Itoa(i) + ".metrics" + lasts[random.IntN(len(lasts))]
	}
	run := func(name string, r *Storage) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				r.Spec(names[i%len(names)])
			}
		})
	}
	run("builtin", NewStorage(builtinSchemas(), builtinAggregation()))
	run("site", benchmarkRules(b))
}
