package receive

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"
)

// Accept serves each connection of a listener in a goroutine of its own, until ctx ends; then it
// closes the listener and returns nil once all of them are done. It returns an error, with ctx
// ended for those it serves, when somebody else closes the listener.
func Accept(ctx context.Context, l net.Listener, log zerolog.Logger, serve func(context.Context, net.Conn)) error {
	ctx, cancel := context.WithCancel(ctx)
	var wg sync.WaitGroup
	defer wg.Wait()
	defer cancel()
	stop := context.AfterFunc(ctx, func() { l.Close() })
	defer stop()
	for pause := time.Duration(0); ; {
		c, err := l.Accept()
		switch {
		case err == nil:
			pause = 0
			wg.Go(func() { serve(ctx, c) })
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("cannot accept connections on %v: %w", l.Addr(), err)
		default:
			// Out of file descriptors, most likely: wait for some to be closed instead of spinning.
			pause = min(max(2*pause, 5*time.Millisecond), time.Second)
			log.Error().Err(err).Stringer("listener", l.Addr()).Msg("cannot accept")
			select {
			case <-ctx.Done():
			case <-time.After(pause):
			}
		}
	}
}
