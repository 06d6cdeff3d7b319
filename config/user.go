package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"

	"graphited/api"
	"graphited/carbon/receive"
)

// identity is a user of the system.
type identity struct {
	name     string
	uid, gid int
	groups   []int
}

// ErrNoUser is the error for a USER that does not exist.
var ErrNoUser = errors.New("there is no such user")

// otherUser returns the user whom USER names, if root has started the program and USER is another
// one; else nil. The error wraps ErrNoUser when there is no such user.
func (c *Config) otherUser() (*identity, error) {
	if c.Process.User == "" || os.Geteuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup(c.Process.User)
	if err != nil {
		return nil, fmt.Errorf("%s: USER = %s: %w", c.origins[origin{"cache", "USER"}], c.Process.User, ErrNoUser)
	}
	id := &identity{name: u.Username}
	groups, err := u.GroupIds()
	number := func(text string) int {
		n, convErr := strconv.Atoi(text)
		err = errors.Join(err, convErr)
		return n
	}
	id.uid, id.gid = number(u.Uid), number(u.Gid)
	for _, g := range groups {
		id.groups = append(id.groups, number(g))
	}
	if err != nil {
		return nil, fmt.Errorf("cannot read the groups of USER = %s: %w", c.Process.User, err)
	}
	if id.uid == 0 {
		return nil, nil
	}
	return id, nil
}

// BecomeUser makes a command that root has started the program of USER, so that what it writes
// belongs to the server.
func (c *Config) BecomeUser() error {
	id, err := c.otherUser()
	if id == nil || err != nil {
		return err
	}
	return c.become(id)
}

// Drop makes a process that root has started that of USER, as carbon does. Ports that only root may
// open are opened before, and returned; files that only root may read have been read. The folders
// that are made belong to the user. Without USER, and when root has not started the program, it
// does nothing. The error wraps ErrNoUser when there is no such user.
func (c *Config) Drop() (*receive.Held, error) {
	id, err := c.otherUser()
	if id == nil || err != nil {
		return nil, err
	}
	held, err := receive.Hold(c.Carbon)
	if err != nil {
		return nil, err
	}
	if c.Web.Addr.Privileged() {
		c.HTTP, err = api.Listen(c.Web)
	}
	if err == nil {
		err = c.become(id)
	}
	if err != nil {
		held.Close()
		return nil, errors.Join(err, closeListener(c.HTTP))
	}
	return held, nil
}

func closeListener(l net.Listener) error {
	if l == nil {
		return nil
	}
	return l.Close()
}

// become makes the folders that the data needs, and then the process the user's.
func (c *Config) become(id *identity) error {
	for _, dir := range []string{c.Carbon.LocalDataDir, c.Carbon.WALDir} {
		if dir == "" {
			continue
		}
		if err := makeFolder(dir, id); err != nil {
			return fmt.Errorf("cannot make a folder for USER = %s: %w", id.name, err)
		}
	}
	if err := id.assume(); err != nil {
		return fmt.Errorf("cannot become USER = %s: %w", id.name, err)
	}
	return nil
}

// makeFolder makes a folder and those above it that are missing. What it makes belongs to the user.
func makeFolder(dir string, id *identity) error {
	if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if parent := filepath.Dir(dir); parent != dir {
		if err := makeFolder(parent, id); err != nil {
			return err
		}
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		return err
	}
	return os.Lchown(dir, id.uid, id.gid)
}

// RunsAs says which user the program runs as because of USER; "" when USER is not set. The error
// wraps ErrNoUser when there is no such user.
func (c *Config) RunsAs() (string, error) {
	id, err := c.otherUser()
	switch {
	case c.Process.User == "" || err != nil:
		return "", err
	case id != nil:
		return id.name + " (USER), once the ports are open and what only root may read has been read", nil
	}
	me := "the user who starts it"
	if u, err := user.Current(); err == nil {
		me = u.Username
	}
	switch {
	case c.Process.User == me:
		return me + " (USER)", nil
	case !canDrop:
		return fmt.Sprintf("%s; USER = %s has no effect on %s", me, c.Process.User, runtime.GOOS), nil
	}
	return fmt.Sprintf("%s; USER = %s has an effect only when root starts it", me, c.Process.User), nil
}
