package tally

import (
	"errors"
	"syscall"

	"graphited/whisper"
)

// Cause is what is wrong with a file or folder, without its name, so that many may have one cause.
func Cause(err error) string {
	var errno syscall.Errno
	var corrupt *whisper.CorruptError
	switch {
	case errors.As(err, &errno):
		return errno.Error()
	case errors.As(err, &corrupt):
		return "the file is damaged"
	}
	for e := err; e != nil; e = errors.Unwrap(e) {
		err = e
	}
	return err.Error()
}
