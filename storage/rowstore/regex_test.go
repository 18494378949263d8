package rowstore

import (
	"fmt"
	"math/rand/v2"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLiteralBefore(t *testing.T) {
	for expr, want := range map[string]string{
		"": "", "foo": "", "foo.*": "", "foo[0-9]+": "", "foo[0-9]+ba": "", "foo[0-9]+bar": "", "foo[0-9]+bars": "bars",
		"[0-9]+bar": "bar", "[0-9]+ba": "", "(foo|bar)": "", "(?:foo|far) baz": " baz", "[0-9]+(?i)bar": "", "([0-9]+bar)": "bar",
		"^foo.*bar": "", ".*foo.*": "", ".*foo.*bar": "foo", ".*foo|x": "", "[a-z](?:foo)?": "", "[a-z](?:foo)+": "foo", "[a-z](?:foo){2,3}": "foo",
		"[a-z](foo){0,3}": "", "[a-z](foo bar)[0-9]x": "foo bar", "[0-9]ab\ufffdcde": "cde", `/api/v[12]/items/47[0-9]+`: "/items/47", `[0-9]\.foo\b`: ".foo",
	} {
		re, err := syntax.Parse(expr, syntax.Perl)
		require.NoError(t, err)
		require.Equal(t, want, literalBefore(re), "%q", expr)
	}
}

// TestRandomExpressions compares expressions that have texts in them with Go's.
func TestRandomExpressions(t *testing.T) {
	if testing.Short() {
		t.Skip("runs without the race detector")
	}
	rng := rand.New(rand.NewPCG(7, 8))
	pieces := []string{"foo", "bar", "foobar", "ERROR", " ", "1", "1.5", "-", "_", "\n", "é", "☃", "\ufffd", "\xff", "\"", "x", "(", "2026-11-26T12:00:00.000Z", "K", "\u212a"}
	parts := []string{"foo", "bar", " bar", "foobar", "(foo)", "(?:foo|bar)", "(foo bar)+", "(?:bar){1,2}", "(?:foo)?", "[a-z]", "[0-9]+", `\d`, ".", ".*", ".+", "(?s:.)", "(?i:error)", "(?i)K",
		"é", "☃", `\b`, "^", "$", "(?m:^)", `\.`, "1", "1\\.5", "x*", `\(`, "ERROR", "\"", "a|b", "[^a]", "\n", "2026-11-26T12"}
	join := func(from []string, most int) string {
		var b strings.Builder
		for range rng.IntN(most + 1) {
			b.WriteString(from[rng.IntN(len(from))])
		}
		return b.String()
	}
	s := openInternal(t, t.TempDir())
	now := time.Now().UnixNano()
	var values []string
	var rows []Row
	for i := range 1500 {
		v := join(pieces, 5)
		stream := "many"
		switch i % 5 {
		case 0:
			stream = fmt.Sprint("alone ", i)
		case 1: // few values
			stream = fmt.Sprint("few ", i/100)
			if i%100 > 20 {
				v = values[i-20]
			}
		case 2:
			stream, v = "numbers", fmt.Sprint(rng.IntN(30), ".5")
		}
		values = append(values, v)
		rows = append(rows, Row{Time: now - int64(i), Stream: []Field{{"s", stream}}, Fields: []Field{{MessageField, v}, {"n", strconv.Itoa(i)}}})
	}
	require.NoError(t, s.Append(t.Context(), "t", rows))
	known := []string{`foo\b`, `foo\B`, `(foo)\b`, `foo(?s:.)`, `foo(?m:$)`, `foo[\s\S]bar`, `foo(?m:^)`, `o(^|b)a`, `foo\b.*bar`, `foo\n(?m:^)bar`}
	looked, inexact := 0, 0
	for i := range 1500 {
		expr := join(parts, 5)
		if i < len(known) {
			expr = known[i]
		}
		re, err := regexp.Compile(expr)
		require.NoError(t, err)
		if parsed, _ := syntax.Parse(expr, syntax.Perl); literalBefore(parsed) != "" {
			looked++
		} else if i >= len(known) && looked%3 != 0 {
			continue
		}
		if !ExactRegex(expr) {
			inexact++
			continue
		}
		var want []string
		for i, v := range values {
			if re.MatchString(v) {
				want = append(want, strconv.Itoa(i))
			}
		}
		slices.Sort(want)
		if got := namesOf(t, s, MatchRegex{Expr: expr}); !slices.Equal(want, got) {
			t.Errorf("%q: want %d got %d rows, literal %q", expr, len(want), len(got), func() string { p, _ := syntax.Parse(expr, syntax.Perl); return literalBefore(p) }())
		}
		if got := namesOf(t, s, Not{MatchRegex{Expr: expr}}); len(got) != len(values)-len(want) {
			t.Errorf("not %q: want %d got %d rows", expr, len(values)-len(want), len(got))
		}
	}
	require.Greater(t, looked, 200)
	require.Less(t, inexact, 100)
}

func TestExpressionsOfStreams(t *testing.T) {
	s := openInternal(t, t.TempDir())
	values := []string{"foo", "foobar", "foo bar", "foo-bar", "bar", "bar foo"}
	for i, v := range values {
		require.NoError(t, s.Append(t.Context(), "t", []Row{{Time: time.Now().UnixNano(), Stream: []Field{{"app", v}}, Fields: []Field{{"n", strconv.Itoa(i)}}}}))
	}
	for _, expr := range []string{"foo.*", `foo\b.*`, `foo\b`, `foo\B.*`, "foo(^|-).*", "^foo.*", "^foo$", `.*\bfoo`, `foo(?: |\b)bar`, `foo$|bar`, "foo|bar", `foo.?\bbar`} {
		re := regexp.MustCompile("^(?s:" + expr + ")$")
		var want, other []string
		for i, v := range values {
			if re.MatchString(v) {
				want = append(want, strconv.Itoa(i))
			} else {
				other = append(other, strconv.Itoa(i))
			}
		}
		require.Equal(t, want, namesOf(t, s, InStreams{[]StreamMatcher{{Name: "app", Op: Regex, Value: expr}}}), expr)
		require.Equal(t, other, namesOf(t, s, InStreams{[]StreamMatcher{{Name: "app", Op: NotRegex, Value: expr}}}), expr)
	}
}
