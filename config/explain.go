package config

import (
	"errors"
	"io"
	"io/fs"
	"time"

	"graphited/carbon"
	"graphited/whisper/vfs"
)

// Explain writes what becomes of metrics: which rule for names, schema and aggregation rule
// applies, what is in its file and why a roll-up is empty. It works on the files alone; no server
// need run. It reports whether one of them has a file.
func (c *Config) Explain(w io.Writer, metrics ...string) (known bool, err error) {
	e := carbon.Explainer{
		FS: vfs.OS{}, DataDir: c.Carbon.LocalDataDir, HashTagged: c.Carbon.HashTagged, Names: c.Names, Spec: c.Rules.Spec, Now: time.Now().Unix(),
		Sections: c.Rules.Sections,
	}
	var text []byte
	for i, m := range metrics {
		if i > 0 {
			text = append(text, '\n')
		}
		x := e.Explain(m)
		known = known || x.Refused == "" && !errors.Is(x.FileError, fs.ErrNotExist)
		text = x.AppendText(text)
	}
	_, err = w.Write(text)
	return known, err
}

// Explain explains a metric of a daemon that runs, by the rules in force now.
func (l *Live) Explain(d *carbon.Daemon, metric string) carbon.Explanation {
	x := d.Explain(metric)
	if x.Metric != "" {
		x.Schema, x.Aggregation = l.rules.Load().Sections(x.Metric)
	}
	return x
}
