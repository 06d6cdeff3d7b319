package conf

import (
	"errors"
	"fmt"
	"os"
	"strings"

	"graphited/carbon/naming"
	"graphited/carbon/wal"
	"graphited/carbon/wire"
)

// WALPolicies are the values of WAL_SYNC.
var WALPolicies = map[string]wal.Policy{"never": wal.Never, "interval": wal.Interval, "always": wal.Always}

// Check yields each option that New cannot use, by its key, and what is wrong with it. The bounds
// of numbers are in the tags of Options, and not looked at here.
func (o Options) Check(yield func(key string, err error) bool) {
	for _, c := range [...]struct {
		key   string
		check func() error
	}{
		{"LINE_RECEIVER_COMPRESSION", func() error { _, err := wire.Unpacker(o.LineCompression); return err }},
		{"WAL_SYNC", o.checkSync},
		{"CARBON_METRIC_PREFIX", o.checkPrefix},
	} {
		if err := c.check(); err != nil && !yield(c.key, err) {
			return
		}
	}
}

func (o Options) checkSync() error {
	switch policy, ok := WALPolicies[o.WALSync]; {
	case !ok:
		return fmt.Errorf("%q: expected never, interval or always", o.WALSync)
	case policy == wal.Always && !o.WAL:
		return errors.New("always needs the log, and WAL is False")
	}
	return nil
}

func (o Options) checkPrefix() error {
	name := SelfPrefix(o) + ".cpuUsage"
	if o.MetricInterval <= 0 {
		return nil
	}
	if canon, ok := naming.Canonical([]byte(name)); !ok || string(canon) != name || naming.IsTagged(name) {
		return fmt.Errorf("%q cannot be the name of a metric: expected nodes with dots between them, such as carbon", name)
	}
	return nil
}

// Err joins what Check yields.
func (o Options) Err() error {
	var errs []error
	for key, err := range o.Check {
		errs = append(errs, fmt.Errorf("cannot use %s: %w", key, err))
	}
	return errors.Join(errs...)
}

// SelfPrefix is what the names of a daemon's own metrics begin with, without the dot behind it.
func SelfPrefix(o Options) string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "localhost"
	}
	name := strings.ReplaceAll(host, ".", "_")
	if o.Instance != "" {
		name += "-" + o.Instance
	}
	return o.MetricPrefix + ".agents." + name
}
