package config

import "testing"

func TestHome(t *testing.T) {
	f := func(env map[string]string, storageDir, wantStorage, wantConf string) {
		t.Helper()
		get := Home(func(k string) string { return env[k] }, storageDir)
		if s, c := get("GRAPHITE_STORAGE_DIR"), get("GRAPHITE_CONF_DIR"); s != wantStorage || c != wantConf {
			t.Errorf("%v, %q: storage %q, conf %q; want %q, %q", env, storageDir, s, c, wantStorage, wantConf)
		}
	}
	f(nil, "", "graphited-data", "graphited-data/conf")
	f(nil, "/data", "graphited-data", "/data/conf")
	f(map[string]string{"GRAPHITE_STORAGE_DIR": "/s"}, "", "/s", "/s/conf")
	f(map[string]string{"GRAPHITE_CONF_DIR": "/c"}, "", "graphited-data", "/c")
	f(map[string]string{"GRAPHITE_ROOT": "/opt/graphite"}, "", "", "")
}
