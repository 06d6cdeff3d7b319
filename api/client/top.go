package client

import (
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/urfave/cli/v2"
	"github.com/valyala/fasthttp"
)

// Top returns the command top, which asks a running server where its series come from and writes
// tables to out. flags are the flags that locate the server.
func Top(flags []cli.Flag, place Placer, out io.Writer) *cli.Command {
	return &cli.Command{
		Name: "top", Usage: "list the prefixes, tags and senders with most series or most growth", ArgsUsage: "[PREFIX]",
		Description: "Asks the running server. Its answer, as JSON, is that of /metrics/cardinality. With PREFIX the command lists the prefixes below it.",
		Flags: append(append(serverFlags(),
			&cli.IntFlag{Name: "depth", Value: 1, Usage: "list prefixes this number of levels below"},
			&cli.StringFlag{Name: "tag", Usage: "list the values of `TAG` as well"},
			&cli.IntFlag{Name: "limit", Aliases: []string{"n"}, Value: 10, Usage: "the number of lines of each table"},
			&cli.BoolFlag{Name: "growing", Usage: "sort by growth"},
			&cli.BoolFlag{Name: "json", Usage: "print the answer unchanged"},
		), flags...),
		Action: func(c *cli.Context) error { return top(c, place, out) },
	}
}

func top(c *cli.Context, place Placer, out io.Writer) error {
	for _, name := range [...]string{"depth", "limit"} {
		if n := c.Int(name); n < 1 {
			return cli.Exit(fmt.Sprintf("--%s %d: expected at least 1", name, n), 2)
		}
	}
	s, err := connect(c, place)
	if err != nil {
		return err
	}
	form := url.Values{"query": {c.Args().First()}, "tag": {c.String("tag")}, "depth": {strconv.Itoa(c.Int("depth"))}, "limit": {strconv.Itoa(c.Int("limit"))}}
	if c.Bool("growing") {
		form.Set("sort", "growth")
	}
	var req fasthttp.Request
	var resp fasthttp.Response
	if err := s.ask("/metrics/cardinality?"+form.Encode(), &req, &resp, timeout); err != nil {
		return err
	}
	if resp.StatusCode() != fasthttp.StatusOK {
		return s.refusal("count series", &resp, resp.Body())
	}
	var a cardinality
	if err := json.Unmarshal(resp.Body(), &a); err != nil || a.Since == 0 {
		return fmt.Errorf("cannot count series: the server at %s is not graphited: it answers %q", s.name, s.said(resp.Body()))
	}
	if c.Bool("json") {
		_, err := fmt.Fprintf(out, "%s\n", resp.Body())
		return err
	}
	return a.write(out, c.String("tag"))
}

// cardinality is the answer of /metrics/cardinality.
type cardinality struct {
	Series, Tagged, Limit, Since, Refused int64
	Prefixes                              []struct {
		Path          string
		Series, Grown int64
	}
	Tags []struct {
		Tag                   string
		Values, Series, Grown int64
	}
	Values []struct {
		Value  string
		Series int64
	}
	Senders []struct {
		Address     string
		Series, New int64
	}
	Quotas []struct {
		Name, Group string
		Series, Max int64
	}
}

func (a *cardinality) write(out io.Writer, tag string) error {
	limit := "no limit"
	if a.Limit > 0 {
		limit = fmt.Sprintf("%d are allowed", a.Limit)
	}
	fmt.Fprintf(out, "%d series, %d of them with tags; %s; %d points of new series were refused\n", a.Series, a.Tagged, limit, a.Refused)
	fmt.Fprintf(out, "Growth is counted since %s.\n", time.Unix(a.Since, 0).Format(time.DateTime))
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	table := func(n int, head string, row func(i int)) {
		if n == 0 {
			return
		}
		fmt.Fprintf(w, "\n%s\n", head)
		for i := range n {
			row(i)
		}
		w.Flush()
	}
	table(len(a.Prefixes), "series\tgrowth\t  prefix", func(i int) {
		p := a.Prefixes[i]
		fmt.Fprintf(w, "%d\t%+d\t  %s\n", p.Series, p.Grown, p.Path)
	})
	table(len(a.Tags), "values\tgrowth\tseries\t  tag", func(i int) {
		t := a.Tags[i]
		fmt.Fprintf(w, "%d\t%+d\t%d\t  %s\n", t.Values, t.Grown, t.Series, t.Tag)
	})
	table(len(a.Values), "series\t  "+tag, func(i int) { fmt.Fprintf(w, "%d\t  %s\n", a.Values[i].Series, a.Values[i].Value) })
	table(len(a.Senders), "series\tnew\t  sender", func(i int) {
		s := a.Senders[i]
		fmt.Fprintf(w, "%d\t%d\t  %s\n", s.Series, s.New, s.Address)
	})
	table(len(a.Quotas), "series\tof\t  quota", func(i int) {
		q := a.Quotas[i]
		fmt.Fprintf(w, "%d\t%d\t  %s: %s\n", q.Series, q.Max, q.Name, q.Group)
	})
	return nil
}
