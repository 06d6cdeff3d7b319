package whisper

import (
	"math"
	"testing"

	"graphited/whisper/vfs"
	"pgregory.net/rapid"
)

// model is the meaning of a whisper file without its bytes. For each archive it has the point in
// each place of the ring. The place is the number of the interval modulo the length.
type model struct {
	spec  Spec
	rings []map[int64]Point
}

func newModel(s Spec) *model {
	m := &model{spec: s}
	for range s.Archives {
		m.rings = append(m.rings, map[int64]Point{})
	}
	return m
}

func (m *model) put(archive int, interval int64, v float64) {
	a := m.spec.Archives[archive]
	m.rings[archive][interval/a.Step%a.Points] = Point{interval, v}
}

func (m *model) get(archive int, interval int64) (float64, bool) {
	a := m.spec.Archives[archive]
	p, ok := m.rings[archive][interval/a.Step%a.Points]
	return p.Value, ok && p.Time == interval
}

// update stores the points archive by archive, finest first, and then rolls up the intervals that
// they touched.
func (m *model) update(now int64, pts []Point) {
	last := map[int64]float64{} // by time: the last of equal times
	for _, p := range pts {
		last[p.Time] = p.Value
	}
	for i, a := range m.spec.Archives {
		touched := map[int64]bool{}
		newest := now + 1000
		if i > 0 {
			newest = now - m.spec.Archives[i-1].Retention() - 1
		}
		for t := now - a.Retention(); t <= newest; t++ {
			if v, ok := last[t]; ok {
				m.put(i, t-t%a.Step, v)
				touched[t] = true
			}
		}
		for coarse := i + 1; coarse < len(m.spec.Archives); coarse++ {
			if !m.rollUp(coarse, touched, now) {
				break
			}
		}
	}
}

func (m *model) rollUp(coarse int, touched map[int64]bool, now int64) (stored bool) {
	a, fine := m.spec.Archives[coarse], m.spec.Archives[coarse-1]
	longest := m.spec.MaxRetention()
	for start := (now - longest - a.Step) / a.Step * a.Step; start <= now+1000; start += a.Step {
		hit := false
		for t := start; t < start+a.Step; t++ {
			hit = hit || touched[t]
		}
		if !hit {
			continue
		}
		var known []float64
		for t := start; t < start+a.Step; t += fine.Step {
			if v, ok := m.get(coarse-1, t); ok {
				known = append(known, v)
			}
		}
		slots := int(a.Step / fine.Step)
		if len(known) > 0 && float64(len(known))/float64(slots) >= float64(m.spec.XFilesFactor) {
			m.put(coarse, start, m.spec.Method.Aggregate(known, slots))
			stored = true
		}
	}
	return stored
}

// TestModel compares a file with the model over random updates and fetches of whole archives.
func TestModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		archives, err := ParseRetentions(rapid.SampledFrom([]string{"1:20", "2:10,6:12", "1:10,5:10,10:20", "3:2,6:2,12:2", "60:5,300:4"}).Draw(t, "retentions"))
		if err != nil {
			t.Fatal(err)
		}
		spec := Spec{archives, Method(rapid.IntRange(1, 8).Draw(t, "method")), rapid.SampledFrom([]float32{0, 0.3, 0.5, 1}).Draw(t, "xff")}
		fsys, m := vfs.NewMem(), newModel(spec)
		now := int64(1_000_000) + rapid.Int64Range(0, 1000).Draw(t, "start")
		point := func() *rapid.Generator[Point] {
			at := now
			return rapid.Custom(func(t *rapid.T) Point {
				return Point{at - rapid.Int64Range(0, spec.MaxRetention()+5).Draw(t, "age"), float64(rapid.IntRange(-9, 9).Draw(t, "value"))}
			})
		}
		if err := Create(fsys, "d/m.wsp", spec, now, nil, Options{}); err != nil {
			t.Fatal(err)
		}
		t.Repeat(map[string]func(*rapid.T){
			"update": func(t *rapid.T) {
				pts := rapid.SliceOfN(point(), 0, 30).Draw(t, "points")
				m.update(now, pts)
				f, err := Open(fsys, "d/m.wsp", Options{})
				if err == nil {
					err = f.Update(now, pts)
				}
				if err == nil {
					err = f.Close()
				}
				if err != nil {
					t.Fatal(err)
				}
			},
			"wait": func(t *rapid.T) { now += rapid.Int64Range(0, 100).Draw(t, "seconds") },
			"": func(t *rapid.T) {
				f, err := OpenRead(fsys, "d/m.wsp")
				if err != nil {
					t.Fatal(err)
				}
				defer f.Close()
				for i, a := range archives {
					s, err := f.fetch(i, a.window(now-a.Retention(), now))
					if err != nil {
						t.Fatal(err)
					}
					for k, got := range s.Values {
						interval := s.From + int64(k)*a.Step
						want, ok := m.get(i, interval)
						if !ok {
							want = math.NaN()
						}
						if got != want && (got == got || want == want) {
							t.Fatalf("archive %d at %d: got %v, want %v", i, interval, got, want)
						}
					}
				}
			},
		})
	})
}
