package tool

import (
	"graphited/whisper"
)

var mergeTool = tool{
	name: "merge", script: "whisper-merge", args: "[options] from_path to_path", short: "Store the values of one whisper file in another, and overwrite the values there.",
	min: 2, max: 2,
	setup: func() ([]option, func(*env, []string) error) {
		var from, until int64
		var dryRun, asJSON bool
		return []option{
				{name: "from", value: &from, help: "Beginning of interval, unix timestamp (default: epoch)"},
				{name: "until", value: &until, help: "End of interval, unix timestamp (default: now)"},
				dryRunOption(&dryRun), jsonOption(&asJSON),
			}, func(e *env, args []string) error {
				e.json = asJSON
				for _, path := range args {
					if err := e.exists(path); err != nil {
						return err
					}
				}
				if !dryRun {
					if err := whisper.Merge(e.fs, args[0], args[1], e.unix(), whisper.MergeOptions{From: from, Until: until}); err != nil {
						return err
					}
				}
				return e.result(object{"merged": args[1], "from": args[0]})
			}
	},
}

var fillTool = tool{
	name: "fill", script: "whisper-fill", args: "[--lock] src dst", short: "Copy data from src to dst where dst has none.", min: 2, max: 2,
	setup: func() ([]option, func(*env, []string) error) {
		var lock, dryRun, asJSON bool
		return []option{
				{name: "lock", value: &lock, help: "Lock whisper files"}, dryRunOption(&dryRun), jsonOption(&asJSON),
			}, func(e *env, args []string) error {
				e.json = asJSON
				for _, path := range args {
					if err := e.exists(path); err != nil {
						return err
					}
				}
				filled := 0
				if !dryRun {
					var err error
					if filled, err = whisper.Fill(e.fs, args[0], args[1], e.unix(), whisper.Options{Lock: lock}); err != nil {
						return err
					}
				}
				return e.result(object{"filled": args[1], "from": args[0], "points": filled})
			}
	},
}
