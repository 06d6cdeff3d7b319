package client

import (
	"archive/tar"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// packed returns a tar of empty files.
func packed(t *testing.T, names ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, n := range names {
		if err := w.WriteHeader(&tar.Header{Name: n, Mode: 0o644}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// keeper is a graphited that returns a backup.
type keeper struct {
	graphited
	body []byte
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.URL.Path != "/api/backup":
		k.graphited.ServeHTTP(w, r)
	case r.Method != http.MethodPost:
		http.Error(w, "POST it", http.StatusMethodNotAllowed)
	case k.body == nil:
		http.Error(w, "refused: not from here", http.StatusForbidden)
	default:
		_, _ = w.Write(k.body)
	}
}

func TestBackup(t *testing.T) {
	whole := packed(t, "a/b.wsp", backupEnd)
	k := &keeper{graphited: graphited{id: "ours"}, body: whole}
	url := start(t, k)
	dir := t.TempDir()
	to := func(name string) string { return filepath.Join(dir, name) }
	run := func(args ...string) result {
		return runWith(&lines{folder: "/data", mark: url, id: "ours"}, "backup", args...)
	}
	refused := func(want string, args ...string) {
		t.Helper()
		if r := run(args...); r.code != 1 || !strings.Contains(r.err, want) {
			t.Errorf("%v: exit code %d, %s; want %s", args, r.code, r.err, want)
		}
	}

	for _, name := range []string{"x.tar", "x.tar.zst", "x"} {
		if r := run(to(name)); r.code != 0 || !strings.Contains(r.stderr, fmt.Sprintf("server %s, folder \"/other\"\n2 files", url[7:])) {
			t.Errorf("%s: exit code %d, %s, %s", name, r.code, r.stderr, r.err)
		}
	}
	if b, err := os.ReadFile(to("x.tar")); err != nil || !bytes.Equal(b, whole) {
		t.Errorf("x.tar: %d bytes of %d, %v", len(b), len(whole), err)
	}
	b, err := os.ReadFile(to("x.tar.zst"))
	if err != nil {
		t.Fatal(err)
	}
	z, _ := zstd.NewReader(nil)
	defer z.Close()
	if b, err = z.DecodeAll(b, nil); err != nil || !bytes.Equal(b, whole) {
		t.Errorf("x.tar.zst: %d bytes of %d, %v", len(b), len(whole), err)
	}
	if _, err := os.Stat(to("x/a/b.wsp")); err != nil {
		t.Error(err)
	}

	refused("the file exists; --overwrite replaces it", to("x.tar"))
	refused("the folder is not empty", to("x"))
	refused("the folder is not empty", "--overwrite", to("x"))
	if r := run("--overwrite", to("x.tar")); r.code != 0 {
		t.Errorf("--overwrite: exit code %d, %s", r.code, r.err)
	}
	if err := os.WriteFile(to("file"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	refused("does not end in .tar", to("file"))
	refused("x.tar.part", to("no/x.tar"))
	if err := os.Mkdir(to("d.tar"), 0o700); err != nil {
		t.Fatal(err)
	}
	refused("it is a folder", to("d.tar"))

	for _, name := range []string{"x.tar.gz", "x.tgz", "x.zip", "x.zst"} {
		if r := run(to(name)); r.code != 2 || !strings.Contains(r.err, "expected a folder, FILE.tar or FILE.tar.zst") {
			t.Errorf("%s: exit code %d, %s", name, r.code, r.err)
		}
	}
	page := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "<html>some other program</html>") }))
	refused(`is not graphited: it answers "<html>some other program`, "--server", page, to("page.tar"))

	k.body = packed(t, "a/b.wsp")
	refused("the backup is incomplete", to("short.tar"))
	k.body = packed(t, "../b.wsp", backupEnd)
	refused("leads out of the folder", to("out"))
	k.body = nil
	refused("answers 403: refused: not from here", to("none.tar"))
	for _, name := range []string{"short.tar", "short.tar.part", "none.tar", "none.tar.part"} {
		if _, err := os.Stat(to(name)); err == nil {
			t.Errorf("%s was left behind", name)
		}
	}
	if b, err := os.ReadFile(to("x.tar")); err != nil || !bytes.Equal(b, whole) {
		t.Errorf("x.tar: %d bytes of %d, %v", len(b), len(whole), err)
	}
}
