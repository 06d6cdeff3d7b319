package carbon

import (
	"fmt"

	"graphited/whisper"
)

// metadata answers the metadata requests of the cache query port from the whisper files. As in carbon's whisper database there is one key, aggregationMethod.
func (d *Daemon) metadata() queryMetadata {
	return queryMetadata{
		get: func(metric, key string) (string, error) {
			path, err := d.metadataFile(metric, key)
			if err != nil {
				return "", err
			}
			f, err := whisper.OpenRead(d.fsys, path, nil)
			if err != nil {
				return "", err
			}
			defer f.Close()
			return f.Spec().Method.String(), nil
		},
		set: func(metric, key, value string) (old string, err error) {
			path, err := d.metadataFile(metric, key)
			if err != nil {
				return "", err
			}
			m, err := whisper.ParseMethod(value)
			if err != nil {
				return "", err
			}
			before, err := whisper.SetAggregation(d.fsys, path, m, -1, whisper.Options{Lock: d.o.LockWrites, Autoflush: d.o.Autoflush})
			if err != nil {
				return "", err
			}
			return before.Method.String(), nil
		},
	}
}

// metadataFile returns the file of a metric. The name is the asker's: only what can be a metric's leads to a file.
func (d *Daemon) metadataFile(metric, key string) (string, error) {
	if key != "aggregationMethod" {
		return "", fmt.Errorf("unsupported key %q: expected aggregationMethod", key)
	}
	canon, ok := canonical([]byte(metric), d.o.HashTagged)
	if !ok {
		return "", fmt.Errorf("%q is not the name of a metric", metric)
	}
	return filePath(d.o.LocalDataDir, string(canon), d.o.HashTagged), nil
}
