package command

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/urfave/cli/v2"

	"graphited/carbon"
	"graphited/config/parse"
	"graphited/whisper/vfs"
)

// staleCommand returns the command that lists the files of series that nobody sends any more, and
// moves them to the trash.
func staleCommand(out io.Writer) *cli.Command {
	return &cli.Command{
		Name: "stale", Usage: "list the whisper files that have not changed for long; with --delete move them to the trash (not beside a running server: that has DELETE_STALE_AFTER)",
		Flags: append(PlaceFlags(),
			&cli.StringFlag{Name: "older-than", Usage: "a `TIME` such as 90d or 12h; a bare number is in seconds"},
			&cli.BoolFlag{Name: "delete", Usage: "move them to .trash below the whisper files, where TRASH_KEEP counts"}),
		Action: func(c *cli.Context) error { return stale(c, out) },
	}
}

func stale(c *cli.Context, out io.Writer) error {
	if !c.IsSet("older-than") {
		return usageErrorf("stale for how long? --older-than says it, such as --older-than 90d")
	}
	age, err := parse.Time(c.String("older-than"))
	if err != nil || age <= 0 {
		return usageErrorf("--older-than %q: expected a time such as 90d or 12h", c.String("older-than"))
	}
	cfg, err := Usable(c)
	if err != nil {
		return err
	}
	if c.Bool("delete") {
		if err := cfg.BecomeUser(); err != nil {
			return err
		}
	}
	now := time.Now()
	found, err := carbon.Stale(vfs.OS{}, cfg.Carbon.LocalDataDir, now.Add(-age).Unix(), c.Bool("delete"), now)
	size := int64(0)
	for _, f := range found {
		size += f.Size
		fmt.Fprintf(out, "%s %s %d\n", f.Path, time.Unix(f.Modified, 0).UTC().Format(time.RFC3339), f.Size)
	}
	verb := "would be moved to the trash"
	if c.Bool("delete") {
		verb = "moved to the trash"
	}
	if err == nil || len(found) > 0 {
		fmt.Fprintf(out, "%d files, %d bytes %s\n", len(found), size, verb)
	}
	if errors.Is(err, carbon.ErrLocked) {
		return fmt.Errorf("%w: stop it, or let it do this itself with DELETE_STALE_AFTER", err)
	}
	return err
}
