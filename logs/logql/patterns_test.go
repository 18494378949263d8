package logql

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logql/drain"
)

// oddLines are lines that a pattern could fail to match.
var oddLines = []string{
	"a", " a", "a ", "  ", "=", "a=b a=b a=b", "a <_> b", "a <user> b", "<_><_>", "<a", "a\xffb c", "a \xff c", "é ü", "a\nb", "a\n", "\x00 a",
	`say "x y" and "z"`, `{"a":"b","c":{"d":[1,2,3]}}`, `{"a":"b\"c"}`, "took 5ms", "took 5ms 5ms", "x,,y", "|= a", "\ufffd a", "a b  c", "1 2 3", "1", "<", ">", "a:", "a:b: c", "a:b:", "::", ":: a", "a ::", "a:: b::", `"a":1`, ":", "a:b: c:d: e:",
}

// TestEachPatternMatchesItsLines mines random lines and filters them by |>.
func TestEachPatternMatchesItsLines(t *testing.T) {
	g := rand.New(rand.NewPCG(7, 9))
	check := func(lines []string) {
		m := drain.New(drain.DefaultConfig())
		for _, l := range lines {
			m.Add("", l, 0)
		}
		var patterns []linePattern
		total := int64(0)
		for _, p := range m.Patterns() {
			parsed, err := parseLinePattern(p.Text)
			require.NoError(t, err, "%q", p.Text)
			patterns = append(patterns, parsed)
			total += p.Total
			n := int64(0)
			for _, l := range lines {
				if parsed.test(l) {
					n++
				}
			}
			require.GreaterOrEqual(t, n, p.Total, "pattern %q over %q", p.Text, lines)
		}
		require.EqualValues(t, len(lines), total+m.Left())
		for _, l := range lines {
			matched := false
			for _, p := range patterns {
				matched = matched || p.test(l)
			}
			require.True(t, matched, "%q has no pattern", l)
		}
	}
	for _, l := range oddLines {
		check([]string{l})
	}
	words := []string{"a", "b", "user", "1", "2ms", "<x>", "10.0.0.1", "é", "\xff", "GET", "/api/v1/items", "a:b", ":", "x:"}
	delims := []string{" ", "=", ", ", `"`, ": ", "  ", `":"`, "\t"}
	for range 300 {
		var lines []string
		for range 1 + g.IntN(30) {
			var b strings.Builder
			if g.IntN(3) == 0 {
				b.WriteString(oddLines[g.IntN(len(oddLines))])
			}
			for range 1 + g.IntN(6) {
				b.WriteString(words[g.IntN(len(words))] + delims[g.IntN(len(delims))/(1+g.IntN(3))])
			}
			lines = append(lines, b.String())
		}
		check(lines)
	}
}

func FuzzPatterns(f *testing.F) {
	for _, l := range oddLines {
		f.Add(l, "a b c")
	}
	f.Fuzz(func(t *testing.T, a, b string) {
		m := drain.New(drain.DefaultConfig())
		m.Add("", a, 0)
		m.Add("", b, 0)
		for _, p := range m.Patterns() {
			parsed, err := parseLinePattern(p.Text)
			if err != nil {
				t.Fatalf("%q: %v", p.Text, err)
			}
			n := int64(0)
			for _, l := range []string{a, b} {
				if parsed.test(l) {
					n++
				}
			}
			if n < p.Total {
				t.Fatal(fmt.Sprintf("%q matches %d of %q and %q", p.Text, n, a, b))
			}
		}
	})
}
