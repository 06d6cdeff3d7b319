package query

import "testing"

func TestTagID(t *testing.T) {
	if a, b := tagID("a"), tagID("b"); a == b || a < 0 || b < 0 {
		t.Errorf("ids of tags: %d, %d", a, b)
	}
}
