package carbon

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"testing"
	"time"

	"graphited/carbon/conf"
	"graphited/whisper"
	"graphited/whisper/vfs"
)

// TestOpenStore reads a folder in which a server has left a temporary file and a name of a tagged
// series without a file: it finds what is there, and changes nothing.
func TestOpenStore(t *testing.T) {
	fsys := vfs.NewMem()
	now := int64(1_700_000_000)
	for _, name := range []string{"/d/a/b", "/d/a/c"} {
		if err := fsys.MkdirAll("/d/a", 0o755); err != nil {
			t.Fatal(err)
		}
		spec := whisper.Spec{Archives: []whisper.Archive{{Step: 60, Points: 10}}, Method: whisper.Average}
		if err := whisper.Create(fsys, name+".wsp", spec, now, []whisper.Point{{Time: now, Value: 7}}, whisper.Options{}); err != nil {
			t.Fatal(err)
		}
	}
	_, temp, err := vfs.CreateTemp(fsys, "/d/a", 0o644)
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]string{temp: "half", "/d/.graphited.tagged": "gone;x=1\n"}
	for name, text := range kept {
		if err := vfs.WriteFile(fsys, name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := conf.DefaultOptions()
	o.LocalDataDir = "/d"
	st, err := OpenStore(o, fsys, func() time.Time { return time.Unix(now, 0) })
	if err != nil {
		t.Fatal(err)
	}
	if names := slices.Collect(st.Names()); !slices.Equal(names, []string{"a.b", "a.c"}) {
		t.Errorf("names are %q", names)
	}
	for pattern, want := range map[string]string{"**": "map[a:false]", "a.**": "map[a.b:true a.c:true]", "a.b;x=1": "map[]"} {
		if got := fmt.Sprint(maps.Collect(st.Find(t.Context(), pattern))); got != want {
			t.Errorf("%s finds %s, want %s", pattern, got, want)
		}
	}
	s, err := st.Fetch(t.Context(), "a.b", now-120, now, now)
	if err != nil || s.Values[len(s.Values)-1] != 7 {
		t.Errorf("read %v, %v", s, err)
	}
	if _, ok := st.Spec("a.none"); ok {
		t.Error("a series without a file is there")
	}
	if found, err := st.FindTagged(t.Context(), []string{"x=1"}); err != nil || len(slices.Collect(found)) > 0 {
		t.Errorf("a tagged series without a file is found, %v", err)
	}
	for name, text := range kept {
		if b, err := vfs.ReadFile(fsys, name); err != nil || string(b) != text {
			t.Errorf("%s is %q, %v", name, b, err)
		}
	}
	if _, err := fsys.Stat("/d/" + lockFile); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the folder was locked")
	}
	o.LocalDataDir = "/none"
	if _, err := OpenStore(o, fsys, time.Now); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
