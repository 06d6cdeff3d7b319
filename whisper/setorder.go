package whisper

// pythonSetOrder puts distinct numbers into the order in which CPython iterates over a set to which
// they were added in the given order. whisper.py goes through the intervals to roll up so, and the
// first one stored is what an empty archive's ring is turned by: without this, files would hold the
// same points at other places. It does not matter for anything else.
func pythonSetOrder(numbers []int64) []int64 {
	if len(numbers) < 2 {
		return numbers
	}
	table := make([]int64, 8)
	for i, n := range numbers {
		insertPython(table, n)
		// A set grows when it is three fifths full, to more than four times what is in it (twice,
		// when that is a lot).
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

// insertPython puts a number, its own hash, into an open table: ten places in a row where those are
// within the table, one otherwise, then on to another place. 0 is a free place; the interval 0 is
// lost, which is nobody's.
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
