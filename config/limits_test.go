package config

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// TestLimitsPage holds docs/limits.md to what is: each default that it tells, and that each option about a greatest size stands there.
func TestLimitsPage(t *testing.T) {
	text, err := os.ReadFile("../docs/limits.md")
	if err != nil {
		t.Fatal(err)
	}
	c, _ := Load(Source{Env: func(string) string { return "" }})
	fields := optionFields(&c.Web)
	row := regexp.MustCompile("(?m)^\\| (`[A-Z_`, ]+`) \\| ([0-9, ]+) \\|")
	told := map[string]bool{}
	for _, m := range row.FindAllStringSubmatch(string(text), -1) {
		values := strings.Split(m[2], ", ")
		for i, key := range strings.Split(strings.ReplaceAll(m[1], "`", ""), ", ") {
			f, ok := fields[key]
			if !ok {
				t.Errorf("there is no option %s", key)
				continue
			}
			told[key] = true
			want := fmt.Sprint(f.value.Interface())
			if d, ok := f.value.Interface().(time.Duration); ok {
				want = strconv.FormatFloat(d.Seconds(), 'f', -1, 64)
			}
			if values[i] != want {
				t.Errorf("%s: the page tells %s, it is %s", key, values[i], want)
			}
		}
	}
	for key := range fields {
		if strings.Contains(key, "MAX_") && !told[key] && key != "LEGEND_MAX_ITEMS" && key != "MAX_FETCH_RETRIES" && key != "CLUSTER_MAX_REQUESTS" {
			t.Errorf("%s does not stand in docs/limits.md", key)
		}
	}
}
