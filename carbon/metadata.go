package carbon

import (
	"context"
	"fmt"

	"graphited/whisper"
)

// GetMetadata returns what is kept of a metric beside its points. As in carbon's whisper database
// there is one key, aggregationMethod, and it is in the file.
func (d *Daemon) GetMetadata(_ context.Context, metric, key string) (string, error) {
	path, err := d.metadataFile(metric, key)
	if err != nil {
		return "", err
	}
	f, err := whisper.OpenRead(d.fsys, path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return f.Spec().Method.String(), nil
}

// SetMetadata changes what GetMetadata returns, and returns what that was. Points that have been
// rolled up already stay as they are.
func (d *Daemon) SetMetadata(_ context.Context, metric, key, value string) (old string, err error) {
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
}

// metadata answers the metadata requests of the cache query port.
func (d *Daemon) metadata() queryMetadata {
	ctx := context.Background()
	return queryMetadata{
		get: func(metric, key string) (string, error) { return d.GetMetadata(ctx, metric, key) },
		set: func(metric, key, value string) (string, error) { return d.SetMetadata(ctx, metric, key, value) },
	}
}

// metadataFile returns the file of a metric. The name is the asker's: only what can be a metric's
// leads to a file.
func (d *Daemon) metadataFile(metric, key string) (string, error) {
	if key != "aggregationMethod" {
		return "", fmt.Errorf("unsupported key %q: expected aggregationMethod", key)
	}
	canon, ok := canonical([]byte(metric))
	if !ok {
		return "", fmt.Errorf("%q is not the name of a metric", metric)
	}
	return existingPath(d.fsys, d.o.LocalDataDir, string(canon), d.o.HashTagged), nil
}
