package draw

import (
	"bytes"
	"compress/zlib"
	"io"
	"regexp"
	"strconv"
	"testing"
)

// pageOf checks a PDF's structure (every object is at the offset in the table) and returns the
// commands of its page.
func pageOf(t testing.TB, b []byte) []byte {
	t.Helper()
	if !bytes.HasPrefix(b, []byte("%PDF-1.4\n")) || !bytes.HasSuffix(b, []byte("\n%%EOF\n")) {
		t.Fatalf("no PDF: %.40q ... %.40q", b, b[max(0, len(b)-40):])
	}
	m := regexp.MustCompile(`startxref\n(\d+)\n%%EOF\n$`).FindSubmatch(b)
	at, err := strconv.Atoi(string(m[1]))
	if err != nil || !bytes.HasPrefix(b[at:], []byte("xref\n0 6\n")) {
		t.Fatalf("no table at %d", at)
	}
	rows := b[at+len("xref\n0 6\n"):]
	for i := 1; i < 6; i++ {
		row := string(rows[20*i : 20*i+20])
		offset, err := strconv.Atoi(row[:10])
		if want := strconv.Itoa(i) + " 0 obj\n"; err != nil || row[10:] != " 00000 n \n" || !bytes.HasPrefix(b[offset:], []byte(want)) {
			t.Fatalf("object %d is not at %q", i, row)
		}
	}
	s := regexp.MustCompile(`/Length (\d+) *>>stream\n`).FindSubmatchIndex(b)
	length, err := strconv.Atoi(string(b[s[2]:s[3]]))
	if err != nil || !bytes.HasPrefix(b[s[1]+length:], []byte("\nendstream")) {
		t.Fatalf("the page does not end after %d bytes", length)
	}
	z, err := zlib.NewReader(bytes.NewReader(b[s[1]:][:length]))
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Count(page, []byte("q ")) != bytes.Count(page, []byte("Q\n")) {
		t.Fatal("the page does not restore every state that it saves")
	}
	return page
}

func TestPDFPage(t *testing.T) {
	d := newDrawer(t, Options{})
	var c *testCase
	for _, x := range readCases(t) {
		if x.Name == "area-stacked-alpha" {
			c = x
		}
	}
	b := mustDraw(t, d, c.graph(t, "pdf"))
	page := pageOf(t, b)
	for _, want := range []string{"1 0 0 -1 0 300 cm", " re W n\n", "W* n\n", "/a128 gs\n", " c\n"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("page lacks %q", want)
		}
	}
	for _, want := range []string{"/MediaBox[0 0 600 300]", "/a128<</ca .502/CA .502>>"} {
		if !bytes.Contains(b, []byte(want)) && !bytes.Contains(b, bytes.Replace([]byte(want), []byte(" ."), []byte(" 0."), -1)) {
			t.Errorf("file lacks %q", want)
		}
	}
}
