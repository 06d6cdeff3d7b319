package render_test

import (
	"context"
	"fmt"
	"iter"

	"graphited/render"
	"graphited/render/fn"
	"graphited/whisper"
)

// oneSeries is a Store of a single series that counts the minutes.
type oneSeries struct{}

func (oneSeries) Find(_ context.Context, pattern string) iter.Seq2[string, bool] {
	return func(yield func(string, bool) bool) {
		if pattern == "web.*.hits" {
			yield("web.01.hits", true)
		}
	}
}

func (oneSeries) FindTagged(context.Context, []string) (iter.Seq[string], error) {
	return func(func(string) bool) {}, nil
}

func (oneSeries) Fetch(_ context.Context, _ string, from, until, _ int64) (whisper.Series, error) {
	s := whisper.Series{From: from + 60, Until: until + 60, Step: 60}
	for t := s.From; t < s.Until; t += s.Step {
		s.Values = append(s.Values, float64(t/60))
	}
	return s, nil
}

func ExampleEngine_Eval() {
	engine, err := render.NewEngine(render.EngineOptions{Functions: fn.All(), Store: oneSeries{}})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := engine.Eval(context.Background(), render.Query{
		Targets: []string{"aliasByNode(movingAverage(web.*.hits, 2), 1)", "scale(web.*.hits, 10)"},
		From:    600, Until: 840, Now: 3600,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range r.Series {
		fmt.Println(s.Name, s.From, s.Step, s.Values)
	}
	_, err = engine.Eval(context.Background(), render.Query{Targets: []string{"scale(web.*.hits)"}, From: 600, Until: 840})
	fmt.Println(err)
	// Output:
	// 01 660 60 [10.5 11.5 12.5 13.5]
	// scale(web.01.hits,10) 660 60 [110 120 130 140]
	// scale(): parameter "factor" is missing, expected a number (target "scale(web.*.hits)")
}
