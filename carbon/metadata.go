package carbon

import (
	"context"
	"fmt"

	"graphited/carbon/naming"
	"graphited/whisper"
)

// GetMetadata returns what is kept of a metric beside its points. As in carbon's whisper database
// there is one key, aggregationMethod, and it is in the file.
func (k *Keeper) GetMetadata(_ context.Context, metric, key string) (string, error) {
	path, err := k.metadataFile(metric, key)
	if err != nil {
		return "", err
	}
	f, err := whisper.OpenRead(k.fsys, path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	return f.Spec().Method.String(), nil
}

// SetMetadata changes what GetMetadata returns, and returns what that was. Points that have been
// rolled up already stay as they are.
func (k *Keeper) SetMetadata(_ context.Context, metric, key, value string) (old string, err error) {
	path, err := k.metadataFile(metric, key)
	if err != nil {
		return "", err
	}
	m, err := whisper.ParseMethod(value)
	if err != nil {
		return "", err
	}
	before, err := whisper.SetAggregation(k.fsys, path, m, -1, whisper.Options{Lock: k.o.LockWrites, Autoflush: k.o.Autoflush})
	if err != nil {
		return "", err
	}
	return before.Method.String(), nil
}

// metadataFile returns the file of a metric. The name is the asker's: only what can be a metric's
// leads to a file.
func (k *Keeper) metadataFile(metric, key string) (string, error) {
	if key != "aggregationMethod" {
		return "", fmt.Errorf("unsupported key %q: expected aggregationMethod", key)
	}
	canon, ok := naming.Canonical([]byte(metric))
	if !ok {
		return "", fmt.Errorf("%q is not the name of a metric", metric)
	}
	return naming.ExistingPath(k.fsys, k.o.LocalDataDir, string(canon), k.o.HashTagged), nil
}
