package whisper

// pythonSetOrder returns distinct numbers in the order in which CPython iterates over a set to
// which they were added in the given order. whisper.py rolls up intervals in that order, and the
// first stored interval becomes slot 0 of an empty archive. Without this order, files would hold
// the same points in other slots. It does not matter for anything else.
func pythonSetOrder(numbers []int64) []int64 {
	if len(numbers) < 2 {
		return numbers
	}
	table := make([]int64, 8)
	for i, n := range numbers {
		insertPython(table, n)
		// A set grows when it is three fifths full, to more than four times the number of its
		// elements (twice, for large sets).
		if used := i + 1; used*5 >= (len(table)-1)*3 {
			most := used * 4
			if used > 50000 {
				most = used * 2
			}
			size := 8
			for size <= most {
				size *= 2
			}
			old := table
			table = make([]int64, size)
			for _, n := range old {
				if n != 0 {
					insertPython(table, n)
				}
			}
		}
	}
	order := make([]int64, 0, len(numbers))
	for _, n := range table {
		if n != 0 {
			order = append(order, n)
		}
	}
	return order
}

// insertPython inserts a number, which is its own hash, into an open table. It probes ten places in
// a row if those are within the table, otherwise one, and then continues at another place. 0 marks
// a free place, so the interval 0 is lost; no point has it.
func insertPython(table []int64, n int64) {
	mask := uint64(len(table) - 1)
	perturb := uint64(n)
	i := perturb & mask
	for {
		probes := uint64(0)
		if i+9 <= mask {
			probes = 9
		}
		for k := i; k <= i+probes; k++ {
			if table[k] == 0 {
				table[k] = n
				return
			}
		}
		perturb >>= 5
		i = (i*5 + 1 + perturb) & mask
	}
}
