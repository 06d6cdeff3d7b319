package fn

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"testing"

	"graphited/render"
)

const referenceFile = "../../docs/functions.md"

// TestReference holds docs/functions.md to the declarations; -update rewrites it.
func TestReference(t *testing.T) {
	r := All()
	want := reference(r)
	if *update {
		if err := os.WriteFile(referenceFile, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(bytes.ReplaceAll(got, []byte("\r\n"), []byte("\n")), want) {
		t.Errorf("%s is not what the declarations say: run go test ./render/fn -run Reference -update", referenceFile)
	}
}

func signature(r *render.Registry, f *render.Func) string {
	info, _ := r.Info(f.Name)
	return info.Function
}

func reference(r *render.Registry) []byte {
	var funcs []*render.Func
	for _, name := range r.Names(true) {
		if f, _ := r.Lookup(name); f.Name == name {
			funcs = append(funcs, f)
		}
	}
	slices.SortFunc(funcs, func(a, b *render.Func) int { return cmp.Or(cmp.Compare(a.Group, b.Group), cmp.Compare(a.Name, b.Name)) })
	var b bytes.Buffer
	fmt.Fprintf(&b, "# Functions\n\nAll %d names of graphite-web's functions, and %d of other Graphite-compatible servers, which are marked with a +.\n"+
		"`GET /functions` lists the former, `GET /functions?all=1` both. Default values stand after a parameter; `*` takes all further arguments.\n",
		len(r.Names(false)), len(r.Names(true))-len(r.Names(false)))
	group := ""
	for _, f := range funcs {
		if f.Group != group {
			group = f.Group
			fmt.Fprintf(&b, "\n## %s\n", group)
		}
		mark := ""
		if f.Beyond != "" {
			mark = " +"
		}
		fmt.Fprintf(&b, "\n### %s%s\n\n`%s`", f.Name, mark, signature(r, f))
		for i, a := range f.Aliases {
			fmt.Fprintf(&b, "%s `%s`", map[bool]string{true: ", also", false: ","}[i == 0], a)
		}
		fmt.Fprintf(&b, "\n\n%s\n", f.Doc)
		writeReferenceParams(&b, f)
	}
	return b.Bytes()
}

// writeReferenceParams says what each parameter takes that is no series.
func writeReferenceParams(b *bytes.Buffer, f *render.Func) {
	sep := "\n"
	for _, p := range f.Params {
		if p.TakesSeries() && p.Type != render.Any {
			continue
		}
		fmt.Fprintf(b, "%s- `%s`: %s\n", sep, p.Name, p.Expected())
		sep = ""
	}
}
