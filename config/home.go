package config

import "path/filepath"

// Home completes Graphite's environment variables for somebody who has no Graphite: where neither
// GRAPHITE_ROOT nor the variable itself is set, the data is in graphited-data in the current
// folder, and configuration files may be in conf below the data. storageDir, if not empty, is where
// the data is in any case.
func Home(env func(string) string, storageDir string) func(string) string {
	return func(key string) string {
		v := env(key)
		if v != "" || env("GRAPHITE_ROOT") != "" {
			return v
		}
		storage := env("GRAPHITE_STORAGE_DIR")
		if storage == "" {
			storage = "graphited-data"
		}
		switch key {
		case "GRAPHITE_STORAGE_DIR":
			return storage
		case "GRAPHITE_CONF_DIR":
			if storageDir != "" {
				storage = storageDir
			}
			return filepath.Join(storage, "conf")
		}
		return ""
	}
}
