package problem

import "testing"

// TestNoPassword holds that no problem tells the password in a URL.
func TestNoPassword(t *testing.T) {
	for value, want := range map[string]string{
		"http://ann:hush@h:80":                   `"http://...@h:80"`,
		"ann:hush@h:80, b:80":                    `"...@h:80, b:80"`,
		"http://ann:hu/sh@h, https://bob:hush@i": `"http://...@h, https://...@i"`,
		`["http://ann:hu@sh@h:80", 'b:hush@c']`:  `"[\"http://...@h:80\", '...@c']"`,
		"10.0.0.1:2003:a, b:1":                   `"10.0.0.1:2003:a, b:1"`,
		"^a@b: c":                                `"^a@b: c"`,
		"http://h:80/a@b":                        `"http://...@b"`,
	} {
		if got := (Problem{Key: "K", Value: value, Msg: "m"}).String(); got != "K = "+want+": m" {
			t.Errorf("%s: %s", value, got)
		}
	}
	for _, key := range []string{"SECRET_KEY", "AMQP_PASSWORD", "api_token"} {
		if got := (Problem{Key: key, Value: "hush", Msg: "m"}).String(); got != key+" = ...: m" {
			t.Errorf("%s: %s", key, got)
		}
	}
}

func TestReportErr(t *testing.T) {
	r := Report{{Severity: Debug, Msg: "a"}, {Severity: Warning, Msg: "b"}}
	if err := r.Err(); err != nil {
		t.Errorf("error %v without an error", err)
	}
	r = append(r, Problem{Severity: Error, File: "f", Line: 3, Section: "s", Key: "K", Value: "a\"\n", Msg: "c"}, Problem{Severity: Error, File: "f", Msg: "d"})
	if got, want := r.Err().Error(), "f:3: [s] K = \"a\\\"\\n\": c\nf: d"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
