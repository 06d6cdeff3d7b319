package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"graphited/whisper"
)

// optionField is a field of an Options struct that a key of a configuration file sets.
type optionField struct {
	key   string
	value reflect.Value
}

// set reads text into the field as carbon reads a value whose default has the field's type. The message is "" when all is well.
func (o optionField) set(text string) (Severity, string) {
	if o.key == "CACHE_WRITE_STRATEGY" && !slices.Contains(writeStrategies[:], text) {
		return Warning, fmt.Sprintf("expected one of %s: %s is used, as carbon does", strings.Join(writeStrategies[:], ", "), o.value.String())
	}
	if err := o.read(text); err != nil {
		return Error, err.Error()
	}
	return Debug, ""
}

// writeStrategies are carbon's. A strategy that carbon does not know is no error: it takes its default.
var writeStrategies = [...]string{"sorted", "timesorted", "max", "bucketmax", "naive", "random"}

// optionFields finds the fields of the structs that dst point to and that have a tag conf:"KEY", those of embedded structs included.
// It panics when a field has a type that no text can be read into: that is a bug of who declared it.
func optionFields(dst ...any) map[string]optionField {
	fields := make(map[string]optionField)
	for _, d := range dst {
		addOptionFields(fields, reflect.ValueOf(d).Elem())
	}
	return fields
}

func addOptionFields(fields map[string]optionField, v reflect.Value) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key, tagged := f.Tag.Lookup("conf")
		switch {
		case !tagged:
			if f.Anonymous && f.Type.Kind() == reflect.Struct {
				addOptionFields(fields, v.Field(i))
			}
		case !v.Field(i).CanSet() || !settable(v.Field(i)):
			panic(fmt.Sprintf("BUG: field %s for option %s has type %s", f.Name, key, f.Type))
		default:
			fields[key] = optionField{key, v.Field(i)}
		}
	}
}

func settable(v reflect.Value) bool {
	switch v.Interface().(type) {
	case bool, int, int64, float64, string, []string, time.Duration:
		return true
	}
	return false
}

// read parses text and sets the field. The error says what was expected.
func (o optionField) read(text string) error {
	v := o.value
	switch v.Interface().(type) {
	case string:
		v.SetString(text)
	case []string:
		v.Set(reflect.ValueOf(splitList(text)))
	case bool:
		b, ok := parseBool(text)
		if !ok {
			return errors.New("expected a boolean: True or False, also yes, no, on, off, 1, 0")
		}
		v.SetBool(b)
	case time.Duration:
		d, err := parseSeconds(text)
		if err != nil {
			return err
		}
		v.SetInt(int64(d))
	case float64:
		n, ok := parseFloat(text)
		if !ok || !(n >= 0) {
			return errors.New("expected a number that is not negative, or inf")
		}
		v.SetFloat(n)
	default:
		return o.readInteger(text)
	}
	return nil
}

// readInteger takes inf as the greatest number, which is carbon's way to say that there is no limit.
func (o optionField) readInteger(text string) error {
	v, port := o.value, strings.HasSuffix(o.key, "_PORT")
	f, ok := parseFloat(text)
	n, isInt := parseInt(text)
	switch {
	case port && (!isInt || n < 0 || n > math.MaxUint16):
		return errors.New("expected a port: a whole number from 0 to 65535")
	case isInt && n >= 0 && !v.OverflowInt(n):
	case ok && math.IsInf(f, 1):
		n = math.MaxInt64 >> (64 - v.Type().Bits())
	case ok && f >= 0 && f == math.Trunc(f) && f < 1<<53 && !v.OverflowInt(int64(f)):
		n = int64(f)
	default:
		return errors.New("expected a whole number that is not negative, or inf")
	}
	v.SetInt(n)
	return nil
}

// parseSeconds takes None as 0, as carbon's own examples write it, inf as the longest duration, and the units of storage-schemas.conf: 90d, 12h.
func parseSeconds(text string) (time.Duration, error) {
	if strings.EqualFold(text, "none") {
		return 0, nil
	}
	f, ok := parseFloat(text)
	if list, err := whisper.ParseRetentions(text + ":1"); !ok && err == nil && len(list) == 1 {
		f, ok = float64(list[0].Step), true
	}
	if !ok || !(f >= 0) {
		return 0, errors.New("expected a number of seconds that is not negative, a time such as 12h or 90d, or inf")
	}
	if f *= float64(time.Second); f < math.MaxInt64 {
		return time.Duration(math.Round(f)), nil
	}
	return math.MaxInt64, nil
}

// parseBool knows the words of ConfigParser.getboolean.
func parseBool(text string) (b, ok bool) {
	switch strings.ToLower(text) {
	case "1", "yes", "true", "on":
		return true, true
	case "0", "no", "false", "off":
		return false, true
	}
	return false, false
}

// parseInt and parseFloat read what Python's int() and float() read: spaces around, underscores between digits, no other base than ten.
func parseInt(text string) (int64, bool) {
	text, ok := pythonNumber(text)
	if !ok {
		return 0, false
	}
	n, err := strconv.ParseInt(text, 10, 64)
	return n, err == nil
}

func parseFloat(text string) (float64, bool) {
	text, ok := pythonNumber(text)
	if !ok || strings.ContainsAny(text, "xX") {
		return 0, false
	}
	f, err := strconv.ParseFloat(text, 64)
	return f, err == nil || errors.Is(err, strconv.ErrRange)
}

func pythonNumber(text string) (string, bool) {
	text = strings.TrimSpace(text)
	for i := range len(text) {
		if text[i] == '_' && (i == 0 || i == len(text)-1 || !isDigit(text[i-1]) || !isDigit(text[i+1])) {
			return "", false
		}
	}
	return strings.ReplaceAll(text, "_", ""), true
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// splitList cuts a list at its commas. Empty items are left out.
func splitList(text string) []string {
	var list []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			list = append(list, item)
		}
	}
	return list
}
