package config

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"graphited/carbon/pyvalue"

	"graphited/carbon/listen"
	"graphited/config/parse"
	"graphited/config/problem"
)

// optionField is a field of an Options struct that a key of a configuration file sets.
type optionField struct {
	key   string
	value reflect.Value
	tag   reflect.StructTag // see conf.Options
}

// set reads text into the field. The message is "" when all is well.
func (o optionField) set(text string) (problem.Severity, string) {
	if o.key == "CACHE_WRITE_STRATEGY" && !slices.Contains(writeStrategies[:], text) {
		return problem.Warning, fmt.Sprintf("expected one of %s: %s is used, as carbon does", strings.Join(writeStrategies[:], ", "), o.value.String())
	}
	if err := o.read(text); err != nil {
		return problem.Error, err.Error()
	}
	return problem.Debug, ""
}

// writeStrategies are carbon's. A strategy that carbon does not know is no error: it takes its
// default.
var writeStrategies = [...]string{"sorted", "timesorted", "max", "bucketmax", "naive", "random"}

// optionFields finds the fields of the structs that dst point to and that have a tag conf:"KEY",
// those of embedded structs included. It panics when a field has a type that no text can be read
// into: that is a bug of who declared it.
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
		case f.Type == reflect.TypeFor[listen.Address]():
			addAddress(fields, v.Field(i), f.Tag)
		case !v.Field(i).CanSet() || !settable(v.Field(i)):
			panic(fmt.Sprintf("BUG: field %s for option %s has type %s", f.Name, key, f.Type))
		default:
			fields[key] = optionField{key, v.Field(i), f.Tag}
		}
	}
}

// addAddress adds the two options of an address. Their tags are those of listen.Address, completed
// by the tag of the field.
func addAddress(fields map[string]optionField, v reflect.Value, tag reflect.StructTag) {
	for i := range v.NumField() {
		part := v.Type().Field(i).Tag
		key := tag.Get("conf") + "_" + part.Get("conf")
		full := fmt.Sprintf("is:%q own:%q doc:%q", part.Get("is"), tag.Get("own"), part.Get("doc")+" "+tag.Get("doc"))
		fields[key] = optionField{key, v.Field(i), reflect.StructTag(full)}
	}
}

func settable(v reflect.Value) bool {
	switch v.Interface().(type) {
	case bool, int, int64, float64, string, []string, time.Duration:
		return true
	}
	return false
}

// is is the kind of value that the option has.
func (o optionField) is() string { return o.tag.Get("is") }

// isTime and isSize tell how a number is written.
func (o optionField) isTime() bool {
	_, ok := o.value.Interface().(time.Duration)
	return ok || o.tag.Get("unit") == "s"
}

func (o optionField) isSize() bool { return o.tag.Get("unit") == "bytes" }

// typeName says what is written for the option.
func (o optionField) typeName() string {
	switch {
	case o.value.Kind() == reflect.Bool:
		return "boolean"
	case o.value.Kind() == reflect.String:
		return "text"
	case o.value.Kind() == reflect.Slice:
		return "list"
	case o.isTime():
		return "time"
	case o.isSize():
		return "size"
	}
	return "number"
}

// read parses text and sets the field. The error says what was expected.
func (o optionField) read(text string) error {
	v := o.value
	switch v.Interface().(type) {
	case string:
		if words, ok := o.tag.Lookup("oneof"); ok && !slices.Contains(strings.Split(words, ","), text) {
			return errors.New("expected " + orList(words))
		}
		v.SetString(text)
	case []string:
		v.Set(reflect.ValueOf(parse.List(text)))
	case bool:
		b, ok := parse.Bool(text)
		if !ok {
			return errors.New("expected a boolean: True or False, also yes, no, on, off, 1, 0")
		}
		v.SetBool(b)
	default:
		n, err := o.number(text)
		if err != nil {
			return err
		}
		if v.Kind() == reflect.Float64 {
			v.SetFloat(n)
		} else {
			v.SetInt(int64(n))
		}
	}
	return nil
}

// orList writes words, cut at commas, as a sentence does.
func orList(words string) string {
	list := slices.DeleteFunc(strings.Split(words, ","), func(w string) bool { return w == "" })
	return strings.Join(list[:len(list)-1], ", ") + " or " + list[len(list)-1]
}

// number reads a number as the kind of the option asks for. Integers above 2^53 are none that
// anybody means, so a float64 holds all.
func (o optionField) number(text string) (float64, error) {
	is := o.is()
	limit := is == "limit" || is == "limit>0"
	switch word := strings.ToLower(strings.TrimSpace(text)); {
	case limit && parse.IsInfinity(text), is == "limit" && (word == "none" || word == "off"):
		return o.noLimit(), nil
	case is == "off" && (word == "none" || word == "off"):
		return 0, nil
	}
	n, err := o.plainNumber(text)
	switch {
	case err != nil:
		return 0, err
	case n == 0 && is == "limit":
		return o.noLimit(), nil
	case n == 0 && is == "limit>0":
		return 0, fmt.Errorf("0 would let nothing through: expected %s, or inf for no limit", o.expected())
	case n == 0 && is == ">0":
		return 0, fmt.Errorf("0 has no meaning here: expected %s", o.expected())
	case n == 0:
		return 0, nil
	case o.value.Kind() != reflect.Float64 && o.value.OverflowInt(int64(n)):
		return 0, parse.ErrTooLarge
	}
	return n, o.inBounds(n)
}

// noLimit is the value of the field that stands for no limit.
func (o optionField) noLimit() float64 {
	switch {
	case o.value.Kind() == reflect.Float64:
		return math.Inf(1)
	case o.is() == "limit>0":
		return math.MaxInt32 // no counter of connections goes beyond
	}
	return 0
}

// plainNumber reads a number with the units that it may have; one of a time is in what the field
// counts.
func (o optionField) plainNumber(text string) (float64, error) {
	wrong := errors.New("expected " + o.expected() + o.orElse())
	switch {
	case o.is() == "port":
		n, ok, err := parse.Whole(text)
		if !ok || err != nil || n < 0 || n > math.MaxUint16 || strings.ContainsAny(text, ".eE") {
			return 0, errors.New("expected a port: a whole number from 0 to 65535")
		}
		return float64(n), nil
	case o.isTime():
		d, err := parse.Time(text)
		if err != nil {
			if errors.Is(err, parse.ErrTooLarge) {
				wrong = err
			}
			return 0, wrong
		}
		if o.tag.Get("unit") != "s" {
			return float64(d), nil
		}
		if d%time.Second != 0 {
			return 0, errors.New("expected whole seconds")
		}
		return float64(d / time.Second), nil
	case o.isSize():
		n, err := parse.Size(text)
		if err != nil && !errors.Is(err, parse.ErrTooLarge) {
			err = wrong
		}
		return float64(n), err
	case o.value.Kind() == reflect.Float64:
		n, ok := pyvalue.ParseFloat(text)
		switch {
		case !ok || !(n >= 0) || parse.IsInfinity(text):
			return 0, wrong
		case n >= 1<<53:
			return 0, parse.ErrTooLarge
		}
		return n, nil
	}
	n, ok, err := parse.Whole(text)
	if err == nil && (!ok || n < 0) {
		err = wrong
	}
	return float64(n), err
}

// expected says what kind of number the option takes, and within which bounds.
func (o optionField) expected() string {
	switch {
	case o.is() == "share":
		return "a number from 0 to 1"
	case o.isTime():
		return parse.ExpectedTime + o.bounds()
	case o.isSize():
		return parse.ExpectedSize + o.bounds()
	}
	kind := "a whole number"
	if o.value.Kind() == reflect.Float64 {
		kind = "a number"
	}
	if b := o.bounds(); b != "" {
		return kind + b
	}
	return kind + " above 0"
}

// orElse says which other words the option takes.
func (o optionField) orElse() string {
	switch o.is() {
	case "limit":
		return ", or 0 or inf for no limit"
	case "limit>0":
		return ", or inf for no limit"
	case "off":
		return ", or 0 for off"
	}
	return ""
}

func (o optionField) bounds() string {
	low, high := o.tag.Get("min"), o.tag.Get("max")
	switch {
	case low != "" && high != "":
		return ", from " + low + " to " + high
	case low != "":
		return ", at least " + low
	case high != "":
		return ", at most " + high
	}
	return ""
}

// inBounds holds a number, which is not 0, to the bounds of the option.
func (o optionField) inBounds(n float64) error {
	if o.is() == "share" && n > 1 {
		return errors.New("expected " + o.expected())
	}
	for _, b := range [...]struct {
		tag  string
		sign int
	}{{"min", -1}, {"max", 1}} {
		text, ok := o.tag.Lookup(b.tag)
		if !ok {
			continue
		}
		bound, err := o.plainNumber(text)
		if err != nil {
			panic(fmt.Sprintf("BUG: %s of option %s: %v", b.tag, o.key, err))
		}
		if cmp.Compare(n, bound) == b.sign {
			return errors.New("expected " + o.expected() + o.orElse())
		}
	}
	return nil
}

// text writes the value of the option as it would stand in a file.
func (o optionField) text() string {
	switch x := o.value.Interface().(type) {
	case string:
		return x
	case []string:
		return strings.Join(x, ", ")
	case bool:
		if x {
			return "True"
		}
		return "False"
	case float64:
		if math.IsInf(x, 1) {
			return "inf"
		}
		return strconv.FormatFloat(x, 'f', -1, 64)
	}
	n := o.value.Int()
	switch {
	case o.is() == "port" && n == listen.Free:
		return "0" // as the flag has it
	case n == 0 && o.is() == "off":
		return "off"
	case (o.is() == "limit" || o.is() == "limit>0") && n == int64(o.noLimit()):
		return "inf"
	case o.isTime() && o.tag.Get("unit") == "s":
		return parse.FormatTime(time.Duration(n) * time.Second)
	case o.isTime():
		return parse.FormatTime(time.Duration(n))
	case o.isSize():
		return parse.FormatSize(n)
	}
	return strconv.FormatInt(n, 10)
}
