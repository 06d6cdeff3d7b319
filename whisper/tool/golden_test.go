package tool

import (
	"bufio"
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"graphited/whisper"
	"graphited/whisper/vfs"
)

var updateGolden = flag.Bool("update", false, "record golden files from the tools of Debian's python3-whisper")

const goldenFile = "../../testdata/whisper/tools.txt"

// goldenCommands are run one after the other in one folder. Their times are fixed. The archives
// reach back 40 years, so that the commands can run at any time.
var goldenCommands = []string{
	"whisper-create --estimate 60:1d,5m:30d,1h:5y",
	"whisper-create --estimate 1s:7d 1m:90d",
	"whisper-create",
	"whisper-create a.wsp",
	"whisper-create a.wsp 1d:40y",
	"whisper-create a.wsp 1d:40y",
	"whisper-create a.wsp --overwrite 1d:14600 --sparse",
	"whisper-create b.wsp 1d:40y --xFilesFactor=0.1 --aggregationMethod sum --fallocate",
	"whisper-create c.wsp 1d:30y 7d:40y --aggr last --xF 0",
	"whisper-create --bogus d.wsp 1d:40y",
	"whisper-create --xFilesFactor=no d.wsp 1d:40y",
	"whisper-create d.wsp 1d:40y,",
	"whisper-info a.wsp",
	"whisper-info b.wsp",
	"whisper-info c.wsp --json",
	"whisper-info c.wsp xFilesFactor",
	"whisper-info b.wsp xFilesFactor",
	"whisper-info a.wsp fileSize",
	"whisper-info a.wsp archives",
	"whisper-info a.wsp nonsense",
	"whisper-info",
	"whisper-info none.wsp",
	"whisper-update a.wsp 1699920000:1 1700006400:2.5 1700092800:-3e100 1700179200:0 1700265600:0.000001234 1700352000:123456789.123",
	"whisper-update b.wsp 1700006400:2.5 1700179200:1 1700438400:17",
	"whisper-update b.wsp 1700438500:18 1700438500:19",
	"whisper-update c.wsp 1699920000:1 1700006400:2 1700092800:3",
	"whisper-update c.wsp 1700179200:4",
	"whisper-update c.wsp 100:4",
	"whisper-update c.wsp 99999999999:4",
	"whisper-update",
	"whisper-fetch a.wsp --from 1699900000 --until 1700400000",
	"whisper-fetch a.wsp --from=1699900000 --until=1700500000 --json",
	"whisper-fetch --pretty --from=1699900000 --until=1700400000 a.wsp",
	"whisper-fetch --pretty -t %Y-%m-%d_%H:%M:%S%%%j%a%b%y%s%u%w --from=1699900000 --until=1700400000 a.wsp",
	"whisper-fetch --drop empty --json --from=1699900000 --until=1700500000 a.wsp",
	"whisper-fetch --drop bogus a.wsp",
	"whisper-fetch --from=1 --until=2 a.wsp",
	"whisper-fetch --from=2000000000 --until=1000000000 a.wsp",
	"whisper-fetch",
	"whisper-fetch a.wsp b.wsp",
	"whisper-diff a.wsp b.wsp",
	"whisper-diff --columns a.wsp b.wsp",
	"whisper-diff --no-headers --columns a.wsp b.wsp",
	"whisper-diff --ignore-empty a.wsp b.wsp",
	"whisper-diff --summary a.wsp b.wsp",
	"whisper-diff --summary --columns --no-headers a.wsp b.wsp",
	"whisper-diff --summary --json a.wsp b.wsp",
	"whisper-diff --json a.wsp b.wsp",
	"whisper-diff --json --until 1700100000 a.wsp b.wsp",
	"whisper-diff --json a.wsp a.wsp",
	"whisper-diff a.wsp",
	"whisper-diff a.wsp c.wsp",
	"whisper-set-aggregation-method a.wsp sum",
	"whisper-set-aggregation-method a.wsp absmin 0.25",
	"whisper-set-aggregation-method a.wsp nonsense",
	"whisper-set-aggregation-method a.wsp max 7",
	"whisper-set-aggregation-method none.wsp max",
	"whisper-set-xfilesfactor a.wsp 0.1",
	"whisper-set-xfilesfactor a.wsp 1",
	"whisper-set-xfilesfactor a.wsp 1.5",
	"whisper-set-xfilesfactor none.wsp 1",
	"whisper-set-xfilesfactor a.wsp",
	"whisper-info a.wsp",
	"whisper-merge --from 1700100000 --until 1700300000 a.wsp b.wsp",
	"whisper-merge a.wsp none.wsp",
	"whisper-merge a.wsp",
	"whisper-merge a.wsp c.wsp",
	"whisper-fetch --from=1699900000 --until=1700500000 b.wsp",
	"whisper-resize c.wsp 1d:35y 14d:40y",
	"whisper-info c.wsp",
	"whisper-info c.wsp.bak maxRetention",
	"whisper-resize c.wsp 1d:40y --nobackup --xFilesFactor=0.3 --aggregationMethod=max --force",
	"whisper-info c.wsp",
	"whisper-fetch --from=1699900000 --until=1700300000 c.wsp",
	"whisper-resize c.wsp --newfile n.wsp 2d:40y",
	"whisper-fetch --from=1699900000 --until=1700300000 n.wsp",
	"whisper-resize none.wsp 2d:40y",
	"whisper-resize c.wsp",
	"whisper-create s.wsp 1d:6",
	"whisper-dump s.wsp",
	"whisper-dump --pretty --time-format=%x s.wsp",
	"whisper-dump none.wsp",
	"whisper-dump",
	"whisper-dump c.wsp | head",
	"find-corrupt-whisper-files .",
	"find-corrupt-whisper-files --verbose bad",
	"find-corrupt-whisper-files --delete-corrupt bad",
	"find-corrupt-whisper-files bad",
	"find-corrupt-whisper-files",
	"find-corrupt-whisper-files none",
}

// TestGolden compares the output and exit codes of our tools with recordings of Debian's tools.
// -update records them.
func TestGolden(t *testing.T) {
	golden, err := filepath.Abs(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if *updateGolden {
		goldenFolder(t)
		var b strings.Builder
		for _, line := range goldenCommands {
			fmt.Fprintf(&b, "$ %s\n%s\n", line, theirs(t, line))
		}
		if err := os.WriteFile(golden, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	recorded, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	goldenFolder(t)
	sections := strings.Split("\n"+string(recorded), "\n$ ")[1:]
	if len(sections) != len(goldenCommands) {
		t.Fatalf("%d commands are recorded", len(sections))
	}
	for i, line := range goldenCommands {
		want := strings.TrimSuffix(strings.TrimPrefix(sections[i], line+"\n"), "\n")
		got := ours(t, line)
		if _, code, crashed := strings.Cut(want, traceback); crashed && strings.Contains(got, "[ERROR]") && strings.HasSuffix(got, code) {
			continue
		}
		if got != want {
			t.Errorf("$ %s\ngot:\n%s\nwant:\n%s", line, got, want)
		}
	}
}

// goldenFolder changes to a new folder with a few files that whisper finds corrupt, and two that it
// does not.
func goldenFolder(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for name, content := range map[string]string{
		"bad/header.wsp": "\x00\x00\x00\x09" + strings.Repeat("x", 200), "bad/empty.wsp": "", "bad/not whisper.txt": "x",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	spec, err := newSpec([]string{"1m:1h"}, "average", 0.5)
	if err != nil {
		t.Fatal(err)
	}
	if err := whisper.Create(vfs.OS{}, "bad/good.wsp", spec, 1700000000, nil, whisper.Options{}); err != nil {
		t.Fatal(err)
	}
}

// outcome returns the part of a run that is compared: no help texts, and only those lines of errors
// that begin as the tools' own.
func outcome(stdout, stderr string, code int) string {
	if strings.Contains(stdout, "Usage:") || strings.Contains(stdout, "usage:") {
		stdout = "(help)\n"
	}
	if lines := strings.Split(stdout, "\n"); len(lines) > 100 {
		stdout = strings.Join(lines[:20], "\n") + "\n...\n"
	}
	if strings.HasPrefix(stderr, "Corrupt ") || strings.HasPrefix(stderr, "Deleting ") {
		dir, _ := os.Getwd()
		lines := strings.Split(strings.TrimSpace(strings.ReplaceAll(stderr, dir+"/", "")), "\n")
		if len(lines) > 1 && lines[0] > lines[1] {
			lines[0], lines[1] = lines[1], lines[0] // the order of files in a folder is not fixed
		}
		stdout = strings.Join(lines, "\n") + "\n"
	}
	for _, line := range strings.Split(stderr, "\n") {
		if strings.HasPrefix(line, "[ERROR]") && !strings.Contains(line, "Errno") {
			stdout += line + "\n"
		}
	}
	if strings.Contains(stderr, "Traceback") {
		stdout += traceback
	}
	return stdout + fmt.Sprintf("exit %d", code)
}

// traceback replaces Python's tracebacks: our tools print an error message instead.
const traceback = "(traceback)\n"

func theirs(t *testing.T, line string) string {
	t.Helper()
	words := strings.Fields(strings.TrimSuffix(line, " | head"))
	var stdout, stderr bytes.Buffer
	cmd := exec.Command("/usr/bin/"+words[0], words[1:]...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	cmd.Env = append(os.Environ(), "TZ=UTC", "LC_ALL=C")
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return outcome(stdout.String(), stderr.String(), cmd.ProcessState.ExitCode())
}

func ours(t *testing.T, line string) string {
	t.Helper()
	words := strings.Fields(strings.TrimSuffix(line, " | head"))
	stdout, stderr, code := run(t, testEnv(), words[0], words[1:]...)
	return outcome(stdout, stderr, code)
}

// testEnv returns the environment of the tests, with the real file system and a fixed time.
func testEnv() *env {
	return &env{fs: vfs.OS{}, now: func() time.Time { return time.Unix(1700500000+4*86400*365, 0) }, zone: time.UTC, stdin: strings.NewReader("")}
}

// run runs the tool with the given name of a script or subcommand.
func run(t *testing.T, e *env, name string, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	var out, errs bytes.Buffer
	e.program, e.stdout, e.stderr = name, bufio.NewWriter(&out), &errs
	for _, tool := range tools() {
		if tool.script == name || tool.name == name {
			code = tool.run(e, args)
			return out.String(), errs.String(), code
		}
	}
	t.Fatalf("there is no tool %q", name)
	return "", "", 0
}
