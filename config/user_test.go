package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"graphited/config/configtest"
	"graphited/config/rules"
)

// TestUser holds what USER means to whoever runs the test. What comes of it when root starts the
// program is in .ci/user.py.
func TestUser(t *testing.T) {
	dir := configtest.WriteFiles(t, map[string]string{"carbon.conf": "[cache]\nUSER = no-such-user\n", rules.SchemasFile: configtest.OneSchema})
	c, report := Load(Source{File: filepath.Join(dir, "carbon.conf"), Env: noEnv})
	for _, p := range report {
		if p.Key == "USER" {
			t.Errorf("reading USER says %v", p)
		}
	}
	id, err := c.otherUser()
	runsAs, _ := c.RunsAs()
	switch root := os.Geteuid() == 0; {
	case id != nil:
		t.Errorf("there is %+v", id)
	case root && (!errors.Is(err, ErrNoUser) || !strings.Contains(err.Error(), "carbon.conf:2: USER = no-such-user: there is no such user")):
		t.Errorf("as root: %v", err)
	case !root && err != nil:
		t.Errorf("not as root: %v", err)
	case !root && !strings.Contains(runsAs, "USER = no-such-user has "):
		t.Errorf("runs as %s", runsAs)
	}
	c.Process.User = ""
	if id, err := c.otherUser(); id != nil || err != nil {
		t.Errorf("without USER: %+v, %v", id, err)
	}
	if held, err := c.Drop(); held != nil || err != nil {
		t.Errorf("without USER: %+v, %v", held, err)
	}
}

func TestMakeFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "b", "c")
	me := &identity{uid: os.Getuid(), gid: os.Getgid()}
	for range 2 {
		if err := makeFolder(dir, me); err != nil {
			t.Fatal(err)
		}
	}
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := makeFolder(filepath.Join(file, "below"), me); err == nil {
		t.Error("a folder below a file was made")
	}
}
