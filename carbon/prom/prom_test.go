package prom

import "testing"

func TestSample(t *testing.T) {
	b := Family(nil, "a_total", "counter", "Things.")
	b = Sample(b, "a_total", 1.5)
	b = Sample(b, "a_total", 2, "x", "1")
	b = Sample(b, "a_total", 3e9, "x", "a\\b\"c\nd", "y", "ü")
	const want = "# HELP a_total Things.\n# TYPE a_total counter\na_total 1.5\na_total{x=\"1\"} 2\na_total{x=\"a\\\\b\\\"c\\nd\",y=\"ü\"} 3e+09\n"
	if string(b) != want {
		t.Errorf("got\n%s\nwant\n%s", b, want)
	}
}
