package rules

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"

	"graphited/carbon"
	"graphited/carbon/pyvalue"
	"graphited/whisper"
)

// Rule is a section of storage-schemas.conf or storage-aggregation.conf.
type Rule struct {
	Name    string `json:"name"`
	Pattern string `json:"pattern"`
	Does    string `json:"does"` // 10s:6h, 1m:7d; or average, xFilesFactor 0.5
	Size    int64  `json:"size"` // bytes of a file; 0 for an aggregation rule
}

// Lists returns the schemas and the aggregation rules, each up to the first that matches every
// metric.
func (r *Storage) Lists() (schemas, aggregation []Rule) {
	for i := range r.Schemas {
		x := &r.Schemas[i]
		var archives []string
		for _, a := range x.Archives {
			archives = append(archives, duration(a.Step)+":"+duration(a.Retention()))
		}
		schemas = append(schemas, Rule{x.Name, patternText(x.Pattern), strings.Join(archives, ", "), whisper.Spec{Archives: x.Archives}.FileSize()})
		if x.Pattern != nil && x.Pattern.MatchesAll() {
			break
		}
	}
	for i := range r.Aggregation {
		x := &r.Aggregation[i]
		does := x.Method.String() + ", xFilesFactor " + strconv.FormatFloat(float64(x.XFilesFactor), 'g', -1, 32)
		aggregation = append(aggregation, Rule{Name: x.Name, Pattern: patternText(x.Pattern), Does: does})
		if x.Pattern != nil && x.Pattern.MatchesAll() {
			break
		}
	}
	return schemas, aggregation
}

// Sections names the schema and the aggregation rule that apply to a metric.
func (r *Storage) Sections(metric string) (schema, aggregation string) {
	s, a := &r.Schemas[r.Schemas.find(metric)], &r.Aggregation[r.Aggregation.find(metric)]
	return "[" + s.Name + "] " + patternText(s.Pattern), "[" + a.Name + "] " + patternText(a.Pattern)
}

// Describe writes both lists of rules in the order in which they are tried.
func (r *Storage) Describe(b *strings.Builder) {
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

// DescribeQuotas writes the limits on series. Without any it writes nothing.
func DescribeQuotas(b *strings.Builder, quotas carbon.Quotas) {
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

// DescribeNames writes the rules for received names, in the order in which they are applied.
// Without rules it writes nothing.
func DescribeNames(b *strings.Builder, r *carbon.NameRules) {
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

// NamesLists returns the lines about rules for names and about quotas. The list is never nil.
func NamesLists(r *carbon.NameRules, quotas carbon.Quotas) []string {
	var b strings.Builder
	DescribeNames(&b, r)
	DescribeQuotas(&b, quotas)
	list := []string{}
	for line := range strings.Lines(b.String()) {
		if strings.HasPrefix(line, "  ") {
			list = append(list, strings.TrimSpace(line))
		}
	}
	return list
}
