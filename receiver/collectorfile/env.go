package collectorfile

import (
	"bytes"
	"regexp"

	"gopkg.in/yaml.v3"
)

// variable is the Collector's ${env:NAME} and ${env:NAME:-default}, and Pharos'
// ${NAME} of capital letters. A default may hold one level of braces.
var variable = regexp.MustCompile(`\$\{(?:env:([A-Za-z_][A-Za-z0-9_]*)|([A-Z_][A-Z0-9_]*))(:-((?:[^{}\n]|\{[^{}\n]*\})*))?\}`)

// expand replaces variables line by line; those that are not set and have no
// default are problems.
func (r *reader) expand(text []byte, lookup func(string) (string, bool)) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	for i, line := range lines {
		if bytes.HasPrefix(bytes.TrimLeft(line, " \t"), []byte("#")) {
			continue
		}
		last := 0
		var out []byte
		for _, m := range variable.FindAllSubmatchIndex(line, -1) {
			name := string(line[max(m[2], m[4]):max(m[3], m[5])])
			value, ok := lookup(name)
			if m[6] >= 0 && (!ok || value == "") {
				value, ok = string(line[m[8]:m[9]]), true
			}
			if !ok {
				r.problem(&yaml.Node{Line: i + 1, Column: m[0] + 1}, "", "set it, or write the value here", "environment variable %s is not set", name)
			}
			out = append(append(out, line[last:m[0]]...), value...)
			last = m[1]
		}
		if last > 0 {
			lines[i] = append(out, line[last:]...)
		}
	}
	return bytes.Join(lines, nil)
}
