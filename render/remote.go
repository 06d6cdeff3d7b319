package render

import (
	"context"
	"slices"
	"sync"

	"graphited/whisper"
)

// question is what the others are asked in one go: all patterns of one window.
type question struct {
	win    Window
	reads  []read
	result RemoteResult
	err    error
}

// askOthers begins to ask for reads whose names in the Store are found, a question
// for each window. The function that it returns waits for the answers and adds them
// to the reads.
func (m *memory) askOthers(ctx context.Context, reads []read) (finish func() error) {
	var questions []*question
	for _, r := range reads {
		i := slices.IndexFunc(questions, func(q *question) bool { return q.win == r.key.win })
		if i < 0 {
			i = len(questions)
			questions = append(questions, &question{win: r.key.win})
		}
		questions[i].reads = append(questions[i].reads, r)
	}
	var wg sync.WaitGroup
	for _, q := range questions {
		patterns := make([]Pattern, len(q.reads))
		for i, r := range q.reads {
			patterns[i] = Pattern{Text: r.key.pattern, Tagged: r.tags != nil, Names: m.reads[r.key].names}
		}
		wg.Go(func() { q.result, q.err = m.remote.Fetch(ctx, patterns, q.win.From, q.win.Until, m.now) })
	}
	return func() error {
		wg.Wait()
		for _, q := range questions {
			if err := m.addAnswer(q); err != nil {
				return err
			}
		}
		return nil
	}
}

// addAnswer merges the answer to a question with what the Store has.
func (m *memory) addAnswer(q *question) error {
	if q.err != nil {
		return q.err
	}
	m.warn(q.result.Warnings)
	if m.series += len(q.result.Series); m.series > m.e.o.MaxSeries {
		return TooLargef("the query matches more than %d series (MAX_QUERY_SERIES)", m.e.o.MaxSeries)
	}
	more := make([]map[string]whisper.Series, len(q.reads))
	for _, s := range q.result.Series {
		if err := m.charge(len(s.Values)); err != nil {
			return err
		}
		if more[s.Pattern] == nil {
			more[s.Pattern] = make(map[string]whisper.Series)
		}
		of := more[s.Pattern]
		of[s.Name] = m.remote.Merge(of[s.Name], s.Series)
	}
	known := 0
	for i, r := range q.reads {
		got := m.reads[r.key]
		if more[i] != nil {
			got = m.merged(got, more[i])
			m.reads[r.key] = got
		}
		known += len(got.names)
	}
	if q.result.None && known == 0 {
		return &Error{Kind: Unavailable, Msg: "no server of the cluster answered: " + q.result.Warnings[0]}
	}
	return nil
}

// merged returns a read with the series that others have of it, in order of names.
func (m *memory) merged(got *fetched, more map[string]whisper.Series) *fetched {
	all := &fetched{found: &found{}}
	place := func(name string, tags []Tag, s whisper.Series) {
		all.names, all.tags, all.data = append(all.names, name), append(all.tags, tags), append(all.data, s)
	}
	others := make([]string, 0, len(more))
	for name := range more {
		if _, here := slices.BinarySearch(got.names, name); !here {
			others = append(others, name)
		}
	}
	slices.Sort(others)
	for i, name := range got.names {
		for len(others) > 0 && others[0] < name {
			place(others[0], tagsOf(others[0]), more[others[0]])
			others = others[1:]
		}
		s := got.data[i]
		if of, ok := more[name]; ok {
			s = m.remote.Merge(s, of)
		}
		place(name, got.tags[i], s)
	}
	for _, name := range others {
		place(name, tagsOf(name), more[name])
	}
	return all
}
