package config

import (
	"path/filepath"
	"slices"
	"strings"

	"graphited/config/parse"
	"graphited/config/problem"
)

// dirKeys are the options of section [cache] that name folders. They depend on one another, so they
// are kept apart from the other options.
var dirKeys = [...]string{"CONF_DIR", "STORAGE_DIR", "LOCAL_DATA_DIR", "LOG_DIR", "WHITELISTS_DIR", "PID_DIR"}

func isDirKey(key string) bool { return slices.Contains(dirKeys[:], key) }

// deriveDirs gives the folders that nobody has set their place below STORAGE_DIR. It is called
// after section [cache] and at the end, as in carbon.
func (l *loader) deriveDirs() {
	if dir := l.source.StorageDir; dir != "" {
		l.dirs["STORAGE_DIR"], l.dirs["LOCAL_DATA_DIR"] = dir, filepath.Join(dir, "whisper")
	}
	storage := l.dirs["STORAGE_DIR"]
	for key, place := range map[string]string{
		"PID_DIR":        storage,
		"LOG_DIR":        filepath.Join(storage, "log", "carbon-cache"),
		"LOCAL_DATA_DIR": filepath.Join(storage, "whisper"),
		"WHITELISTS_DIR": filepath.Join(storage, "lists"),
	} {
		if _, ok := l.dirs[key]; !ok {
			l.dirs[key] = place
		}
	}
}

// finishDirs hands the folders out: to the Config, and to options that ask for a folder by its key.
func (l *loader) finishDirs() {
	l.deriveDirs()
	for key, dir := range l.dirs {
		l.dirs[key] = filepath.Clean(l.expandHome(dir))
	}
	if dir, data := l.source.StorageDir, (origin{"cache", "LOCAL_DATA_DIR"}); dir != "" {
		if from := l.config.origins[data]; from != "" {
			l.report = append(l.report, problem.Problem{Severity: problem.Info, File: from, Section: "cache", Key: "LOCAL_DATA_DIR", Msg: "not used: --storage-dir wins"})
		}
		l.config.origins[data] = "--storage-dir " + dir
	}
	l.dirs["LOG_DIR"] = filepath.Join(l.dirs["LOG_DIR"], "carbon-cache-"+l.config.Instance)
	l.config.Dirs = Dirs{
		Conf: l.dirs["CONF_DIR"], Storage: l.dirs["STORAGE_DIR"], Data: l.dirs["LOCAL_DATA_DIR"],
		Log: l.dirs["LOG_DIR"], Whitelists: l.dirs["WHITELISTS_DIR"], PID: l.dirs["PID_DIR"],
	}
	for _, t := range l.targets {
		for key, f := range t.fields {
			if dir, ok := l.dirs[key]; ok {
				f.value.SetString(dir)
			}
		}
	}
}

// cleanPath makes a path of carbon.conf one that can be opened: a leading ~ is the home folder, as
// in carbon, and what is relative is relative to the folder of carbon.conf. Carbon has no such rule
// for its own: there it is relative to where the daemon was started.
func (l *loader) cleanPath(path string) string {
	return filepath.Clean(parse.Path(filepath.Dir(l.config.File), l.expandHome(path)))
}

func (l *loader) expandHome(path string) string {
	if home := l.source.Env("HOME"); home != "" && (path == "~" || strings.HasPrefix(path, "~/")) {
		return home + path[1:]
	}
	return path
}
