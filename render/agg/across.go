package agg

// The across functions run down one column after the other, which keeps memory
// access in order; out starts at null and known at 0, both as long as the
// longest column.

func acrossSum(cols [][]float64, out []float64, known []int32) {
	clear(out)
	for _, col := range cols {
		acc, n := out[:len(col)], known[:len(col)]
		for i, v := range col {
			if v == v {
				acc[i] += v
				n[i]++
			}
		}
	}
}

func acrossAverage(cols [][]float64, out []float64, known []int32) {
	acrossSum(cols, out, known)
	for i := range out {
		out[i] /= float64(known[i])
	}
}

func acrossAverageZero(cols [][]float64, out []float64, known []int32) {
	acrossSum(cols, out, known)
	for i := range out {
		out[i] /= float64(len(cols))
	}
}

func acrossMin(cols [][]float64, out []float64, known []int32) {
	for _, col := range cols {
		for i, v := range col {
			if v == v {
				if v < out[i] || known[i] == 0 {
					out[i] = v
				}
				known[i]++
			}
		}
	}
}

func acrossMax(cols [][]float64, out []float64, known []int32) {
	for _, col := range cols {
		for i, v := range col {
			if v == v {
				if v > out[i] || known[i] == 0 {
					out[i] = v
				}
				known[i]++
			}
		}
	}
}

func acrossDiff(cols [][]float64, out []float64, known []int32) {
	for _, col := range cols {
		for i, v := range col {
			if v == v {
				if known[i] == 0 {
					out[i] = v
				} else {
					out[i] -= v
				}
				known[i]++
			}
		}
	}
}

func acrossLast(cols [][]float64, out []float64, known []int32) {
	for _, col := range cols {
		for i, v := range col {
			if v == v {
				out[i] = v
				known[i]++
			}
		}
	}
}

func acrossCount(cols [][]float64, out []float64, known []int32) {
	countKnown(cols, known)
	for i, n := range known {
		out[i] = float64(n)
	}
}

func acrossMultiply(cols [][]float64, out []float64, known []int32) {
	countKnown(cols, known)
	for i := range out {
		out[i] = 1
	}
	for _, col := range cols {
		for i, v := range col {
			out[i] *= v
		}
	}
	for i, n := range known {
		if int(n) < len(cols) { // a short column has nulls too
			out[i] = Null
		}
	}
}

func countKnown(cols [][]float64, known []int32) {
	for _, col := range cols {
		n := known[:len(col)]
		for i, v := range col {
			if v == v {
				n[i]++
			}
		}
	}
}

// Rowwise makes an across function of one that needs a whole row at once.
func Rowwise(over func([]float64) float64) func([][]float64, []float64, []int32) {
	return func(cols [][]float64, out []float64, known []int32) {
		countKnown(cols, known)
		row := make([]float64, len(cols))
		for i := range out {
			out[i] = over(RowAt(row, cols, i))
		}
	}
}

// RowAt fills row with the i-th value of each column.
func RowAt(row []float64, cols [][]float64, i int) []float64 {
	for j, col := range cols {
		if i < len(col) {
			row[j] = col[i]
		} else {
			row[j] = Null
		}
	}
	return row
}
