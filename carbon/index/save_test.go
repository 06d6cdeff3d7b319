package index

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestKeepTree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tree, m := New(), map[string]bool{}
		defer tree.Close()
		for _, n := range rapid.SliceOf(rapid.StringMatching(`[abA-]{1,2}(\.[ab-]{1,2}){0,3}`)).Draw(t, "names") {
			if m[n] = true; rapid.Bool().Draw(t, "compact") {
				tree.Compact()
			}
			if tree.Add(n); rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				tree.Delete(n)
				delete(m, n)
			}
		}
		kept := tree.AppendTo([]byte("x"))[1:]
		loaded := New()
		defer loaded.Close()
		if err := loaded.Load(kept); err != nil {
			t.Fatal(err)
		}
		if got := slices.Collect(loaded.Names()); !slices.Equal(got, slices.Collect(tree.Names())) || len(got) != len(m) || loaded.Len() != len(m) {
			t.Fatalf("got %q, want %v", got, m)
		}
		loaded.Add("new.b")
		loaded.Compact()
		if tree.Add("new.b"); !maps.Equal(maps.Collect(loaded.Find("**")), maps.Collect(tree.Find("**"))) {
			t.Fatal("after the load names come out differently")
		}
		if len(m) > 0 && loaded.Load(kept) == nil {
			t.Fatal("loaded twice")
		}
	})
}

func TestKeepTags(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tags, m := NewTags(nil), map[string]bool{}
		for _, n := range rapid.SliceOf(rapid.StringMatching(`[ab];[tu]=[a-f]{1,2}(;v=[ab])?`)).Draw(t, "names") {
			tags.Add(n)
			if m[n] = true; rapid.IntRange(0, 3).Draw(t, "delete") == 0 {
				tags.Delete(n)
				delete(m, n)
			}
		}
		loaded := NewTags(nil)
		if err := loaded.Load(tags.AppendTo(nil)); err != nil {
			t.Fatal(err)
		}
		for _, x := range []*Tags{tags, loaded} {
			x.Add("new;t=zz")
			x.Delete("a;t=a")
		}
		for _, expr := range []string{"t=a", "t!=a name=~.", "v=~.", "t=zz", "name=a"} {
			want, _ := tags.Find(strings.Fields(expr))
			if got, err := loaded.Find(strings.Fields(expr)); err != nil || !slices.Equal(got, want) {
				t.Fatalf("%s: got %q, %v, want %q", expr, got, err, want)
			}
		}
		for _, tag := range []string{"t", "v", "name"} {
			want, _ := tags.Values(tag, "", 0)
			if got, _ := loaded.Values(tag, "", 0); !slices.Equal(got, want) {
				t.Fatalf("values of %s: got %v, want %v", tag, got, want)
			}
		}
	})
}

// TestLoadDamage holds that nothing damaged is loaded, or at least that what is loaded can be used:
// who has no checksum may get other names.
func TestLoadDamage(t *testing.T) {
	tree, tags := New(), NewTags(nil)
	for _, n := range regularNames()[:500] {
		tree.Add(n)
	}
	for _, n := range taggedNames()[:300] {
		tags.Add(n)
	}
	r := rand.New(rand.NewPCG(1, 2))
	for name, c := range map[string]struct {
		data []byte
		load func([]byte) error
	}{
		"tree": {tree.AppendTo(nil), func(b []byte) error {
			t := New()
			err := t.Load(b)
			for range t.Find("**") {
			}
			Search(t, nil, "web1 user", 10)
			t.Add("servers.web9.x")
			t.Compact()
			return err
		}},
		"tags": {tags.AppendTo(nil), func(b []byte) error {
			t := NewTags(nil)
			err := t.Load(b)
			t.Find([]string{"name=~."})
			t.Add("a;b=c")
			return err
		}},
	} {
		for n := 0; n < len(c.data); n += 1 + len(c.data)/300 {
			if c.load(c.data[:n]) == nil {
				t.Errorf("%s: %d of %d bytes were taken", name, n, len(c.data))
			}
		}
		for range 500 {
			b := slices.Clone(c.data)
			b[r.IntN(len(b))] ^= 1 << r.IntN(8)
			_ = c.load(b) // no panic, no endless loop
		}
	}
}

func BenchmarkKeep(b *testing.B) {
	tree, tags := treeOf(regularNames()), NewTags(nil)
	for _, n := range taggedNames() {
		tags.Add(n)
	}
	data, tagData := tree.AppendTo(nil), tags.AppendTo(nil)
	b.Run("tree/append", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			tree.AppendTo(nil)
		}
	})
	b.Run("tree/load", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		for b.Loop() {
			if err := New().Load(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("tags/append", func(b *testing.B) {
		b.SetBytes(int64(len(tagData)))
		for b.Loop() {
			tags.AppendTo(nil)
		}
	})
	b.Run("tags/load", func(b *testing.B) {
		b.SetBytes(int64(len(tagData)))
		for b.Loop() {
			if err := NewTags(nil).Load(tagData); err != nil {
				b.Fatal(err)
			}
		}
	})
}
