package saved

import (
	"encoding/json"
	"errors"
	"io"
	"strconv"
	"strings"

	"graphited/render/encode"
)

// jsonValue is a JSON value that remembers the order of its members, so that what
// was saved is given back as it was, in the text that Python writes.
type jsonValue struct {
	kind   byte // one of {["0tn: object, list, string, number, true or false, null
	text   string
	on     bool
	values []jsonValue // of a list, and of an object those of names
	names  []string
}

// parseJSON reads one value and nothing behind it. Of a name that comes twice the
// last value counts, as in Python. Its depth is bounded by encoding/json.
func parseJSON(text []byte) (jsonValue, error) {
	if !json.Valid(text) {
		var v any
		if err := json.Unmarshal(text, &v); err != nil {
			return jsonValue{}, err
		}
		return jsonValue{}, errors.New("not JSON")
	}
	d := json.NewDecoder(strings.NewReader(string(text)))
	d.UseNumber()
	v, err := readJSON(d)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return v, err
}

func readJSON(d *json.Decoder) (v jsonValue, err error) {
	t, err := d.Token()
	if err != nil {
		return v, err
	}
	switch t := t.(type) {
	case nil:
		v.kind = 'n'
	case bool:
		v.kind, v.on = 't', t
	case string:
		v.kind, v.text = '"', t
	case json.Number:
		v.kind, v.text = '0', t.String()
	case json.Delim:
		v.kind = byte(t)
		err = v.readWithin(d)
	}
	return v, err
}

// readWithin reads what is in a list or an object, and its end.
func (v *jsonValue) readWithin(d *json.Decoder) error {
	var at map[string]int
	if v.kind == '{' {
		at = make(map[string]int)
	}
	for d.More() {
		i := len(v.values)
		if at != nil {
			t, err := d.Token()
			if err != nil {
				return err
			}
			name, _ := t.(string)
			if first, twice := at[name]; twice {
				i = first
			} else {
				at[name] = i
				v.names = append(v.names, name)
			}
		}
		x, err := readJSON(d)
		if err != nil {
			return err
		}
		if i < len(v.values) {
			v.values[i] = x
		} else {
			v.values = append(v.values, x)
		}
	}
	_, err := d.Token()
	return err
}

// write writes the value as Python's json.dumps.
func (v *jsonValue) write(w *encode.Writer) {
	switch v.kind {
	case 'n':
		w.Null()
	case 't':
		w.Bool(v.on)
	case '"':
		w.String(v.text)
	case '0':
		if f, err := strconv.ParseFloat(v.text, 64); err == nil && strings.ContainsAny(v.text, ".eE") {
			w.Float(f)
			return
		}
		w.Raw([]byte(v.text)) // Python's ints have no end
	case '[':
		w.Open('[')
		for i := range v.values {
			v.values[i].write(w)
		}
		w.Close(']')
	case '{':
		w.Open('{')
		for i, name := range v.names {
			w.Key(name)
			v.values[i].write(w)
		}
		w.Close('}')
	}
}

// bytes returns the text of the value.
func (v *jsonValue) bytes() []byte {
	var w encode.Writer
	v.write(&w)
	return w.Buf
}

// member returns the member called name, nil when there is none.
func (v *jsonValue) member(name string) *jsonValue {
	for i, n := range v.names {
		if n == name {
			return &v.values[i]
		}
	}
	return nil
}

// set gives an object a member.
func (v *jsonValue) set(name string, x jsonValue) {
	if m := v.member(name); m != nil {
		*m = x
		return
	}
	v.names, v.values = append(v.names, name), append(v.values, x)
}

// replace replaces from by to in a string.
func (v *jsonValue) replace(from, to string) {
	if v.kind == '"' {
		v.text = strings.ReplaceAll(v.text, from, to)
	}
}

// replaceAll replaces from by to in every string and name within.
func (v *jsonValue) replaceAll(from, to string) {
	v.replace(from, to)
	for i := range v.values {
		v.values[i].replaceAll(from, to)
	}
	for i := range v.names {
		v.names[i] = strings.ReplaceAll(v.names[i], from, to)
	}
}
