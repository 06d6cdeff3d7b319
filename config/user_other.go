//go:build !unix

package config

import "errors"

// canDrop says whether a process can become another user's here.
const canDrop = false

func (id *identity) assume() error { return errors.ErrUnsupported }
