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
		if d := levenshtein(strings.ToLower(name), strings.ToLower(k)); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// levenshtein counts the bytes to insert, delete or replace to get from a to b.
func levenshtein(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			cost := 1
			if a[i] == b[j] {
				cost = 0
			}
			next := min(row[j+1]+1, row[j]+1, diagonal+cost)
			diagonal, row[j+1] = row[j+1], next
		}
	}
	return row[len(b)]
}
