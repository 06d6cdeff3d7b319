package whisper

import (
	"path/filepath"
	"strconv"
	"testing"

	"graphited/whisper/vfs"
)

const benchNow = 1_700_000_000

// benchFile creates a file with the given retentions that contains a day of points.
func benchFile(b *testing.B, retentions string) string {
	path := filepath.Join(b.TempDir(), "bench.wsp")
	archives, err := ParseRetentions(retentions)
	if err != nil {
		b.Fatal(err)
	}
	step := archives[0].Step
	var pts []Point
	for t := benchNow - min(86400, archives[0].Retention()); t <= benchNow; t += step {
		pts = append(pts, Point{t, float64(t)})
	}
	if err := Create(vfs.OS{}, path, Spec{archives, Average, 0.5}, benchNow, pts, Options{}); err != nil {
		b.Fatal(err)
	}
	return path
}

// BenchmarkUpdate opens, updates and closes a file, at advancing times.
func BenchmarkUpdate(b *testing.B) {
	for _, retentions := range []string{"10s:6h", "10s:6h,1m:7d", "10s:6h,1m:7d,10m:1y"} {
		for _, n := range []int{0, 1, 6, 60} {
			b.Run(retentions+"/"+strconv.Itoa(n), func(b *testing.B) {
				path := benchFile(b, retentions)
				pts := make([]Point, n)
				now := int64(benchNow)
				b.ReportAllocs()
				b.SetBytes(int64(n * pointSize))
				for b.Loop() {
					for i := range pts {
						now += 10
						pts[i] = Point{now, float64(i)}
					}
					f, err := Open(vfs.OS{}, path, Options{})
					if err != nil {
						b.Fatal(err)
					}
					if err := f.Update(now, pts); err != nil {
						b.Fatal(err)
					}
					if err := f.Close(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkFetch opens, reads and closes a file.
func BenchmarkFetch(b *testing.B) {
	path := benchFile(b, "10s:6h,1m:7d")
	for _, n := range []int64{60, 1440} {
		b.Run(strconv.FormatInt(n, 10), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(n * 8)
			for b.Loop() {
				f, err := OpenRead(vfs.OS{}, path)
				if err != nil {
					b.Fatal(err)
				}
				if s, err := f.Fetch(benchNow-10*n, benchNow, benchNow); err != nil || len(s.Values) != int(n) {
					b.Fatal(len(s.Values), err)
				}
				if err := f.Close(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkCreate creates files that contain ten points.
func BenchmarkCreate(b *testing.B) {
	archives, err := ParseRetentions("10s:6h,1m:7d")
	if err != nil {
		b.Fatal(err)
	}
	var pts []Point
	for i := range 10 {
		pts = append(pts, Point{benchNow + int64(i)*10, float64(i)})
	}
	for _, o := range []struct {
		name string
		Options
	}{{"zeros", Options{}}, {"sparse", Options{Sparse: true}}, {"fallocate", Options{Fallocate: true}}} {
		b.Run(o.name, func(b *testing.B) {
			path := filepath.Join(b.TempDir(), "bench.wsp")
			b.ReportAllocs()
			for b.Loop() {
				if err := Create(vfs.OS{}, path, Spec{archives, Average, 0.5}, benchNow+100, pts, o.Options); err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				if err := (vfs.OS{}).Remove(path); err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
			}
		})
	}
}
