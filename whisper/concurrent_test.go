package whisper

import (
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"graphited/whisper/vfs"
)

// TestConcurrent runs goroutines that each write a file while others read all files. A reader must
// get only values that were written to the file that it reads.
func TestConcurrent(t *testing.T) {
	const start, writers, rounds = 1_700_000_040, 4, 150
	dir := t.TempDir()
	name := func(i int) string { return filepath.Join(dir, fmt.Sprint(i, ".wsp")) }
	for i := range writers {
		mustCreate(t, vfs.OS{}, name(i), "60:30,300:12", Last, start)
	}
	var writing, reading sync.WaitGroup
	done := make(chan struct{})
	for i := range writers {
		writing.Go(func() {
			for k := range int64(rounds) {
				at := start + k*60
				mustUpdate(t, vfs.OS{}, name(i), at, Point{at, float64(at*writers) + float64(i)})
			}
		})
		reading.Go(func() {
			for k := 0; ; k++ {
				select {
				case <-done:
					return
				default:
				}
				f, err := OpenRead(vfs.OS{}, name(k%writers))
				if err != nil {
					t.Error(err)
					return
				}
				s, err := f.Fetch(start, start+rounds*60, start+rounds*60)
				if cerr := f.Close(); err != nil || cerr != nil {
					t.Error(err, cerr)
					return
				}
				for n, v := range s.Values {
					at := s.From + int64(n)*s.Step
					if v == v && (int64(v)%writers != int64(k%writers) || int64(v)/writers < at || int64(v)/writers >= at+s.Step) {
						t.Errorf("file %d has %v at %d", k%writers, v, at)
						return
					}
				}
			}
		})
	}
	writing.Wait()
	close(done)
	reading.Wait()
	for i := range writers {
		at := int64(start + (rounds-1)*60)
		if got := values(t, vfs.OS{}, name(i), at-60, at, at); !equal(got, []float64{float64(at*writers) + float64(i)}) {
			t.Errorf("file %d ends with %v", i, got)
		}
	}
}
