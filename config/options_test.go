package config

import (
	"math"
	"reflect"
	"testing"
	"time"

	"graphited/api"
	"graphited/carbon/conf"
	"graphited/config/problem"
)

type embedded struct {
	Inner bool `conf:"INNER"`
}

type testOptions struct {
	embedded
	Bool     bool          `conf:"BOOL"`
	Int      int           `conf:"INT" is:"limit"`
	Int64    int64         `conf:"INT64" is:"limit>0"`
	Size     int64         `conf:"SIZE" is:">0" unit:"bytes" max:"1GiB"`
	Secs     int64         `conf:"SECS" is:"off" unit:"s" min:"10s"`
	Port     int           `conf:"A_PORT" is:"port"`
	Float    float64       `conf:"FLOAT" is:"limit"`
	Share    float64       `conf:"SHARE" is:"share"`
	Word     string        `conf:"WORD" oneof:"a,b"`
	String   string        `conf:"STRING"`
	List     []string      `conf:"LIST"`
	Duration time.Duration `conf:"DURATION" is:"off"`
	Untagged chan int
}

func TestOptionFields(t *testing.T) {
	fields := optionFields(&testOptions{})
	if len(fields) != 13 {
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
		if severity != problem.Debug || msg != "" {
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
	for _, text := range []string{"inf", "Infinity", "none", "off", "0"} {
		f("INT", text, 0)
		f("FLOAT", text, math.Inf(1))
	}
	f("INT64", "inf", int64(math.MaxInt32))
	f("SIZE", "1 MiB", int64(1<<20))
	f("SIZE", "100 MB", int64(100_000_000))
	f("SIZE", "1.5k", int64(1536))
	f("SIZE", "1GiB", int64(1<<30))
	f("SECS", "1h 30m", int64(5400))
	f("SECS", "off", int64(0))
	f("A_PORT", "0", 0)
	f("A_PORT", "65535", 65535)
	f("FLOAT", ".5", 0.5)
	f("FLOAT", "1_0.2_5", 10.25)
	f("SHARE", "0", 0.0)
	f("SHARE", "1", 1.0)
	f("WORD", "b", "b")
	f("STRING", "", "")
	f("STRING", "a;b #c", "a;b #c")
	f("LIST", " a, b ,,c,", []string{"a", "b", "c"})
	f("LIST", "", []string(nil))
	f("DURATION", "1.5", 1500*time.Millisecond)
	f("DURATION", "None", time.Duration(0))
	f("DURATION", "3 s", 3*time.Second)
	f("DURATION", "500ms", 500*time.Millisecond)
	f("DURATION", "1.5h", 90*time.Minute)
	f("DURATION", "1d12h", 36*time.Hour)
	f("DURATION", "2 Weeks", 14*24*time.Hour)
	f("DURATION", "1e3", 1000*time.Second)
}

func TestSetOptionFailures(t *testing.T) {
	f := func(key string, texts ...string) {
		t.Helper()
		for _, text := range texts {
			o := testOptions{embedded: embedded{Inner: true}, Bool: true, Int: 1, Int64: 1, Size: 1, Secs: 1, Port: 1, Float: 1, Share: 1, Word: "a", Duration: 1}
			before := o
			if severity, msg := optionFields(&o)[key].set(text); severity != problem.Error || msg == "" {
				t.Errorf("%s = %q: no error", key, text)
			}
			if !reflect.DeepEqual(o, before) {
				t.Errorf("%s = %q: changed %+v", key, text, o)
			}
		}
	}
	f("BOOL", "", "2", "y", "t", "enabled", "None")
	f("INNER", "maybe")
	f("INT", "", "x", "-1", "1.5", "-inf", "nan", "0x10", "1__0", "_1", "1_", "1e30", "99999999999999999999")
	f("INT64", "0", "-0", "none", "9223372036854775808", "9e18")
	f("SIZE", "0", "inf", "2GiB", "1 QB", "MB", "-1 MB", "0.5", "1e300", "1 MB x")
	f("SECS", "9", "1.5", "inf", "nan", "500ms")
	f("A_PORT", "65536", "-1", "inf", "80.0", "80/tcp", "", "8e1", "off")
	f("FLOAT", "", "x", "-0.1", "nan", "-inf", "0x1p4", "1 2", "1_.5", "1e300")
	f("SHARE", "5", "1.01", "inf", "nan", "-1", "50%")
	f("WORD", "", "c", "A")
	f("DURATION", "", "soon", "5 s:1", "-1", "nan", "inf", "1e300", "1 fortnight", "s", "3 s 4", "1h -5m", "1ns", "-1h")
}

// TestRealOptions holds the Options of the other packages to what this one can fill.
func TestRealOptions(t *testing.T) {
	c, a := conf.DefaultOptions(), api.DefaultOptions()
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

func TestForeignKeys(t *testing.T) {
	f := func(key, value string, want problem.Severity) {
		t.Helper()
		k, ok := lookupForeign(key)
		if !ok || k.severity(value) != want {
			t.Errorf("%s = %s: found %v, severity %v", key, value, ok, k.severity(value))
		}
	}
	f("DATABASE", "Whisper", problem.Debug)
	f("DATABASE", "ceres", problem.Warning)
	f("ENABLE_AMQP", "off", problem.Debug)
	f("ENABLE_AMQP", "1", problem.Warning)
	f("ENABLE_AMQP", "perhaps", problem.Warning)
	f("AMQP_HOST", "h", problem.Info)
	f("CERES_MAX_SLICE_GAP", "80", problem.Info)
	f("RELAY_CACHE_METRICS", "true", problem.Warning)
	f("RELAY_METHOD", "rules", problem.Info)
	f("ENABLE_LOGROTATION", "False", problem.Debug)
	f("ENABLE_LOGROTATION", "True", problem.Info)
	f("LOG_CACHE_HITS", "True", problem.Info)
	if _, ok := lookupForeign("MAX_CACHE_SIZE"); ok {
		t.Error("MAX_CACHE_SIZE is foreign")
	}
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
