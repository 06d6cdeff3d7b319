package config

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"graphited/config/rules"
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
	storage := c.Dirs.Conf
	if c.Rules.Builtin {
		storage += " (there is no storage-schemas.conf: graphited's own rules are in force)"
	}
	fmt.Fprintf(&b, "rule files in       %s\nwhisper files in    %s\nthe log goes to     stderr\n", storage, c.Dirs.Data)
	b.WriteString("\nlistens on\n")
	c.describeAddresses(&b)
	b.WriteString("\nlimits\n")
	fmt.Fprintf(&b, "  points kept in memory    %s\n", amount(c.Carbon.MaxCacheSize))
	fmt.Fprintf(&b, "  file updates a second    %s\n", amount(c.Carbon.MaxUpdates))
	fmt.Fprintf(&b, "  new files a minute       %s\n", amount(c.Carbon.MaxCreates))
	b.WriteString("\n")
	c.Rules.Describe(&b)
	rules.DescribeNames(&b, c.Names)
	rules.DescribeQuotas(&b, c.Quotas)
	_, err := io.WriteString(w, b.String())
	return err
}

func (c *Config) describeAddresses(b *strings.Builder) {
	for _, e := range c.endpoints() {
		if addr := c.inUse(e); addr.On() || e.access != "protobuf" {
			fmt.Fprintf(b, "  %-24s %s\n", e.what, addr)
		}
	}
}

// DescribeOptions writes each option with its value and where that was set.
func (c *Config) DescribeOptions(w io.Writer) error {
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
