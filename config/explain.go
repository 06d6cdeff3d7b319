package config

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"github.com/valyala/fasthttp"

	"graphited/carbon"
	"graphited/whisper/vfs"
)

// Explain writes what becomes of metrics: which rule for names, schema and aggregation rule applies, what is in its file and why a roll-up is empty.
// It works on the files alone; no server need run.
func (c *Config) Explain(w io.Writer, metrics ...string) error {
	e := carbon.Explainer{
		FS: vfs.OS{}, DataDir: c.Carbon.LocalDataDir, HashTagged: c.Carbon.HashTagged, Names: c.Names, Spec: c.Rules.Spec, Now: time.Now().Unix(),
		Sections: c.Rules.sections,
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

// askTimeout is for one answer of a server.
const askTimeout = 30 * time.Second

// askExplain writes what a running server says of metrics, which it explains by its own configuration.
func askExplain(w io.Writer, server string, metrics []string) error {
	for i, m := range metrics {
		status, body, err := fasthttp.GetTimeout(nil, strings.TrimSuffix(server, "/")+"/metrics/explain?metric="+url.QueryEscape(m), askTimeout)
		if err != nil {
			return fmt.Errorf("cannot ask %q: %w", server, err)
		}
		var x struct {
			Text string `json:"text"`
		}
		if err := json.Unmarshal(body, &x); err != nil || x.Text == "" {
			return fmt.Errorf("cannot explain %q: %q answers with status %d and no explanation", m, server, status)
		}
		if i > 0 {
			x.Text = "\n" + x.Text
		}
		if _, err := io.WriteString(w, x.Text); err != nil {
			return err
		}
	}
	return nil
}

// sections names the schema and the aggregation rule that apply to a metric.
func (r *Rules) sections(metric string) (schema, aggregation string) {
	s, a := &r.Schemas[r.Schemas.find(metric)], &r.Aggregation[r.Aggregation.find(metric)]
	return "[" + s.Name + "] " + patternText(s.Pattern), "[" + a.Name + "] " + patternText(a.Pattern)
}

// Explain explains a metric of a daemon that runs, by the rules in force now.
func (l *Live) Explain(d *carbon.Daemon, metric string) carbon.Explanation {
	x := d.Explain(metric)
	if x.Metric != "" {
		x.Schema, x.Aggregation = l.rules.Load().sections(x.Metric)
	}
	return x
}
