package dashboards

import (
	"regexp"
	"slices"
)

// Grafana's ways to write a variable: $name, [[name]], [[name:format]], ${name},
// ${name:format} and ${name.field:format}.
var reference = regexp.MustCompile(`\$(\w+)|\[\[(\w+?)(?::\w+)?\]\]|\$\{(\w+)(?:\.[^:}]+)?(?::[^}]+)?\}`)

// referencedVariables returns the names that a text refers to, each once, sorted.
func referencedVariables(s string) []string {
	names := []string{}
	for _, found := range reference.FindAllStringSubmatch(s, -1) {
		names = append(names, found[1]+found[2]+found[3])
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// replaceReferences puts value(name, whole) in the place of each reference; whole is
// how it was written.
func replaceReferences(s string, value func(name, whole string) string) string {
	return reference.ReplaceAllStringFunc(s, func(whole string) string {
		found := reference.FindStringSubmatch(whole)
		return value(found[1]+found[2]+found[3], whole)
	})
}
