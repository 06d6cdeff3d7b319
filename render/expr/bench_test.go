package expr

import (
	"strings"
	"testing"
)

func BenchmarkParse(b *testing.B) {
	for name, target := range map[string]string{
		"path":      `servers.web-01.cpu.user`,
		"dashboard": `aliasByNode(movingAverage(summarize(nonNegativeDerivative(servers.{web,db}-*.cpu.*.user), '5min', 'sum', false), 10), 1, 3)`,
		"piped":     `seriesByTag('name=cpu', 'dc=~eu.*')|nonNegativeDerivative()|groupByTags('sum', 'host')|alias("all of it")`,
		"wide":      `group(` + strings.Repeat(`servers.web.cpu.user,`, 300) + `a)`,
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(target)))
			for b.Loop() {
				if _, _, err := Parse(target); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkExpand(b *testing.B) {
	n, _, err := Parse(`template(aliasByNode(servers.$host.cpu.*, $n), host="web", n=1)`)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Expand(n, map[string]string{"host": "db-*"}); err != nil {
			b.Fatal(err)
		}
	}
}
