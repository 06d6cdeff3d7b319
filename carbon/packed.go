package carbon

import (
	"errors"
	"io/fs"
	"math"

	"graphited/carbon/naming"
	"graphited/whisper"
)

// openPacked opens the packed file of a series, wherever it is.
func (st *Store) openPacked(name string) (f *whisper.File, err error) {
	for rel := range naming.AllPlaces(name, st.o.HashTagged) {
		if f, err = whisper.OpenGzip(st.fsys, st.o.LocalDataDir+"/"+rel+naming.PackedSuffix); !errors.Is(err, fs.ErrNotExist) {
			break
		}
	}
	return f, err
}

// fetchFile reads a series from its files: the usual one and, where there is one, the packed one,
// whose values count where the usual one has none. spec is that of the usual one, or else of the
// packed one; known is false where neither is there and sound.
func (st *Store) fetchFile(name string, from, until, now int64) (s whisper.Series, spec whisper.Spec, known bool, err error) {
	f, err := st.open(name)
	if err == nil {
		defer f.Close()
		spec, known = f.Spec(), true
		s, err = f.Fetch(from, until, now)
	}
	if err != nil {
		err = st.noData(err)
	}
	if err == nil && !st.packed.possible() || err != nil && !errors.Is(err, whisper.ErrNoData) {
		return s, spec, known, err
	}
	p, perr := st.openPacked(name)
	if perr == nil {
		defer p.Close()
		var under whisper.Series
		if under, perr = p.Fetch(from, until, now); perr == nil {
			if err != nil {
				s, err = under, nil
			} else {
				s = lay(s, under, spec.Method, p.Spec().Method)
			}
			if !known {
				spec, known = p.Spec(), true
			}
			return s, spec, known, nil
		}
	}
	if perr = st.noData(perr); !errors.Is(perr, whisper.ErrNoData) {
		err = perr
	}
	return s, spec, known, err
}

// lay lays a series over another one: where it has a value, that counts. The answer has the coarser
// step of the two; the values of the finer one are rolled up by its method.
func lay(over, under whisper.Series, overMethod, underMethod whisper.Method) whisper.Series {
	step := over.Step / gcd(over.Step, under.Step) * under.Step
	s := whisper.Series{From: min(roundUp(over.From, step), roundUp(under.From, step)), Until: max(roundUp(over.Until, step), roundUp(under.Until, step)), Step: step}
	s.Values = make([]float64, max(s.Until-s.From, 0)/step)
	for i := range s.Values {
		s.Values[i] = math.NaN()
	}
	rollInto(s, under, underMethod)
	rollInto(s, over, overMethod)
	return s
}

// rollInto writes what is known of a series over the values of another one of a coarser step, or of
// the same.
func rollInto(s, from whisper.Series, m whisper.Method) {
	known := make([]float64, 0, s.Step/from.Step)
	for i := 0; i < len(from.Values); {
		slot := (from.From + int64(i)*from.Step) / s.Step
		known = known[:0]
		for ; i < len(from.Values) && (from.From+int64(i)*from.Step)/s.Step == slot; i++ {
			if v := from.Values[i]; v == v {
				known = append(known, v)
			}
		}
		if k := slot - s.From/s.Step; len(known) > 0 && k >= 0 && k < int64(len(s.Values)) {
			s.Values[k] = m.Aggregate(known, len(known))
		}
	}
}

func gcd(a, b int64) int64 {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

func roundUp(t, step int64) int64 { return (t + step - 1) / step * step }
