package index

import (
	"slices"
	"strings"
	"testing"
)

// TestFilesAreNoSeries: the tree also has the files of tagged series, and plain files that another
// program has called by a name with tags. Neither are series without tags.
func TestFilesAreNoSeries(t *testing.T) {
	tree := New()
	defer tree.Close()
	tags := NewTags(tree)
	const tagged = "t.used;host=a"
	file := strings.ReplaceAll(TaggedFile(tagged, true), "/", ".")
	for _, name := range []string{file, strings.ReplaceAll(TaggedFile(tagged, false), "/", "."), "t.used", "t.free;host=a", "_tagged2.used"} {
		tree.Add(name)
	}
	tags.Add(tagged)
	for _, c := range []struct {
		exprs []string
		want  []string
	}{
		{[]string{"name=~.*used"}, []string{"_tagged2.used", "t.used", tagged}},
		{[]string{"name!=x", "name!="}, []string{"_tagged2.used", "t.used", tagged}},
		{[]string{"name!=~x", "name=~."}, []string{"_tagged2.used", "t.used", tagged}},
		{[]string{"name=~_tagged"}, []string{"_tagged2.used"}},
		{[]string{"name=" + file}, nil},
		{[]string{"name=~.", "host!=a"}, []string{"_tagged2.used", "t.used"}},
	} {
		got, err := tags.Find(c.exprs)
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%q finds %q, %v; want %q", c.exprs, got, err, c.want)
		}
	}
	if values, err := tags.CompleteValues([]string{"name=~."}, "name", "", 0); err != nil || !slices.Equal(values, []string{"t.used"}) {
		t.Errorf("the names are completed to %q, %v", values, err)
	}
}
