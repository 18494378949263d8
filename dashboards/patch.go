package dashboards

import (
	"bytes"
	"fmt"
	"strings"

	"github.com/pmezard/go-difflib/difflib"
)

// unifiedDiff is a patch of one file as git apply and patch take it, "" if nothing
// changed.
func unifiedDiff(path string, from, to []byte) string {
	if bytes.Equal(from, to) {
		return ""
	}
	a, b := diffLines(from), diffLines(to)
	var out strings.Builder
	fmt.Fprintf(&out, "--- a/%s\n+++ b/%s\n", path, path)
	write := func(sign byte, lines []string) {
		for _, line := range lines {
			out.WriteByte(sign)
			out.WriteString(line)
			if !strings.HasSuffix(line, "\n") {
				out.WriteString("\n\\ No newline at end of file\n")
			}
		}
	}
	for _, group := range difflib.NewMatcher(a, b).GetGroupedOpCodes(3) {
		first, last := group[0], group[len(group)-1]
		fmt.Fprintf(&out, "@@ -%s +%s @@\n", diffRange(first.I1, last.I2), diffRange(first.J1, last.J2))
		for _, op := range group {
			if op.Tag == 'e' {
				write(' ', a[op.I1:op.I2])
				continue
			}
			write('-', a[op.I1:op.I2])
			write('+', b[op.J1:op.J2])
		}
	}
	return out.String()
}

// diffLines are the lines of a text with their ends.
func diffLines(text []byte) []string {
	lines := strings.SplitAfter(string(text), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// diffRange writes the lines from start (from 0) up to end as a hunk's head does.
func diffRange(start, end int) string {
	switch end - start {
	case 0:
		return fmt.Sprintf("%d,0", start)
	case 1:
		return fmt.Sprint(start + 1)
	}
	return fmt.Sprintf("%d,%d", start+1, end-start)
}
