package render

import (
	"context"
	"errors"
	"testing"
)

func TestForEachNoticesTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	c := &Call{ev: &evaluator{ctx: ctx, e: &Engine{o: EngineOptions{}.withDefaults()}}}
	_, err := c.ForEach([]*Series{{}}, func(s *Series) *Series { cancel(); return s })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
