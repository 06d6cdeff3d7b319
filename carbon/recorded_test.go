package carbon_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/dlclark/regexp2"

	"graphited/carbon"
	"graphited/carbon/conf"
	"graphited/config/rules"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// TestNamesRecorded holds filters, rewrite rules and the normalisation of tags against what
// Debian's carbon makes of the same names. Where carbon fails to normalise, it stores the raw name;
// here that is no name.
func TestNamesRecorded(t *testing.T) {
	recorded, err := os.ReadFile("../testdata/carbon/names.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(regexp2.StopTimeoutClock)
	n, refused := 0, 0
	for line := range bytes.Lines(recorded) {
		var c struct {
			Blacklist, Whitelist, Rewrite string
			Names                         map[string]string
		}
		if err := json.Unmarshal(line, &c); err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		for name, text := range map[string]string{"blacklist.conf": c.Blacklist, "whitelist.conf": c.Whitelist, "rewrite-rules.conf": c.Rewrite} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		o := conf.DefaultOptions()
		o.UseWhitelist = true
		names, report := rules.LoadNames(dir, &o)
		if report.Err() != nil {
			t.Fatal(report.Err())
		}
		e := carbon.Explainer{FS: vfs.OS{}, DataDir: dir, Names: names, Spec: func(string) whisper.Spec { return whisper.Spec{} }}
		for name, want := range c.Names {
			n++
			x := e.Explain(name)
			got := "=" + x.Metric
			switch x.Refused {
			case "blacklisted":
				got = "blacklistMatches"
			case "not_whitelisted":
				got = "whitelistRejects"
			case "bad_name":
				refused++
				if want != "=" && !bytes.ContainsAny([]byte(want), ";{") && !bytes.Contains([]byte(want+"."), []byte("..")) && want[1] != '.' {
					t.Errorf("%q is refused, carbon has %q", name, want)
				}
				continue
			}
			if got != want {
				t.Errorf("blacklist %q, whitelist %q, rewrite %q: %q becomes %q, want %q", c.Blacklist, c.Whitelist, c.Rewrite, name, got, want)
			}
		}
	}
	if n < 600 || refused > n/4 {
		t.Errorf("%d names, %d of them refused", n, refused)
	}
}
