package strictyaml

import (
	"fmt"
	"strings"
)

// Suggest returns the question "did you mean ...?" after the name of known that is
// nearest to name, or "" when none is near. It is for keys of files that another
// project's parser reads.
func Suggest(name string, known []string) string { return suggest(name, known) }

// suggest returns the question after the known name that is nearest to name, or
// "" when none is near: at most a third of its letters may differ.
func suggest(name string, known []string) string {
	const longest = 64 // nobody misspells one key at such length
	if len(name) > longest {
		return ""
	}
	best, distance := "", max(len(name)/3, 1)+1
	for _, k := range known {
		if d := edits(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// edits counts the bytes to insert, delete or replace, and the neighbours to swap, to get
// from a to b (optimal string alignment).
func edits(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			row[j+1] = min(last[j+1]+1, row[j]+1, last[j]+cost)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				row[j+1] = min(row[j+1], before[j-1]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
