package command

import (
	"fmt"
	"io"
	"os"

	"github.com/mattn/go-isatty"
	"github.com/rs/zerolog"
)

// NewLogger makes the program's log on w. level is zerolog's word for one; format is console or
// json, and if empty console on a terminal, json elsewhere.
func NewLogger(w io.Writer, level, format string) (zerolog.Logger, error) {
	l, err := zerolog.ParseLevel(level)
	if err != nil || l == zerolog.NoLevel {
		return zerolog.Nop(), fmt.Errorf("--log-level %q: expected trace, debug, info, warn or error", level)
	}
	f, isFile := w.(*os.File)
	terminal := isFile && isatty.IsTerminal(f.Fd())
	switch {
	case format == "console" || format == "" && terminal:
		w = zerolog.ConsoleWriter{Out: w, TimeFormat: "2006-01-02 15:04:05", NoColor: !terminal}
	case format != "json" && format != "":
		return zerolog.Nop(), fmt.Errorf("--log-format %q: expected console or json", format)
	}
	return zerolog.New(w).Level(l).With().Timestamp().Logger(), nil
}
