package index

import (
	"encoding/json"
	"errors"
	"fmt"
	"graphited/carbon/pyvalue"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

// TestTagsAsGraphite compares with what graphite-web's tag database answered
// (testdata/index/record_tags.py).
func TestTagsAsGraphite(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "testdata", "index", "tags.txt"))
	if err != nil {
		t.Fatal(err)
	}
	tags := NewTags(nil)
	lines := 0
	for line := range strings.Lines(string(text)) {
		var raw []json.RawMessage
		if err := json.Unmarshal([]byte(line), &raw); err != nil {
			t.Fatal(err)
		}
		replayTags(t, tags, raw)
		lines++
	}
	if lines < 500 {
		t.Errorf("only %d lines", lines)
	}
}

// replayTags asks tags what one line of the record asked and compares the answers.
func replayTags(t *testing.T, tags *Tags, raw []json.RawMessage) {
	text := func(i int) string { return decode[string](t, raw[i]) }
	list := func(i int) []string { return decode[[]string](t, raw[i]) }
	number := func(i int) int { return decode[int](t, raw[i]) }
	var got any
	var err error
	switch text(0) {
	case "parse":
		got, err = ParseTagged(text(1))
	case "file":
		got = MetricFile(text(1))
		if strings.Contains(text(1), ";") {
			got = TaggedFile(text(1), false)
			if hashed := TaggedFile(text(1), true); hashed != text(2) {
				t.Errorf("TaggedFile(%q, true) = %q, want %q", text(1), hashed, text(2))
			}
		}
	case "add":
		if !tags.Add(text(1)) || tags.Add(text(1)) || !tags.Has(text(1)) {
			t.Errorf("Add or Has of %q lies", text(1))
		}
		return
	case "delete":
		if !tags.Delete(text(1)) || tags.Delete(text(1)) || tags.Has(text(1)) {
			t.Errorf("Delete or Has of %q lies", text(1))
		}
		return
	case "find":
		got, err = tags.Find(list(1))
	case "tags":
		got, err = tags.Tags(text(1), number(2))
	case "values":
		var values []TagValue
		values, err = tags.Values(text(1), text(2), number(3))
		if values != nil {
			pairs := [][]any{}
			for _, v := range values {
				pairs = append(pairs, []any{v.Value, v.Count})
			}
			got = pairs
		}
	case "completeTags":
		got, err = tags.CompleteTags(list(1), text(2), number(3))
	case "completeValues":
		got, err = tags.CompleteValues(list(1), text(2), text(3), number(4))
	default:
		t.Fatalf("unknown line %s", raw)
	}
	compareAnswers(t, raw, got, err)
}

func decode[T any](t *testing.T, raw json.RawMessage) (v T) {
	if err := json.Unmarshal(raw, &v); err != nil {
		t.Fatal(err)
	}
	return v
}

// compareAnswers compares with the last element of raw, which is an object when Graphite failed.
func compareAnswers(t *testing.T, raw []json.RawMessage, got any, err error) {
	last := raw[len(raw)-1]
	if last[0] == '{' {
		msg := decode[map[string]string](t, last)["error"]
		if strings.Contains(msg, "too many values") { // Python's, where a second { comes
			msg = "more than one {"
		}
		var expr *ExprError
		var path *pyvalue.TagError
		if err == nil || !strings.Contains(err.Error(), msg) || !errors.As(err, &expr) && !errors.As(err, &path) {
			t.Errorf("%s\n got error %v", raw, err)
		}
		return
	}
	text, _ := json.Marshal(got)
	var a, b any
	if json.Unmarshal(text, &a) != nil || json.Unmarshal(last, &b) != nil || fmt.Sprint(a) != fmt.Sprint(b) || err != nil {
		t.Errorf("%s\n got %s, %v", raw, text, err)
	}
}

// TestTagsModel compares Find and the listings with going through all series, among them untagged
// ones, while series come and go.
func TestTagsModel(t *testing.T) {
	values := rapid.SampledFrom([]string{"1", "2", "12", "a", "ab"})
	keys := rapid.SampledFrom([]string{"x", "y", "xy", "z"})
	series := rapid.Custom(func(t *rapid.T) string {
		name := rapid.SampledFrom([]string{"a", "a.b", "b", "12"}).Draw(t, "name")
		for range rapid.IntRange(0, 3).Draw(t, "tags") {
			name += ";" + keys.Draw(t, "key") + "=" + values.Draw(t, "value")
		}
		return name
	})
	exprs := rapid.Custom(func(t *rapid.T) string {
		return rapid.OneOf(keys, rapid.Just("name")).Draw(t, "tag") + rapid.SampledFrom([]string{"=", "!=", "=~", "!=~"}).Draw(t, "operator") +
			rapid.OneOf(values, rapid.SampledFrom([]string{"", ".*", "1|a", "a$", "^b|2", ".+", "1?$"})).Draw(t, "spec")
	})
	rapid.Check(t, func(t *rapid.T) {
		tree := New()
		tags := NewTags(tree)
		all := map[string]bool{}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				for _, s := range rapid.SliceOfN(series, 1, 10).Draw(t, "series") {
					name, err := ParseTagged(s)
					if err != nil {
						t.Fatal(err)
					}
					added := tags.Add(name)
					if !strings.Contains(name, ";") {
						added = tree.Add(name)
					}
					if added == all[name] {
						t.Fatalf("Add(%q) = %v", name, added)
					}
					all[name] = true
				}
			},
			"delete": func(t *rapid.T) {
				for _, s := range slices.Sorted(maps.Keys(all)) {
					if rapid.Bool().Draw(t, "delete "+s) {
						if !tags.Delete(s) && !tree.Delete(s) {
							t.Fatalf("Delete(%q) lies", s)
						}
						delete(all, s)
					}
				}
			},
			"": func(t *rapid.T) {
				checkFind(t, tags, all, rapid.SliceOfN(exprs, 1, 4).Draw(t, "expressions"))
				checkListings(t, tags, all)
			},
		})
	})
}

func checkFind(t *rapid.T, tags *Tags, all map[string]bool, exprs []string) {
	parsed, err := parseTagExprs(exprs)
	got, findErr := tags.Find(exprs)
	if err != nil || findErr != nil {
		if err == nil || findErr == nil {
			t.Fatalf("Find(%q) = %v, parsing it: %v", exprs, findErr, err)
		}
		return
	}
	var want []string
	for s := range all {
		if !slices.ContainsFunc(parsed, func(e tagExpr) bool { return !e.match(tagValue(s, e.tag)) }) {
			want = append(want, s)
		}
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Fatalf("Find(%q)\n got %q\nwant %q", exprs, got, want)
	}
}

func checkListings(t *rapid.T, tags *Tags, all map[string]bool) {
	counts := map[string]map[string]int{}
	n := 0
	for s := range all {
		if !strings.Contains(s, ";") {
			continue
		}
		n++
		for tag, value := range tagsOf(s) {
			if counts[tag] == nil {
				counts[tag] = map[string]int{}
			}
			counts[tag][value]++
		}
	}
	if tags.Len() != n || len(tags.Names()) != n {
		t.Fatalf("Len %d, want %d", tags.Len(), n)
	}
	if got, err := tags.Tags("", 0); err != nil || !slices.Equal(got, slices.Sorted(maps.Keys(counts))) {
		t.Fatalf("Tags = %v, %v, want those of %v", got, err, counts)
	}
	for _, tag := range []string{"name", "x", "y", "xy", "z"} {
		var want []TagValue
		for _, v := range slices.Sorted(maps.Keys(counts[tag])) {
			want = append(want, TagValue{v, counts[tag][v]})
		}
		if got, err := tags.Values(tag, "", 0); err != nil || !slices.Equal(got, want) {
			t.Fatalf("Values(%s) = %v, %v, want %v", tag, got, err, want)
		}
		if got, err := tags.CompleteValues(nil, tag, "", 1); err != nil || len(got) != min(len(want), 1) || len(got) > 0 && got[0] != want[0].Value {
			t.Fatalf("CompleteValues(%s) = %v, %v, want the first of %v", tag, got, err, want)
		}
	}
}

func TestTagsUntagged(t *testing.T) {
	tree := New()
	tags := NewTags(tree)
	tree.Add("a.b")
	tree.Add("a.c")
	if tags.Add("a.b") || tags.Len() != 0 {
		t.Error("a name without tags was taken")
	}
	tags.Add("a.b;x=1")
	f := func(want string, exprs ...string) {
		t.Helper()
		if got, err := tags.Find(exprs); err != nil || strings.Join(got, " ") != want {
			t.Errorf("Find(%q) = %q, %v, want %q", exprs, got, err, want)
		}
	}
	f("a.b a.b;x=1", "name=a.b")
	f("a.b", "name=a.b", "x=")
	f("a.b;x=1", "name=a.b", "x!=")
	f("a.b a.b;x=1 a.c", `name=~a\.`)
	f("a.c", `name=~a\.`, "name!=a.b")
	f("a.b a.c", "name!=", "x!=1")
	f("", "name=none")
	f("", "name=a.b", "name=a.c")
}

// TestTagsNotCanonical adds what ParseTagged never returns: it must do no harm.
func TestTagsNotCanonical(t *testing.T) {
	tags := NewTags(nil)
	odd := []string{"a;x=1;x=1", "a;x=1;x=2", "a;name=b", "a;", "a;;", "a;=", "a;x", "a;x=", ";x=1", "a;x=1"}
	for _, s := range odd {
		tags.Add(s)
	}
	for _, s := range odd {
		tags.Delete(s)
	}
	if got, err := tags.Tags("", 0); err != nil || len(got) != 0 || tags.Len() != 0 {
		t.Errorf("left are %d series and the tags %q, %v", tags.Len(), got, err)
	}
}

func TestTagsConcurrent(t *testing.T) {
	tags := NewTags(nil)
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			for i := range 500 {
				s := fmt.Sprintf("m;i=%d;w=%d", i, w)
				tags.Add(s)
				if got, err := tags.Find([]string{fmt.Sprintf("i=%d", i), fmt.Sprintf("w=~%d", w)}); err != nil || len(got) != 1 || got[0] != s {
					t.Errorf("found %q, %v, want %q", got, err, s)
				}
				if _, err := tags.Values("i", "1", 0); err != nil {
					t.Error(err)
				}
				if i%2 == 0 {
					tags.Delete(s)
				}
			}
		})
	}
	wg.Wait()
	if tags.Len() != 4*250 {
		t.Errorf("Len %d", tags.Len())
	}
}
