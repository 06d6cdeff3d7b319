package config

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"graphited/carbon"
	"graphited/carbon/pyvalue"
	"graphited/whisper"
)

// Describe writes what the configuration means in plain words: folders, addresses, schemas and
// aggregation rules. Rules behind one that matches every metric are left out.
func (c *Config) Describe(w io.Writer) error {
	var b strings.Builder
	file := c.File
	if file == "" {
		file = "none (graphited's own defaults)"
	}
	fmt.Fprintf(&b, "configuration file  %s\ninstance            %s\n", file, c.Instance)
	rules := c.Dirs.Conf
	if c.Rules.builtin {
		rules += " (there is no storage-schemas.conf: graphited's own rules are in force)"
	}
	fmt.Fprintf(&b, "rule files in       %s\nwhisper files in    %s\nthe log goes to     stderr\n", rules, c.Dirs.Data)
	b.WriteString("\nlistens on\n")
	c.describeAddresses(&b)
	b.WriteString("\nlimits\n")
	fmt.Fprintf(&b, "  points kept in memory    %s\n", amount(c.Carbon.MaxCacheSize))
	fmt.Fprintf(&b, "  file updates a second    %s\n", amount(c.Carbon.MaxUpdates))
	fmt.Fprintf(&b, "  new files a minute       %s\n", amount(c.Carbon.MaxCreates))
	b.WriteString("\n")
	c.Rules.describe(&b)
	describeNames(&b, c.Names)
	describeQuotas(&b, c.Quotas)
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Config) describeAddresses(b *strings.Builder) {
	for _, e := range c.endpoints() {
		if e.on || e.key != "PROTOBUF_RECEIVER_PORT" {
			fmt.Fprintf(b, "  %-24s %s\n", e.what, e.addr())
		}
	}
}

// describeOptions writes each option with its value and where that was set.
func (c *Config) describeOptions(w io.Writer) error {
	var b strings.Builder
	section := ""
	list := c.settings()
	slices.SortStableFunc(list, func(x, y Setting) int { return strings.Compare(x.Section, y.Section) })
	for _, s := range list {
		if s.Section != section {
			section = s.Section
			fmt.Fprintf(&b, "\n[%s]\n", section)
		}
		fmt.Fprintf(&b, "  %-36s %-28s %s\n", s.Name, s.Value, s.From)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func amount(n float64) string {
	if math.IsInf(n, 1) {
		return "no limit"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// describe writes both lists of rules in the order in which they are tried.
func (r *Rules) describe(b *strings.Builder) {
	b.WriteString("how long metrics are kept: the first schema that matches counts, when the file is created\n")
	for i := range r.Schemas {
		s := &r.Schemas[i]
		fmt.Fprintf(b, "  %-16s %s\n", s.Name, patternText(s.Pattern))
		for _, a := range s.Archives {
			fmt.Fprintf(b, "    every %-8s for %-8s %9d points\n", duration(a.Step), duration(a.Retention()), a.Points)
		}
		fmt.Fprintf(b, "    %s a metric\n", size(whisper.Spec{Archives: s.Archives}.FileSize()))
		if s.Pattern != nil && s.Pattern.MatchesAll() {
			break
		}
	}
	b.WriteString("\nhow coarser points are made: the first rule that matches counts\n")
	for i := range r.Aggregation {
		a := &r.Aggregation[i]
		fmt.Fprintf(b, "  %-16s %s\n    %s, %s\n", a.Name, patternText(a.Pattern), a.Method, share(a.XFilesFactor))
		if a.Pattern != nil && a.Pattern.MatchesAll() {
			break
		}
	}
}

func patternText(p *pyvalue.Regexp) string {
	switch {
	case p == nil:
		return "every other metric"
	case strings.ContainsFunc(p.String(), unicode.IsControl):
		return strconv.Quote(p.String())
	case p.Slow() != "":
		return p.String() + "   (matched slowly: " + p.Slow() + ")"
	default:
		return p.String()
	}
}

// share says what an xFilesFactor asks for.
func share(xFilesFactor float32) string {
	if xFilesFactor == 0 {
		return "as soon as one finer point is known (xFilesFactor 0)"
	}
	percent := strconv.FormatFloat(math.Round(float64(xFilesFactor)*1e4)/1e2, 'f', -1, 64)
	return fmt.Sprintf("when %s%% of the finer points are known (xFilesFactor %v)", percent, xFilesFactor)
}

// duration writes seconds with as many units as it takes: 90d, 1y, 1d12h.
func duration(seconds int64) string {
	units := []struct {
		name    string
		seconds int64
	}{{"y", 365 * 86400}, {"d", 86400}, {"h", 3600}, {"m", 60}, {"s", 1}}
	var parts []string
	for _, u := range units {
		if n := seconds / u.seconds; n > 0 {
			parts = append(parts, strconv.FormatInt(n, 10)+u.name)
			seconds -= n * u.seconds
		}
	}
	if len(parts) == 0 {
		return "0s"
	}
	return strings.Join(parts, "")
}

func size(bytes int64) string {
	switch {
	case bytes >= 1<<20:
		return fmt.Sprintf("%.1f MiB (%d bytes)", float64(bytes)/(1<<20), bytes)
	case bytes >= 1<<10:
		return fmt.Sprintf("%.1f KiB (%d bytes)", float64(bytes)/(1<<10), bytes)
	default:
		return fmt.Sprintf("%d bytes", bytes)
	}
}

// describeQuotas writes the limits on series. Without any it writes nothing.
func describeQuotas(b *strings.Builder, quotas carbon.Quotas) {
	if len(quotas) == 0 {
		return
	}
	b.WriteString("\nhow many series there may be\n")
	for _, q := range quotas {
		of := "in each branch " + q.Pattern
		if q.Tag != "" {
			of = "with each value of the tag " + q.Tag
		}
		fmt.Fprintf(b, "  [%s]  %d %s\n", q.Name, q.MaxSeries, of)
	}
}

// describeNames writes the rules for received names, in the order in which they are applied.
// Without rules it writes nothing.
func describeNames(b *strings.Builder, r *carbon.NameRules) {
	if r.Empty() {
		return
	}
	b.WriteString("\nwhich names are taken in, and what becomes of them\n")
	for _, f := range r.Blacklist {
		fmt.Fprintf(b, "  refused          %s\n", f)
	}
	for _, f := range r.Whitelist {
		fmt.Fprintf(b, "  taken            %s\n", f)
	}
	if len(r.Whitelist) > 0 {
		b.WriteString("  refused          every other name\n")
	}
	for _, rule := range r.Pre {
		fmt.Fprintf(b, "  rewritten, pre   %s\n", rule)
	}
	for _, rule := range r.Post {
		fmt.Fprintf(b, "  rewritten, post  %s\n", rule)
	}
}
