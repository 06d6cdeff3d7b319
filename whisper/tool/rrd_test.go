package tool

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"graphited/whisper"
)

// sampleRRD is the output of `rrdtool dump` for a file with two data sources, 1 and 5 minutes of
// AVERAGE and 5 minutes of MAX.
const sampleRRD = "../../testdata/whisper/rrd.xml"

func TestRRD(t *testing.T) {
	e, m := memEnv()
	stdout, stderr, code := run(t, e, "rrd2whisper", "--destinationPath=d/e", sampleRRD)
	want := strings.Repeat("Created: d/e/rrd_X.wsp (232 bytes) with archives: 60:10,300:6\nMigrating data\n migrating 2 datapoints from archive 1\n migrating 10 datapoints from archive 0\n", 2)
	want = strings.Replace(strings.Replace(want, "X", "in", 1), "X", "out", 1)
	if stdout != want || stderr != "" || code != 0 {
		t.Errorf("%s%s%d", stdout, stderr, code)
	}
	// The row that ends at testNow begins a minute earlier.
	if got := known(t, m, "d/e/rrd_in.wsp", 9); !slices.Equal(got, []float64{7, 8, 9, 10, 11, 13, 13, 14}) {
		t.Error(got)
	}
	if got := known(t, m, "d/e/rrd_out.wsp", 3); !slices.Equal(got, []float64{169, 196}) {
		t.Error(got)
	}
	f, err := whisper.OpenRead(m, "d/e/rrd_out.wsp")
	if err != nil {
		t.Fatal(err)
	}
	if s := f.Spec(); s.Method != whisper.Average || s.XFilesFactor != 0.5 {
		t.Error(s)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	stdout, stderr, code = run(t, e, "rrd2whisper", "--destinationPath=m", "--aggregationMethod=max", "--xFilesFactor=0", "--json", sampleRRD)
	if code != 0 || !strings.Contains(stdout, `"m/rrd_out.wsp"`) || !strings.Contains(stdout, `"size": 100`) {
		t.Error(stdout, stderr, code)
	}
	for line, want := range map[string]string{
		"--aggregationMethod=last " + sampleRRD: "Unable to find any RRAs with consolidation function: LAST", "none.rrd": "none.rrd", "--destinationPath=m -- " + sampleRRD: "m/rrd_in.wsp",
	} {
		if line = strings.TrimSpace(line); strings.HasSuffix(line, "-- "+sampleRRD) {
			line = "--aggregationMethod=max " + line // created above
		}
		if _, stderr, code = run(t, e, "rrd2whisper", strings.Fields(line)...); code != 1 || !strings.Contains(stderr, "[ERROR]") || !strings.Contains(stderr, want) {
			t.Errorf("%s: %s %d", line, stderr, code)
		}
	}
}

// TestRRDTool converts a file with the program rrdtool.
func TestRRDTool(t *testing.T) {
	if _, err := exec.LookPath("rrdtool"); err != nil {
		t.Skip("rrdtool is not installed")
	}
	dir := t.TempDir()
	if out, err := exec.Command("rrdtool", "restore", sampleRRD, filepath.Join(dir, "a.rrd")).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	e, m := memEnv()
	if _, stderr, code := run(t, e, "rrd2whisper", "--destinationPath=d", filepath.Join(dir, "a.rrd")); code != 0 {
		t.Fatal(stderr)
	}
	if got := known(t, m, "d/a_in.wsp", 3); !slices.Equal(got, []float64{13, 14}) {
		t.Error(got)
	}
}

func FuzzRRD(f *testing.F) {
	sample, err := os.ReadFile(sampleRRD)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sample)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := parseRRD("f.xml", data)
		if err != nil {
			return
		}
		for i, a := range d.Archives {
			if pts := d.points(i, 0); len(pts) > len(a.Rows) {
				t.Error("more points than rows")
			}
		}
	})
}
