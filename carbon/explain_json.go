package carbon

import (
	"encoding/json"
	"errors"
	"io/fs"

	"graphited/whisper"
)

// explanation is an Explanation as JSON: the answer of GET /metrics/explain.
type explanation struct {
	Received    string        `json:"received"`
	Rules       []jsonRule    `json:"rules"`
	Refused     string        `json:"refused"` // "": it is taken in
	Cure        string        `json:"cure,omitempty"`
	Metric      string        `json:"metric"`
	Schema      string        `json:"schema"`
	Aggregation string        `json:"aggregation"`
	Path        string        `json:"path"`
	Want        *jsonSpec     `json:"want"`   // what a new file is created to; null: refused
	Exists      bool          `json:"exists"` // there is a file
	Error       string        `json:"error"`  // why it cannot be used
	File        *jsonSpec     `json:"file"`   // what it is; null: there is none that can be used
	Archives    []jsonArchive `json:"archives"`
	Pending     int           `json:"pending"` // points that are not in the file yet; -1: unknown
	Oldest      int64         `json:"oldest"`
	Written     int64         `json:"written"`   // when the file was last written; 0: never
	LastError   string        `json:"lastError"` // that kept the daemon from writing it; "": none
	ErrorAt     int64         `json:"errorAt"`
	Text        string        `json:"text"` // all of it in plain words
}

type jsonRule struct {
	Rule string `json:"rule"`
	Name string `json:"name"`
}

type jsonSpec struct {
	Archives     []jsonArchive `json:"archives"`
	Method       string        `json:"method"`
	XFilesFactor float32       `json:"xFilesFactor"`
}

type jsonArchive struct {
	Step      int64 `json:"step"`
	Points    int64 `json:"points"`
	Retention int64 `json:"retention"`
	Known     int64 `json:"known,omitempty"`
	Newest    int64 `json:"newest,omitempty"`
}

// MarshalJSON gives the explanation with times in Unix seconds, and the text of AppendText.
func (x Explanation) MarshalJSON() ([]byte, error) {
	j := explanation{
		Received: x.Received, Rules: []jsonRule{}, Refused: x.Refused, Cure: x.Cure, Metric: x.Metric, Schema: x.Schema, Aggregation: x.Aggregation, Path: x.Path,
		Pending: x.Pending, Oldest: x.Oldest, Written: x.Written, LastError: x.Trouble.Text, ErrorAt: x.Trouble.When, Archives: []jsonArchive{}, Text: string(x.AppendText(nil)),
	}
	for _, r := range x.Rules {
		j.Rules = append(j.Rules, jsonRule(r))
	}
	if x.Refused != "" {
		return json.Marshal(j)
	}
	j.Want = specJSON(x.Want)
	if j.Exists = !errors.Is(x.FileError, fs.ErrNotExist); j.Exists && x.FileError != nil {
		j.Error = x.FileError.Error()
	}
	if x.File != nil {
		j.File = specJSON(*x.File)
	}
	for _, a := range x.Archives {
		j.Archives = append(j.Archives, jsonArchive{a.Step, a.Points, a.Retention(), a.Known, a.Newest})
	}
	return json.Marshal(j)
}

func specJSON(s whisper.Spec) *jsonSpec {
	j := &jsonSpec{Archives: []jsonArchive{}, Method: s.Method.String(), XFilesFactor: s.XFilesFactor}
	for _, a := range s.Archives {
		j.Archives = append(j.Archives, jsonArchive{Step: a.Step, Points: a.Points, Retention: a.Retention()})
	}
	return j
}
