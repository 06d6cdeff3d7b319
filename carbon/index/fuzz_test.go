package index

import (
	"slices"
	"strings"
	"testing"
)

func fuzzTree() (*Tree, model) {
	tree, names := New(), model{}
	for i, n := range strings.Fields("a a.b a.b.c a-b a-b.c ab.c a+.b web1.cpu web2.cpu web10.mem x[y.z x]y.z {a}.b a,b.c é.é \xff.x **.a a*b.c !a.b ^a.b") {
		if i == 12 {
			tree.Compact() // the first names in the snapshot, the others in maps
		}
		tree.Add(n)
		names[n] = true
	}
	return tree, names
}

// FuzzFind runs patterns against the model, if it can bear them.
func FuzzFind(f *testing.F) {
	for _, s := range strings.Fields(`* *.* **.c a.** {a,b}.* {a,{b,web}*}.c web[0-9].* [!a]*.b x[[]y.z a{[x,[y}z] {[,a}].b ** {**,a} \* a..b {a,}.b ?.? é.[é] [z-a].*`) {
		f.Add(s)
	}
	tree, names := fuzzTree()
	f.Fuzz(func(t *testing.T, pattern string) {
		got := find(tree, pattern)
		if !slices.IsSortedFunc(got, func(a, b string) int {
			return compareHits(hit{strings.TrimSuffix(a, "."), !strings.HasSuffix(a, ".")}, hit{strings.TrimSuffix(b, "."), !strings.HasSuffix(b, ".")})
		}) {
			t.Errorf("Find(%q) = %q is not sorted", pattern, got)
		}
		if strings.Count(pattern, "{") > 5 || strings.Count(pattern, ",") > 8 || strings.Count(pattern, "*") > 8 || len(pattern) > 60 {
			return
		}
		if want := names.find(pattern); !slices.Equal(got, want) {
			t.Errorf("Find(%q)\n got %q\nwant %q", pattern, got, want)
		}
	})
}

// FuzzTagFind compares Find with going through all series.
func FuzzTagFind(f *testing.F) {
	for _, s := range []string{"name=a x=1", "x=~1|2 y!=", "x!=~.+ name=~a", "x!=1 y=~^1|2", "name=", "a;b=c", "x!=~(", "=", "x=~"} {
		f.Add(s)
	}
	tree := New()
	tags := NewTags(tree)
	all := strings.Fields("a a.b b;x=1 a;x=1 a;x=1;y=2 a;x=2;y=2 a.b;x=12 c;y=1;z=é")
	for _, s := range all {
		if !tags.Add(s) {
			tree.Add(s)
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		exprs := strings.Fields(text)
		got, err := tags.Find(exprs)
		parsed, parseErr := parseTagExprs(exprs)
		if (err == nil) != (parseErr == nil) {
			t.Fatalf("Find: %v, parsing: %v", err, parseErr)
		}
		if err != nil {
			return
		}
		want := []string{}
		for _, s := range all {
			if !slices.ContainsFunc(parsed, func(e tagExpr) bool { return !e.match(TagOf(s, e.tag)) }) {
				want = append(want, s)
			}
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("Find(%q)\n got %q\nwant %q", exprs, got, want)
		}
	})
}

// FuzzParseTagged checks that a canonical name is one: it stays as it is, and its tags come sorted
// and once.
func FuzzParseTagged(f *testing.F) {
	for _, s := range []string{"a", "a;b=2;a=1", `a{b="2",a="1"}`, `a{b="\"\\"}`, "~a;x=1", "a;name=b", "a;x=1;x=2", "a;aa=1;a=1;a-=1", ";", "a;", `a{"}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, path string) {
		name, err := ParseTagged(path)
		if err != nil {
			if name != "" {
				t.Errorf("%q with the error %v", name, err)
			}
			return
		}
		metric, _, tagged := strings.Cut(name, ";")
		if metric == "" || metric[0] == '~' {
			t.Errorf("ParseTagged(%q) = %q", path, name)
		}
		if !tagged {
			return
		}
		last := ""
		seen := map[string]bool{}
		for s := range strings.SplitSeq(name[len(metric)+1:], ";") {
			key, value, ok := strings.Cut(s, "=")
			if !ok || key == "" || value == "" || key == "name" || seen[key] || s < last {
				t.Errorf("ParseTagged(%q) = %q", path, name)
			}
			seen[key] = true
			last = s
			if TagOf(name, key) != value {
				t.Errorf("the value of %q in %q is %q", key, name, TagOf(name, key))
			}
		}
		if strings.HasSuffix(name, `"}`) && strings.Contains(name, "{") {
			return // sorting may have made it look like the other notation, as in Graphite
		}
		if again, err := ParseTagged(name); err != nil || again != name {
			t.Errorf("ParseTagged(%q) = %q, %v", name, again, err)
		}
	})
}
