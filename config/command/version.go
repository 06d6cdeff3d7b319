package command

import (
	"cmp"
	"runtime/debug"
)

// commit is that of a build that Go could not ask the repository about: -ldflags "-X
// graphited/config/command.commit=...".
var commit string

// Version is the module's version as Go has noted it in the binary: of a release, or of the commit
// it was built from.
func Version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// FullVersion is Version with the commit and its time.
func FullVersion() string {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return Version()
	}
	set := map[string]string{}
	for _, s := range info.Settings {
		set[s.Key] = s.Value
	}
	text := "commit " + cmp.Or(commit, set["vcs.revision"], "unknown")
	if t := set["vcs.time"]; t != "" {
		text += " of " + t
	}
	if set["vcs.modified"] == "true" {
		text += ", with changes"
	}
	return Version() + " (" + text + ", " + info.GoVersion + ")"
}
