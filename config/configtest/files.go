// Package configtest has what the tests of several packages of the configuration need. It knows
// nothing of them.
package configtest

import (
	"os"
	"path/filepath"
	"testing"
)

// OneSchema is a storage-schemas.conf: every metric is kept for a day of minutes.
const OneSchema = "[minutes]\npattern = .*\nretentions = 60s:1d\n"

// WriteFiles makes a folder with files of these names and texts.
func WriteFiles(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// ReadFile returns the text of a file.
func ReadFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
