package config

import (
	"io"
	"time"

	"graphited/carbon"
	"graphited/whisper/vfs"
)

// Explain writes what becomes of metrics: which rule for names, schema and aggregation rule applies, what is in its file and why a roll-up is empty.
// It works on the files alone; no server need run.
func (c *Config) Explain(w io.Writer, metrics ...string) error {
	e := carbon.Explainer{
		FS: vfs.OS{}, DataDir: c.Carbon.LocalDataDir, HashTagged: c.Carbon.HashTagged, Names: c.Names, Spec: c.Rules.Spec, Now: time.Now().Unix(),
		Sections: func(metric string) (string, string) {
			s, a := &c.Rules.Schemas[c.Rules.Schemas.find(metric)], &c.Rules.Aggregation[c.Rules.Aggregation.find(metric)]
			return "[" + s.Name + "] " + patternText(s.Pattern), "[" + a.Name + "] " + patternText(a.Pattern)
		},
	}
	var text []byte
	for i, m := range metrics {
		if i > 0 {
			text = append(text, '\n')
		}
		text = e.Explain(m).AppendText(text)
	}
	_, err := w.Write(text)
	return err
}
