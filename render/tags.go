package render

import (
	"fmt"
	"strings"
)

// parseTags splits "metric;tag=value;..." into tags in the order given, then
// "name". A later duplicate wins and keeps the first one's place. The rules are
// those of graphite-web's TaggedSeries.parse.
func parseTags(path string) ([]Tag, error) {
	if strings.HasSuffix(path, `"}`) && strings.Contains(path, "{") {
		return parseOpenMetrics(path)
	}
	parts := strings.Split(path, ";")
	metric := strings.TrimLeft(parts[0], "~")
	if metric == "" {
		return nil, fmt.Errorf("cannot parse tags of %q: no metric name", path)
	}
	tags := make([]Tag, 0, len(parts))
	for _, p := range parts[1:] {
		key, value, ok := strings.Cut(p, "=")
		if !ok || !validTag(key, value) {
			return nil, fmt.Errorf("cannot parse tags of %q: bad segment %q", path, p)
		}
		tags = withTag(tags, key, value)
	}
	return withTag(tags, "name", metric), nil
}

func validTag(key, value string) bool {
	return key != "" && value != "" && !strings.ContainsAny(key, ";!^=") &&
		!strings.Contains(value, ";") && value[0] != '~'
}

// parseOpenMetrics reads metric{tag="value",...}.
func parseOpenMetrics(path string) ([]Tag, error) {
	metric, rest, _ := strings.Cut(path[:len(path)-1], "{")
	metric = strings.TrimLeft(metric, "~")
	if metric == "" {
		return nil, fmt.Errorf("cannot parse tags of %q: no metric name", path)
	}
	var tags []Tag
	for rest != "" {
		key, after, ok := strings.Cut(rest, `="`)
		if !ok {
			return nil, fmt.Errorf("cannot parse tags of %q: bad segment %q", path, rest)
		}
		value, tail, ok := quoted(after)
		if !ok || !validTag(key, value) {
			return nil, fmt.Errorf("cannot parse tags of %q: bad segment %q", path, rest)
		}
		tags = withTag(tags, key, value)
		if tail != "" && tail[0] != ',' {
			return nil, fmt.Errorf("cannot parse tags of %q: bad segment %q", path, tail)
		}
		rest = strings.TrimPrefix(tail, ",")
	}
	return withTag(tags, "name", metric), nil
}

// quoted reads up to the closing quote; \" and \\ are escapes.
func quoted(s string) (value, rest string, ok bool) {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '"':
			return b.String(), s[i+1:], true
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '"' || s[i+1] == '\\'):
			i++
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}
