package draw

import (
	"math"
	"strings"
	"sync"
	"testing"
)

// testFaces returns the fonts, which it parses once for all tests.
var testFaces = func() func(testing.TB) *faces {
	parse := sync.OnceValues(newFaces)
	return func(t testing.TB) *faces {
		t.Helper()
		f, err := parse()
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
}()

// TestWidth compares widths with those of cairo for DejaVu without hinting.
func TestWidth(t *testing.T) {
	f := testFaces(t)
	check := func(family, text string, size float64, bold bool, want float64) {
		t.Helper()
		if got := f.find(family, size, bold, false).width(text); math.Abs(got-want) > 0.01 {
			t.Errorf("%s %q at %v: %v, want %v", family, text, size, got, want)
		}
	}
	check("Sans", "Hello web00", 10, false, 61.9287109375)
	check("DejaVu Sans Mono", "abc", 10, false, 3*6.0205078125)
	check("Sans", "", 10, false, 0)
	if h := f.find("Sans", 10, false, false).height(); math.Abs(h-11.640625) > 1e-6 {
		t.Errorf("height %v", h)
	}
}

func TestGlyphs(t *testing.T) {
	f := testFaces(t).sans
	box := f.glyph('\U0010ffff')
	if box.advance <= 0 || f.glyph('\U0010fffe') != box {
		t.Error("unknown characters do not share one glyph")
	}
	letter := f.glyph('ж')
	if len(letter.segs) == 0 || f.glyph('ж') != letter {
		t.Error("a Cyrillic letter has no outline, or a new one each time")
	}
	if f.glyph('\n') != f.glyph(' ') && f.glyph('\n').advance != f.glyph(' ').advance {
		t.Error("a control character is not blank")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for r := rune(0x100); r < 0x300; r++ {
				f.glyph(r)
			}
		})
	}
	wg.Wait()
	if len(f.index) > maxRunes {
		t.Error("too many characters are cached")
	}
}

// TestHints checks that the tops of letters are on whole pixels and stay in order.
func TestHints(t *testing.T) {
	f := testFaces(t).sans
	for size := 6.0; size < 40; size++ {
		h := hintsFor(f, size)
		for _, y := range []float64{0, -f.tops[0], -f.tops[1], -f.tops[2]} {
			if px := h.apply(y) * size; math.Abs(px-math.Round(px)) > 1e-9 {
				t.Errorf("size %v: height %v is at %v", size, -y, -px)
			}
		}
		last := math.Inf(-1)
		for y := -0.3; y < 1; y += 0.01 {
			up := -h.apply(-y)
			if up < last-1e-9 {
				t.Fatalf("size %v: %v is below the height that was lower", size, y)
			}
			last = up
		}
	}
	if h := hintsFor(f, 100); h.n != 0 {
		t.Error("large text is hinted")
	}
}

func TestFind(t *testing.T) {
	f := testFaces(t)
	for family, want := range map[string]*face{
		"Sans": f.sans, "Helvetica": f.sans, "": f.sans, "DejaVu Sans Mono": f.mono, "Courier New": f.mono,
	} {
		if got := f.find(family, 10, false, false); got.face != want {
			t.Errorf("%q is %s", family, got.face.name)
		}
	}
	if f.find("Sans", 10, true, false).face != f.bold {
		t.Error("bold is not bold")
	}
	if !strings.Contains(f.bold.name, "Bold") {
		t.Error(f.bold.name)
	}
}
