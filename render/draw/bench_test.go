package draw

import (
	"context"
	"fmt"
	"math"
	"testing"

	"graphited/render"
	"graphited/whisper"
)

// benchGraph returns a graph of n series with points each, in the size used for comparisons.
func benchGraph(format string, n, points int) Graph {
	g := Graph{Format: format, Param: func(name string) (string, bool) {
		v, ok := map[string]string{"width": "800", "height": "400", "title": "CPU user"}[name]
		return v, ok
	}}
	for i := range n {
		v := make([]float64, points)
		for k := range v {
			v[k] = 50 + 30*float64(i%5) + 20*math.Sin(float64(k)*800/float64(points)/40+float64(i)) + float64((k*7919+i*104729)%1000)/100
		}
		g.Series = append(g.Series, &render.Series{
			Series: whisper.Series{From: 1500000000, Until: 1500000000 + 60*int64(points), Step: 60, Values: v},
			Name:   fmt.Sprintf("servers.web%02d.cpu.total.user", i),
		})
	}
	return g
}

func BenchmarkAppend(b *testing.B) {
	d := newDrawer(b, Options{})
	for _, size := range []struct{ series, points int }{{5, 800}, {50, 10000}} {
		for _, format := range []string{"png", "svg", "pdf"} {
			b.Run(fmt.Sprintf("%s/%dx%d", format, size.series, size.points), func(b *testing.B) {
				g := benchGraph(format, size.series, size.points)
				var dst []byte
				var err error
				b.ReportAllocs()
				for b.Loop() {
					if dst, err = d.Append(context.Background(), dst[:0], g); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(len(dst)), "bytes/picture")
			})
		}
	}
}
