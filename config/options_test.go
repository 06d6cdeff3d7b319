package config

import (
	"math"
	"reflect"
	"testing"
	"time"

	"graphited/api"
	"graphited/carbon"
)

type embedded struct {
	Inner bool `conf:"INNER"`
}

type testOptions struct {
	embedded
	Bool     bool          `conf:"BOOL"`
	Int      int           `conf:"INT"`
	Int64    int64         `conf:"INT64"`
	Port     int           `conf:"A_PORT"`
	Float    float64       `conf:"FLOAT"`
	String   string        `conf:"STRING"`
	List     []string      `conf:"LIST"`
	Duration time.Duration `conf:"DURATION"`
	Untagged chan int
}

func TestOptionFields(t *testing.T) {
	fields := optionFields(&testOptions{})
	if len(fields) != 9 {
		t.Errorf("%d fields: %v", len(fields), fields)
	}
	for key, f := range fields {
		if f.key != key {
			t.Errorf("field %q is under %q", f.key, key)
		}
	}
}

func TestOptionFieldsPanics(t *testing.T) {
	f := func(dst any) {
		t.Helper()
		defer func() {
			if recover() == nil {
				t.Errorf("%T: no panic", dst)
			}
		}()
		optionFields(dst)
	}
	f(&struct {
		A map[string]int `conf:"A"`
	}{})
	f(&struct {
		a int `conf:"A"`
	}{})
}

func TestSetOption(t *testing.T) {
	var o testOptions
	fields := optionFields(&o)
	f := func(key, text string, want any) {
		t.Helper()
		severity, msg := fields[key].set(text)
		if severity != Debug || msg != "" {
			t.Errorf("%s = %q: %v %s", key, text, severity, msg)
		}
		if got := fields[key].value.Interface(); !reflect.DeepEqual(got, want) {
			t.Errorf("%s = %q: got %v, want %v", key, text, got, want)
		}
	}
	for _, text := range []string{"1", "yes", "True", "ON"} {
		f("BOOL", text, true)
	}
	for _, text := range []string{"0", "no", "False", "oFF"} {
		f("INNER", text, false)
	}
	f("INT", "007", 7)
	f("INT", " +1_000 ", 1000)
	f("INT", "2e3", 2000)
	f("INT", "inf", math.MaxInt)
	f("INT64", "Infinity", int64(math.MaxInt64))
	f("INT64", "9223372036854775807", int64(math.MaxInt64))
	f("A_PORT", "0", 0)
	f("A_PORT", "65535", 65535)
	f("FLOAT", ".5", 0.5)
	f("FLOAT", "INF", math.Inf(1))
	f("FLOAT", "1_0.2_5", 10.25)
	f("STRING", "", "")
	f("STRING", "a;b #c", "a;b #c")
	f("LIST", " a, b ,,c,", []string{"a", "b", "c"})
	f("LIST", "", []string(nil))
	f("DURATION", "1.5", 1500*time.Millisecond)
	f("DURATION", "None", time.Duration(0))
	f("DURATION", "inf", time.Duration(math.MaxInt64))
	f("DURATION", "1e300", time.Duration(math.MaxInt64))
}

func TestSetOptionFailures(t *testing.T) {
	f := func(key string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			o := testOptions{embedded: embedded{Inner: true}, Bool: true, Int: 1, Int64: 1, Port: 1, Float: 1, Duration: 1}
			before := o
			if severity, msg := optionFields(&o)[key].set(text); severity != Error || msg == "" {
				t.Errorf("%s = %q: no error", key, text)
			}
			if !reflect.DeepEqual(o, before) {
				t.Errorf("%s = %q: changed %+v", key, text, o)
			}
		}
	}
	f("BOOL", "", "2", "y", "t", "enabled", "None")
	f("INNER", "maybe")
	f("INT", "", "x", "-1", "1.5", "-inf", "nan", "None", "0x10", "1__0", "_1", "1_", "1e30", "99999999999999999999")
	f("INT64", "9223372036854775808", "9e18")
	f("A_PORT", "65536", "-1", "inf", "80.0", "80/tcp", "")
	f("FLOAT", "", "x", "-0.1", "nan", "-inf", "0x1p4", "1 2", "1_.5")
	f("DURATION", "", "soon", "5 s:1", "-1", "nan")
}

// TestRealOptions holds the Options of the other packages to what this one can fill.
func TestRealOptions(t *testing.T) {
	c, a := carbon.DefaultOptions(), api.DefaultOptions()
	cache, web := optionFields(&c), optionFields(&a)
	for key := range cache {
		if _, ok := web[key]; ok {
			t.Errorf("%s is an option of both sections", key)
		}
	}
	if f, ok := cache["CACHE_WRITE_STRATEGY"]; !ok || f.value.String() != "sorted" {
		t.Error("CACHE_WRITE_STRATEGY is not an option with default sorted")
	}
	for _, key := range dirKeys {
		if f, ok := cache[key]; ok && f.value.Kind() != reflect.String {
			t.Errorf("%s is no string", key)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"LINE_RECEIVER_PORT", "LINE_RECEIVER_INTERFACE", "MAX_CACHE_SIZE", "USER"}
	f := func(key, want string) {
		t.Helper()
		if got := nearest(key, names); got != want {
			t.Errorf("%s: got %q, want %q", key, got, want)
		}
	}
	f("LINE_RECIEVER_PORT", "LINE_RECEIVER_PORT")
	f("max_cache_sise", "MAX_CACHE_SIZE")
	f("MAXCACHESIZE", "MAX_CACHE_SIZE")
	f("USRE", "USER")
	f("UR", "")
	f("X", "")
	f("", "")
	f("COMPLETELY_DIFFERENT", "")
}

func TestEditDistance(t *testing.T) {
	f := func(a, b string, want int) {
		t.Helper()
		if got, back := editDistance(a, b), editDistance(b, a); got != want || back != want {
			t.Errorf("%q %q: got %d and %d, want %d", a, b, got, back, want)
		}
	}
	f("", "", 0)
	f("abc", "", 3)
	f("abc", "abc", 0)
	f("abc", "acb", 1)
	f("abc", "ab", 1)
	f("abc", "xbc", 1)
	f("kitten", "sitting", 3)
}

func TestForeignKeys(t *testing.T) {
	f := func(key, value string, found, harmless bool) {
		t.Helper()
		k, ok := lookupForeign(key)
		if ok != found || ok && k.harmless(value) != harmless {
			t.Errorf("%s = %s: found %v, harmless %v", key, value, ok, k.harmless(value))
		}
	}
	f("DATABASE", "Whisper", true, true)
	f("DATABASE", "ceres", true, false)
	f("ENABLE_AMQP", "off", true, true)
	f("ENABLE_AMQP", "1", true, false)
	f("ENABLE_AMQP", "perhaps", true, false)
	f("AMQP_HOST", "h", true, true)
	f("CERES_MAX_SLICE_GAP", "80", true, true)
	f("RELAY_CACHE_METRICS", "true", true, false)
	f("RELAY_METHOD", "rules", true, true)
	f("MAX_CACHE_SIZE", "1", false, false)
	for i, k := range foreignKeys {
		if k.why == "" {
			t.Errorf("%s has no reason", k.name)
		}
		for _, later := range foreignKeys[i+1:] {
			if later.name == k.name {
				t.Errorf("%s is there twice", k.name)
			}
		}
	}
}
