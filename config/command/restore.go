package command

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/urfave/cli/v2"

	"graphited/carbon"
	"graphited/whisper/vfs"
)

// restoreCommand is the command restore. What it has done is written to out.
func restoreCommand(out io.Writer) *cli.Command {
	return &cli.Command{
		Name: "restore", Usage: "put a backup into the folder of whisper files, while no server runs there", ArgsUsage: "DIR|FILE.tar.zst|FILE.tar",
		Flags:  append(PlaceFlags(), &cli.BoolFlag{Name: "overwrite", Usage: "into a folder that is not empty: files of the same name are replaced, others stay"}),
		Action: func(c *cli.Context) error { return restore(c, out) },
	}
}

func restore(c *cli.Context, out io.Writer) error {
	cfg, err := Usable(c)
	if err != nil {
		return err
	}
	from := c.Args().First()
	f, err := carbon.OpenBackup(from)
	if err != nil {
		return fmt.Errorf("cannot open the backup: %w", err)
	}
	defer f.Close()
	if err := cfg.BecomeUser(); err != nil {
		return err
	}
	in := io.Reader(f)
	if strings.HasSuffix(from, ".zst") {
		z, err := zstd.NewReader(f)
		if err != nil {
			return fmt.Errorf("cannot unpack the backup: %w", err)
		}
		defer z.Close()
		in = z
	}
	files, bytes, last := 0, int64(0), time.Now()
	sum, err := carbon.Restore(vfs.OS{}, cfg.Carbon, in, c.Bool("overwrite"), func(_ string, n int64) {
		files, bytes = files+1, bytes+n
		if time.Since(last) > 2*time.Second {
			fmt.Fprintf(out, "%d files, %d MB\n", files, bytes>>20)
			last = time.Now()
		}
	})
	switch {
	case errors.Is(err, carbon.ErrNotEmpty):
		err = fmt.Errorf("%w; --overwrite replaces files of the same name", err)
	case errors.Is(err, carbon.ErrLocked):
		err = fmt.Errorf("%w: stop it first, or restore into another folder with --storage-dir DIR", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "%d metrics as of %s are in %s\n", sum.Files, time.Unix(sum.Time, 0).UTC().Format(time.RFC3339), cfg.Carbon.LocalDataDir)
	return nil
}
