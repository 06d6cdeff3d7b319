package config

import (
	"os"
	"strings"
	"testing"
)

// TestLimitsPage holds that each option about a greatest size stands in docs/limits.md.
// TestDefaultsInPages compares the defaults there.
func TestLimitsPage(t *testing.T) {
	text, err := os.ReadFile("../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load(Source{Env: func(string) string { return "" }})
	for key := range optionFields(&c.Web) {
		elsewhere := key == "LEGEND_MAX_ITEMS" || key == "MAX_FETCH_RETRIES" || key == "CLUSTER_MAX_REQUESTS"
		if strings.Contains(key, "MAX_") && !elsewhere && !strings.Contains(string(text), "| `"+key+"` |") {
			t.Errorf("%s does not stand in docs/limits.md", key)
		}
	}
}
