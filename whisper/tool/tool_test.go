package tool

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/urfave/cli/v2"

	"graphited/whisper"
	"graphited/whisper/vfs"
)

const testNow = 1_700_000_040

// memEnv returns an environment in memory, at testNow.
func memEnv() (*env, *vfs.Mem) {
	m := vfs.NewMem()
	return &env{fs: m, now: func() time.Time { return time.Unix(testNow, 0) }, zone: time.UTC, stdin: strings.NewReader("")}, m
}

func spec(t testing.TB, retentions string, m whisper.Method, factor float32) whisper.Spec {
	t.Helper()
	archives, err := whisper.ParseRetentions(retentions)
	if err != nil {
		t.Fatal(err)
	}
	return whisper.Spec{Archives: archives, Method: m, XFilesFactor: factor}
}

func makeFile(t testing.TB, fsys vfs.FS, path string, s whisper.Spec, pts ...whisper.Point) {
	t.Helper()
	if err := whisper.Create(fsys, path, s, testNow, pts, whisper.Options{}); err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, fsys vfs.FS, path, content string) {
	t.Helper()
	if err := fsys.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := vfs.WriteFile(fsys, path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
}

// known returns the known values of the last n steps of the finest archive.
func known(t testing.TB, fsys vfs.FS, path string, n int64) (values []float64) {
	t.Helper()
	f, err := whisper.OpenRead(fsys, path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	s, err := f.Fetch(testNow-n*f.Spec().Archives[0].Step, testNow, testNow)
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(s.Values, func(v float64) bool { return v != v })
}

// The file contains Python's repr, %f and %10.35g of floats.
func TestFloats(t *testing.T) {
	recorded, err := os.ReadFile("../../testdata/whisper/floats.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(strings.TrimSuffix(string(recorded), "\n"), "\n") {
		want := strings.Split(line, "\t")
		b, err := hex.DecodeString(want[0])
		if err != nil {
			t.Fatal(err)
		}
		bits := uint64(0)
		for _, c := range b {
			bits = bits<<8 | uint64(c)
		}
		v := math.Float64frombits(bits)
		if got := []string{want[0], repr(v), fixed(v), long(v)}; !slices.Equal(got, want) {
			t.Errorf("got  %q\nwant %q", got, want)
		}
	}
}

func TestOptions(t *testing.T) {
	f := func(args, wantRest, wantErr string, want ...any) {
		t.Helper()
		var flag bool
		var text string
		var number int64
		var float float64
		rest, help, err := parse([]option{
			{name: "flag", short: 'f', value: &flag}, {name: "text", short: 't', value: &text, choices: []string{"a", "b"}},
			{name: "number", value: &number}, {name: "float", value: &float}, {name: "help", short: 'h'},
		}, strings.Fields(args))
		got := fmt.Sprint(flag, text, number, float, help)
		if err != nil {
			got = ""
		}
		if strings.Join(rest, " ") != wantRest || (err == nil) != (wantErr == "") || err != nil && !strings.Contains(err.Error(), wantErr) || wantErr == "" && got != fmt.Sprint(want...) {
			t.Errorf("%s: %v, %s, %v", args, rest, got, err)
		}
	}
	f("", "", "", false, "", 0, 0, false)
	f("x -f y --text a z", "x y z", "", true, "a", 0, 0, false)
	f("--text=b --number=-5 --flo 1e3", "", "", false, "b", -5, 1000, false)
	f("-tb -5 --fla", "-5", "", true, "b", 0, 0, false)
	f("-- --flag -", "--flag -", "", false, "", 0, 0, false)
	f("- -h", "-", "", false, "", 0, 0, true)
	f("--fl", "", "ambiguous option: --fl (--flag, --float?)")
	f("--nothing", "", "no such option: --nothing")
	f("-x", "", "no such option: -x")
	f("--flag=1", "", "does not take a value")
	f("--number", "", "requires 1 argument")
	f("--number x", "", "invalid integer value: 'x'")
	f("--float x", "", "invalid floating-point value: 'x'")
	f("--text c", "", "invalid choice: 'c'")
}

func TestStrftime(t *testing.T) {
	at := time.Date(2026, 1, 4, 5, 6, 7, 0, time.UTC) // a Sunday
	f := func(format, want string) {
		t.Helper()
		if got := strftime(format, at); got != want {
			t.Errorf("%q: got %q, want %q", format, got, want)
		}
	}
	f("%Y-%m-%d %H:%M:%S %z", "2026-01-04 05:06:07 +0000")
	f("%U %W %V %u %w %j", "01 00 01 7 0 004")
	f("%a %A %b %B %e %p %y %%n%n%t", "Sun Sunday Jan January  4 AM 26 %n\n\t")
	f("%s%q%", fmt.Sprint(at.Unix())+"%q%")
}

func TestDryRun(t *testing.T) {
	e, m := memEnv()
	s := spec(t, "60:10", whisper.Sum, 0)
	makeFile(t, m, "a.wsp", s, whisper.Point{Time: testNow, Value: 1})
	makeFile(t, m, "b.wsp", s, whisper.Point{Time: testNow - 60, Value: 2})
	write(t, m, "bad/bad.wsp", "bad")
	names := m.Names()
	image := func() string {
		a, _ := vfs.ReadFile(m, "a.wsp")
		b, _ := vfs.ReadFile(m, "b.wsp")
		return string(a) + string(b)
	}
	before := image()
	for _, line := range []string{
		"create c.wsp 60:10", "create a.wsp 60:20 --overwrite", "update a.wsp N:5", "resize a.wsp 60:20", "merge a.wsp b.wsp", "fill a.wsp b.wsp",
		"set-aggregation-method a.wsp max", "set-xfilesfactor a.wsp 1", "find-corrupt bad --delete-corrupt", "rebuild a.wsp",
	} {
		words := strings.Fields(line)
		for _, extra := range []string{"--dry-run", "--json"} {
			if words = append(words, extra); extra == "--json" {
				stdout, _, _ := run(t, e, words[0], words[1:]...)
				if !json.Valid([]byte(stdout)) {
					t.Errorf("%s: %q", line, stdout)
				}
			} else if _, stderr, code := run(t, e, words[0], words[1:]...); code != 0 {
				t.Errorf("%s: %d %s", line, code, stderr)
			}
		}
		if image() != before || !slices.Equal(m.Names(), names) {
			t.Fatalf("%s changed something: %v", line, m.Names())
		}
	}
}

func TestUpdateFromStdin(t *testing.T) {
	e, m := memEnv()
	makeFile(t, m, "a.wsp", spec(t, "60:10", whisper.Sum, 0))
	e.stdin = strings.NewReader(fmt.Sprintf("N:1 %d:2\n%d:3\n%d:4", testNow-60, testNow-120, testNow-120))
	if stdout, stderr, code := run(t, e, "update", "a.wsp"); stdout+stderr != "" || code != 0 {
		t.Error(stdout, stderr, code)
	}
	if got := known(t, m, "a.wsp", 5); !slices.Equal(got, []float64{3, 2, 1}) {
		t.Error(got)
	}
	for _, bad := range []string{"5", "x:1", "1:x", "N:"} {
		if _, stderr, code := run(t, e, "update", "a.wsp", bad); code != 1 || !strings.Contains(stderr, "[ERROR] bad point") {
			t.Error(bad, stderr, code)
		}
	}
}

func TestFillAndMerge(t *testing.T) {
	e, m := memEnv()
	s := spec(t, "60:10", whisper.Sum, 0)
	makeFile(t, m, "a.wsp", s, whisper.Point{Time: testNow, Value: 1}, whisper.Point{Time: testNow - 60, Value: 2})
	makeFile(t, m, "b.wsp", s, whisper.Point{Time: testNow, Value: 9})
	if stdout, stderr, code := run(t, e, "fill", "--lock", "a.wsp", "b.wsp", "--json"); code != 0 || !strings.Contains(stdout, `"points": 1`) {
		t.Error(stdout, stderr, code)
	}
	if got := known(t, m, "b.wsp", 5); !slices.Equal(got, []float64{2, 9}) {
		t.Error(got)
	}
	if _, stderr, code := run(t, e, "merge", "a.wsp", "b.wsp"); code != 0 {
		t.Error(stderr)
	}
	if got := known(t, m, "b.wsp", 5); !slices.Equal(got, []float64{2, 1}) {
		t.Error(got)
	}
	if _, stderr, code := run(t, e, "fill", "a.wsp", "none.wsp"); code != 1 || stderr != "[ERROR] File \"none.wsp\" does not exist!\n" {
		t.Error(stderr, code)
	}
}

func TestDumpJSONAndRaw(t *testing.T) {
	e, m := memEnv()
	makeFile(t, m, "a.wsp", spec(t, "60:2,120:3", whisper.Sum, 0), whisper.Point{Time: testNow, Value: 1.5}, whisper.Point{Time: testNow - 60, Value: math.Inf(1)})
	stdout, _, code := run(t, e, "dump", "--json", "a.wsp")
	var got struct {
		AggregationMethod string
		Archives          []struct {
			Points int
			Data   [][2]any
		}
	}
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || code != 0 {
		t.Fatal(err, stdout)
	}
	if got.AggregationMethod != "sum" || len(got.Archives) != 2 || len(got.Archives[1].Data) != 3 || fmt.Sprint(got.Archives[0].Data) != "[[1.69999998e+09 <nil>] [1.70000004e+09 1.5]]" {
		t.Errorf("%+v", got)
	}
	stdout, _, _ = run(t, e, "dump", "-r", "a.wsp")
	if want := "1699999980:inf\n1700000040:1.5\n1699999920:inf\n1700000040:1.5\n0:0\n"; stdout != want {
		t.Errorf("%q", stdout)
	}
}

// matchAll returns a Loader that matches every metric with the given spec, except metrics that
// begin with "other".
func matchAll(s whisper.Spec) Loader {
	return func(schemas, aggregation, _ string) (Match, string, error) {
		if schemas == "bad" {
			return nil, "", errors.New("bad schemas")
		}
		return func(metric string) (whisper.Spec, bool) { return s, !strings.HasPrefix(metric, "other") }, "", nil
	}
}

func TestFindCorrupt(t *testing.T) {
	s := spec(t, "60:10", whisper.Sum, 0)
	fresh := func() (*env, *vfs.Mem) {
		e, m := memEnv()
		e.load = matchAll(s)
		makeFile(t, m, "d/good.wsp", s, whisper.Point{Time: testNow, Value: 1})
		good, err := vfs.ReadFile(m, "d/good.wsp")
		if err != nil {
			t.Fatal(err)
		}
		write(t, m, "d/x/cut.wsp", string(good[:27]))
		write(t, m, "d/header.wsp", "damagedheader"+string(good[13:]))
		write(t, m, "d/other.wsp", "damagedheader"+string(good[13:]))
		write(t, m, "d/empty.wsp", "")
		write(t, m, "d/.graphited-1.tmp", "")
		moved := slices.Clone(good)
		copy(moved[76:], moved[28:40])
		write(t, m, "d/moved.wsp", string(moved))
		return e, m
	}
	e, m := fresh()
	stdout, stderr, code := run(t, e, "find-corrupt", "d")
	if code != 0 || stdout != "" || strings.Count(stderr, "Corrupt Whisper file: ") != 4 {
		t.Error(stdout, stderr, code)
	}
	before := m.Names()
	stdout, _, _ = run(t, e, "find-corrupt", "--deep", "--json", "d")
	var found []struct{ Path, Reason, Done string }
	if err := json.Unmarshal([]byte(stdout), &found); err != nil || len(found) != 5 || !slices.Equal(before, m.Names()) {
		t.Error(err, stdout)
	}
	_, stderr, code = run(t, e, "find-corrupt", "--repair", "--quarantine=q", "d")
	if code != 0 || strings.Count(stderr, "Repaired") != 1 || strings.Count(stderr, "Moving") != 3 || strings.Count(stderr, "\n") != 4 {
		t.Error(stderr, code)
	}
	if got := known(t, m, "d/header.wsp", 5); !slices.Equal(got, []float64{1}) {
		t.Error(got)
	}
	for _, name := range []string{"q/empty.wsp", "q/other.wsp", "q/x/cut.wsp"} {
		if _, err := m.Stat(name); err != nil {
			t.Error(err)
		}
	}
	e, _ = fresh()
	_, stderr, _ = run(t, e, "find-corrupt", "--delete-corrupt", "d")
	if strings.Count(stderr, "Deleting") != 4 {
		t.Error(stderr)
	}
	if _, stderr, _ = run(t, e, "find-corrupt", "d"); stderr != "" {
		t.Error(stderr)
	}
}

// TestDrop checks that the values that --drop leaves keep their times, in every format. The script
// of whisper 1.1.4 moves them up; its fix of 2025 does not.
func TestDrop(t *testing.T) {
	e, m := memEnv()
	makeFile(t, m, "d.wsp", spec(t, "60:20,300:50", whisper.Last, 0),
		whisper.Point{Time: testNow - 900, Value: 1}, whisper.Point{Time: testNow - 600, Value: 0}, whisper.Point{Time: testNow - 120, Value: 3}, whisper.Point{Time: testNow - 60, Value: -0.5})
	leaves := map[string]func(value string) bool{
		"nulls":  func(v string) bool { return v != "None" },
		"zeroes": func(v string) bool { return v != "0.000000" },
		"empty":  func(v string) bool { return v != "None" && v != "0.000000" },
	}
	at := func(age int64) string { return strconv.FormatInt(testNow-age, 10) }
	windows := [][]string{{"--from=" + at(1100)}, {"--from", at(1100), "--until=" + at(100)}, {"--from", at(4000)}, {"--from", at(610), "--until", at(590)}, {}}
	for drop, keep := range leaves {
		for _, window := range windows {
			for _, form := range [][]string{nil, {"--pretty"}, {"--pretty", "--time-format=%H:%M:%S"}} {
				args := append(append([]string{"d.wsp"}, window...), form...)
				all, _, _ := run(t, e, "fetch", args...)
				want := ""
				for line := range strings.Lines(all) {
					if _, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); keep(value) {
						want += line
					}
				}
				if got, stderr, code := run(t, e, "fetch", append(args, "--drop", drop)...); got != want || stderr != "" || code != 0 || all == "" {
					t.Errorf("--drop %s %v:\n%s%s, want\n%s", drop, args, got, stderr, want)
				}
			}
		}
	}
	got, _, _ := run(t, e, "fetch", "--json", "--drop=empty", "--from", at(1100), "d.wsp")
	want := fmt.Sprintf("{\n    \"start\" : %d,\n    \"end\" : %d,\n    \"step\" : 60,\n    \"values\" : [1.0, 3.0, -0.5]\n  }\n", (testNow-1100)/60*60+60, testNow/60*60+60)
	if got != want {
		t.Errorf("%s, want\n%s", got, want)
	}
}

// TestFindShort checks that a short file does not count as corrupt, as in the script, but is
// repaired, also when the server has set it aside, and without schemas.
func TestFindShort(t *testing.T) {
	s := spec(t, "60:10", whisper.Sum, 0)
	e, m := memEnv()
	loads := 0
	e.load = func(_, _, tree string) (Match, string, error) {
		if loads++; !strings.HasSuffix(tree, "d") {
			t.Errorf("schemas for %q", tree)
		}
		return nil, "", errors.New("no schemas")
	}
	makeFile(t, m, "d/good.wsp", s, whisper.Point{Time: testNow, Value: 1})
	good, err := vfs.ReadFile(m, "d/good.wsp")
	if err != nil {
		t.Fatal(err)
	}
	short := []string{"d/short.wsp", "d/none.wsp", "d/.corrupt/a/s.wsp", "d/.corrupt/a/s.wsp.1700000000123456789"}
	for i, name := range short {
		write(t, m, name, string(good[:len(good)-30*i-10]))
	}
	write(t, m, "d/old.wsp.1700000000123456789", "not a whisper file") // not one of the server's
	write(t, m, "d/old.wsp.gz", "no whisper file")
	for _, args := range [][]string{{"find-corrupt", "d"}, {"find-corrupt", "--deep", "--delete-corrupt", "d"}, {"find-corrupt", "--quarantine=q", "d"}} {
		if stdout, stderr, code := run(t, e, args[0], args[1:]...); stdout+stderr != "" || code != 0 {
			t.Errorf("%v: %s%s, %d", args, stdout, stderr, code)
		}
	}
	stdout, stderr, code := run(t, e, "find-corrupt", "--repair", "--dry-run", "--json", "d")
	if code != 0 || stderr != "" || strings.Count(stdout, "bytes are missing") != len(short) {
		t.Error(stdout, stderr, code)
	}
	_, stderr, code = run(t, e, "find-corrupt", "--repair", "--delete-corrupt", "d")
	if code != 0 || strings.Count(stderr, "Repaired short Whisper file: ") != len(short) || strings.Count(stderr, "\n") != len(short) {
		t.Error(stderr, code)
	}
	for _, name := range short {
		if info, err := m.Stat(name); err != nil || info.Size != s.FileSize() {
			t.Errorf("%s: %+v, %v", name, info, err)
		}
	}
	if _, stderr, _ = run(t, e, "find-corrupt", "--repair", "d"); stderr != "" || loads != 0 {
		t.Error(stderr, loads)
	}
	// A damaged header needs the schemas. Nothing is deleted when they cannot be read.
	for _, name := range []string{"d/h.wsp", "d/.corrupt/h.wsp"} {
		write(t, m, name, "damagedheader"+string(good[13:]))
	}
	_, stderr, code = run(t, e, "find-corrupt", "--repair", "--delete-corrupt", "d")
	if code != 1 || strings.Count(stderr, "no schemas") != 1 || loads != 1 {
		t.Error(stderr, code, loads)
	}
	e.load = func(string, string, string) (Match, string, error) {
		return func(metric string) (whisper.Spec, bool) { return s, metric == "h" }, "the built-in rules hold", nil
	}
	_, stderr, code = run(t, e, "find-corrupt", "--repair", "d/.corrupt")
	if code != 0 || !strings.Contains(stderr, "[WARNING] the built-in rules hold\n") || strings.Count(stderr, "Repaired corrupt") != 1 {
		t.Error(stderr, code)
	}
	if _, stderr, code = run(t, e, "find-corrupt", "--repair", "d"); code != 0 || strings.Count(stderr, "Repaired corrupt") != 1 {
		t.Error(stderr, code)
	}
}

func TestMigrate(t *testing.T) {
	e, m := memEnv()
	old, to := spec(t, "60:10", whisper.Sum, 0.5), spec(t, "60:20,300:20", whisper.Max, 0.5)
	e.load = matchAll(to)
	p := whisper.Point{Time: testNow, Value: 7}
	makeFile(t, m, "d/a/b.wsp", old, p)
	makeFile(t, m, "d/c.wsp", old, p)
	makeFile(t, m, "d/method.wsp", spec(t, "60:20,300:20", whisper.Sum, 0.5), p)
	makeFile(t, m, "d/same.wsp", to, p)
	makeFile(t, m, "d/other/x.wsp", old, p)
	write(t, m, "d/bad.wsp", "bad")
	stdout, _, code := run(t, e, "migrate", "--dry-run", "d")
	if stdout != "6 files, 3 to change, 1 without schema, 1 errors\n" || code != 1 {
		t.Error(stdout, code)
	}
	stdout, stderr, code := run(t, e, "migrate", "d", "--json", "--rate=100000")
	var got migrated
	if err := json.Unmarshal([]byte(stdout), &got); err != nil || got.Files != 6 || got.Changed != 3 || got.Unmatched != 1 || len(got.Errors) != 1 || code != 1 {
		t.Error(err, stdout, code)
	}
	if !strings.Contains(stderr, "[ERROR] corrupt whisper file") || !strings.Contains(stderr, "bad.wsp") {
		t.Error(stderr)
	}
	for _, name := range []string{"d/a/b.wsp", "d/c.wsp", "d/method.wsp"} {
		f, err := whisper.OpenRead(m, name)
		if err != nil {
			t.Fatal(err)
		}
		if s := f.Spec(); s.Method != whisper.Max || !slices.Equal(s.Archives, to.Archives) {
			t.Error(name, s)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
		if got := known(t, m, name, 5); !slices.Equal(got, []float64{7}) {
			t.Error(name, got)
		}
	}
	stdout, _, _ = run(t, e, "migrate", "d")
	if stdout != "6 files, 0 changed, 1 without schema, 1 errors\n" {
		t.Error(stdout)
	}
	// The script changes archives only, and keeps a backup.
	makeFile(t, m, "s/x/c.wsp", old, p)
	stdout, stderr, code = run(t, e, "update-storage-times", "--cfg=f", "--path", "s", "--subdir", "x", "--debug")
	if !strings.HasSuffix(stdout, "1 files, 1 changed, 0 without schema, 0 errors\n") || !strings.HasPrefix(stdout, "s/x/c.wsp: [60:10] sum 0.5 -> [60:20 300:20] sum 0.5\n") || code != 0 {
		t.Error(stdout, stderr, code)
	}
	if _, err := m.Stat("s/x/c.wsp.bak"); err != nil {
		t.Error(err)
	}
	makeFile(t, m, "s/y.wsp", old, p)
	stdout, _, code = run(t, e, "whisper-auto-resize", "s", "conf")
	if !strings.HasSuffix(stdout, "2 files, 2 to change, 0 without schema, 0 errors\n") || !strings.Contains(stdout, "s/x/c.wsp: ") || !strings.Contains(stdout, "s/y.wsp: ") || code != 0 {
		t.Error(stdout, code)
	}
	stdout, _, code = run(t, e, "whisper-auto-resize", "--doit", "-q", "-x", "--nobackup --aggregate", "--subdir=s/y.wsp", "s", "conf")
	if stdout != "1 files, 1 changed, 0 without schema, 0 errors\n" || code != 0 {
		t.Error(stdout, code)
	}
	if _, err := m.Stat("s/y.wsp.bak"); err == nil {
		t.Error("there is a backup")
	}
	if _, stderr, code = run(t, e, "update-storage-times"); code != 2 {
		t.Error(stderr, code)
	}
	if _, stderr, code = run(t, e, "migrate", "--schemas=bad", "d"); code != 1 || stderr != "[ERROR] bad schemas\n" {
		t.Error(stderr, code)
	}
	e.load = nil
	if _, stderr, code = run(t, e, "migrate", "d"); code != 1 || !strings.Contains(stderr, "no storage schemas") {
		t.Error(stderr, code)
	}
}

func TestMetricName(t *testing.T) {
	f := func(path, want string) {
		t.Helper()
		if got := metricName("/data", path); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
	f("/data/a/b/c.wsp", "a.b.c")
	f("/data/c.wsp", "c")
	f("/data/_tagged/1a2/b3c/disk_DOT_used;host=web_DOT_1.wsp", "disk.used;host=web.1")
	f("/data/_tagged/1a2/b3c/disk_DOT_used;mount=/var/lib.wsp", "disk.used;mount=/var/lib")
}

// TestFollowedLinks has a link to another folder, one to a folder above, and a dangling one.
func TestFollowedLinks(t *testing.T) {
	dir := t.TempDir()
	s := spec(t, "60:10", whisper.Sum, 0.5)
	makeFile(t, vfs.OS{}, filepath.Join(dir, "data/a.wsp"), s)
	makeFile(t, vfs.OS{}, filepath.Join(dir, "elsewhere/b.wsp"), s)
	for name, target := range map[string]string{"data/linked": "../elsewhere", "elsewhere/back": "../elsewhere", "data/nothing": "none", "data/c.wsp": "a.wsp"} {
		if err := os.Symlink(target, filepath.Join(dir, name)); err != nil {
			t.Skip("symbolic links are not available:", err)
		}
	}
	list, err := files(vfs.OS{}, filepath.Join(dir, "data"), nil)
	for i := range list {
		list[i], _ = filepath.Rel(dir, list[i])
	}
	if want := []string{"data/a.wsp", "data/c.wsp", "data/linked/b.wsp"}; err != nil || !slices.Equal(list, want) {
		t.Error(list, err)
	}
}

func TestProgressLine(t *testing.T) {
	p := newProgress(io.Discard, 200)
	p.done.Store(50)
	if got := p.line(5 * time.Second); !strings.HasPrefix(got, "[=======                       ]  25% 50/200 files, 10/s, 15s left") {
		t.Error(got)
	}
	p.end()
	if got := newProgress(io.Discard, 0).line(0); !strings.Contains(got, "0/0 files") {
		t.Error(got)
	}
}

func TestCommand(t *testing.T) {
	t.Chdir(t.TempDir())
	nowhere, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := os.Stdout, os.Stderr
	os.Stdout, os.Stderr = nowhere, nowhere
	t.Cleanup(func() { os.Stdout, os.Stderr = stdout, stderr })
	app := &cli.App{Commands: []*cli.Command{Command(nil)}, ExitErrHandler: func(*cli.Context, error) {}}
	if err := app.Run([]string{"graphited", "whisper", "create", "a.wsp", "60:10", "--xFilesFactor=0.25"}); err != nil {
		t.Error(err)
	}
	f, err := whisper.OpenRead(vfs.OS{}, "a.wsp")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if s := f.Spec(); s.XFilesFactor != 0.25 {
		t.Error(s)
	}
	var exit cli.ExitCoder
	if err := app.Run([]string{"graphited", "whisper", "info", "none.wsp"}); !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Error(err)
	}
	if err := app.Run([]string{"graphited", "whisper", "fetch", "--nonsense"}); !errors.As(err, &exit) || exit.ExitCode() != 2 {
		t.Error(err)
	}
	for _, name := range []string{"/usr/bin/whisper-info.py", "whisper-info", "find-corrupt-whisper-files.py", "rrd2whisper", "update-storage-times.py"} {
		if _, ok := ByName(name, nil); !ok {
			t.Error(name)
		}
	}
	for _, name := range []string{"graphited", "info", "whisper", ""} {
		if _, ok := ByName(name, nil); ok {
			t.Error(name)
		}
	}
	if run, _ := ByName("find-corrupt-whisper-files", nil); run([]string{"."}) != 0 || run([]string{"none"}) != 2 {
		t.Error("wrong exit codes")
	}
}

// BenchmarkMigrate migrates a tree back and forth between two schemas.
func BenchmarkMigrate(b *testing.B) {
	dir := b.TempDir()
	one, other := spec(b, "10s:6h,1m:7d", whisper.Average, 0.5), spec(b, "10s:12h,1m:7d", whisper.Average, 0.5)
	var pts []whisper.Point
	for at := int64(testNow - 6*3600); at <= testNow; at += 10 {
		pts = append(pts, whisper.Point{Time: at, Value: float64(at)})
	}
	const count = 500
	for i := range count {
		makeFile(b, vfs.OS{}, filepath.Join(dir, fmt.Sprintf("a%d/m%d.wsp", i%10, i)), one, pts...)
	}
	for b.Loop() {
		one, other = other, one
		e := &env{fs: vfs.OS{}, now: func() time.Time { return time.Unix(testNow, 0) }, load: matchAll(one)}
		m := &migration{aggregate: true}
		paths, err := files(e.fs, dir, nil)
		if err != nil || len(paths) != count {
			b.Fatal(err, len(paths))
		}
		if m.match, _, err = e.load("", "", ""); err != nil {
			b.Fatal(err)
		}
		e.stderr = io.Discard
		e.forEach(paths, 0, func(path string) {
			if changed, _, err := m.file(e, dir, path); changed == "" || err != nil {
				b.Error(changed, err)
			}
		})
	}
	b.ReportMetric(float64(count*b.N)/b.Elapsed().Seconds(), "files/s")
}
