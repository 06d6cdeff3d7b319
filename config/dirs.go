package config

import (
	"path/filepath"
	"slices"
	"strings"
)

// dirKeys are the options of section [cache] that name folders. They depend on one another, so they are kept apart from the other options.
var dirKeys = [...]string{"CONF_DIR", "STORAGE_DIR", "LOCAL_DATA_DIR", "LOG_DIR", "WHITELISTS_DIR", "PID_DIR"}

func isDirKey(key string) bool { return slices.Contains(dirKeys[:], key) }

// deriveDirs gives the folders that nobody has set their place below STORAGE_DIR. It is called after section [cache] and at the end, as in carbon.
func (l *loader) deriveDirs() {
	storage := l.dirs["STORAGE_DIR"]
	if l.source.StorageDir != "" {
		storage = l.source.StorageDir
	}
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

// finishDirs cleans the paths and hands them out: to the Config, and to options that ask for a folder by its key.
func (l *loader) finishDirs() {
	l.deriveDirs()
	for key, dir := range l.dirs {
		l.dirs[key] = l.cleanPath(dir)
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

// cleanPath replaces a leading ~ by the home folder and normalises, as carbon does. A relative path stays relative to where the program was started.
func (l *loader) cleanPath(path string) string {
	if home := l.source.Env("HOME"); home != "" && (path == "~" || strings.HasPrefix(path, "~/")) {
		path = home + path[1:]
	}
	return filepath.Clean(path)
}
