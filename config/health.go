package config

import (
	"errors"
	"fmt"

	"graphited/api"
	"graphited/carbon"
)

// Ingested gives an error of the daemon's Ingest to the side that answers.
func Ingested(err error) error {
	switch {
	case errors.Is(err, carbon.ErrNotRunning), errors.Is(err, carbon.ErrAway), errors.Is(err, carbon.ErrNotSafe):
		return errors.Join(api.ErrBusy, err)
	case errors.Is(err, carbon.ErrLeftOut):
		return fmt.Errorf("%w: %w", api.ErrLeftOut, err)
	}
	return err
}
