//go:build unix

package config

import (
	"errors"
	"os"
	"syscall"
)

// canDrop says whether a process can become another user's here.
const canDrop = true

// assume makes all threads of the process the user's, for good.
func (id *identity) assume() error {
	err := syscall.Setgroups(id.groups)
	if err == nil {
		err = syscall.Setgid(id.gid)
	}
	if err == nil {
		err = syscall.Setuid(id.uid)
	}
	if err == nil && (os.Geteuid() != id.uid || os.Getegid() != id.gid) {
		err = errors.New("the system has not done it")
	}
	return err
}
