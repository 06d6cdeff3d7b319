package problem

import "strings"

// Nearest gives the name among names that key is most probably a slip of, or "". Case does not
// count.
func Nearest(key string, names []string) string {
	best, found := min(3, len(key)/3)+1, ""
	for _, n := range names {
		if d := editDistance(strings.ToLower(key), strings.ToLower(n)); d < best {
			best, found = d, n
		}
	}
	return found
}

// editDistance counts the bytes to insert, delete, replace or swap with their neighbour that make b
// of a.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			change := 1
			if a[i] == b[j] {
				change = 0
			}
			row[j+1] = min(last[j]+change, last[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
