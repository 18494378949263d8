package lucene

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// show writes a query the way Lucene's toString does.
func show(n Node) string {
	in := func(field, s string) string {
		if field == "" {
			return s
		}
		return field + ":" + s
	}
	switch n := n.(type) {
	case Bool:
		var parts []string
		for _, c := range n.Clauses {
			parts = append(parts, [...]string{"", "+", "-"}[c.Occur]+show(c.Query))
		}
		return "(" + strings.Join(parts, " ") + ")"
	case Text:
		return in(n.Field, "'"+n.Text+"'")
	case Phrase:
		return in(n.Field, fmt.Sprintf("%q~%d", n.Text, n.Slop))
	case Wildcard:
		return in(n.Field, n.Pattern)
	case Prefix:
		return in(n.Field, n.Text+"…")
	case Regexp:
		return in(n.Field, "/"+n.Expr+"/")
	case Fuzzy:
		return in(n.Field, fmt.Sprintf("%s~%d", n.Text, n.Edits))
	case Range:
		return in(n.Field, fmt.Sprintf("<%v %s %s %v>", n.OpenLow, n.Low, n.High, n.OpenHigh))
	case Exists:
		return "exists(" + n.Field + ")"
	case All:
		return "all"
	}
	return "?"
}

func TestParse(t *testing.T) {
	for in, want := range map[string]string{
		`foo`:                       `'foo'`,
		`foo bar`:                   `'foo bar'`,
		`foo AND bar`:               `(+'foo' +'bar')`,
		`a AND b OR c`:              `(+'a' +'b' 'c')`,
		`a OR b AND c`:              `('a' +'b' +'c')`,
		`a && !b`:                   `(+'a' -'b')`,
		`a || b`:                    `('a' 'b')`,
		`+a -b c`:                   `(+'a' -'b' 'c')`,
		`NOT a`:                     `(-'a')`,
		`-a`:                        `(-'a')`,
		`status:500`:                `status:'500'`,
		`a.b:(x y)`:                 `a.b:'x y'`,
		`a:(x OR "y z") AND q`:      `(+(a:'x' a:"y z"~0) +'q')`,
		`"quick fox"~2^3 x`:         `("quick fox"~2 'x')`,
		`jou*al`:                    `jou*al`,
		`f:jou?\*`:                  `f:jou?\*`,
		`f:*`:                       `exists(f)`,
		`*`:                         `all`,
		`*:*`:                       `all`,
		`_exists_:a.b`:              `exists(a.b)`,
		`age:[10 TO 20}`:            `age:<false 10 20 true>`,
		`age:{* TO 20]`:             `age:<true * 20 false>`,
		`d:["2024-01-01" TO now/d]`: `d:<false 2024-01-01 now/d false>`,
		`age:>=10`:                  `age:<false 10 * false>`,
		`age:(>10 AND <=20)`:        `(+age:<true 10 * false> +age:<false * 20 false>)`,
		`>10`:                       `<true 10 * false>`,
		`name:/joh?n(ath[oa]n)/`:    `name:/joh?n(ath[oa]n)/`,
		`path:/a\/b/`:               `path:/a/b/`,
		`quikc~ brwn~1`:             `(quikc~-1 brwn~1)`,
		`a\:b\ c`:                   `'a:b c'`,
		`\u0041`:                    `'A'`,
		`foo-bar+baz`:               `'foo-bar+baz'`,
		`and or not`:                `'and or not'`,
		`FlightDelayType:"Carrier Delay" AND Carrier:Open*`: `(+FlightDelayType:"Carrier Delay"~0 +Carrier:Open*)`,
		`message: shield AND carp AND shark`:                `(+message:'shield' +'carp' +'shark')`,
		`(a b) OR (c AND d)`:                                `('a b' (+'c' +'d'))`,
		`host/name`:                                         `'host/name'`,
		``:                                                  `()`,
	} {
		n, err := Parse(in, Options{})
		require.NoError(t, err, in)
		require.Equal(t, want, show(n), in)
	}
	for in, want := range map[string]string{
		`a b`: `'a b'`, `a OR b`: `('a' 'b')`, `a b OR c`: `(+'a' 'b' 'c')`, `a -b`: `(+'a' -'b')`,
	} {
		n, err := Parse(in, Options{And: true})
		require.NoError(t, err, in)
		require.Equal(t, want, show(n), in)
	}
	for _, in := range []string{`a OR`, `a AND AND b`, `(a`, `a)`, `"a`, `[1 TO`, `[1 2]`, `a:`, `-`, `/a`, `a\`, `a^x`, `a~9`, `AND a`, `]`,
		strings.Repeat("(", 100) + "a", strings.Repeat("a AND ", 2000) + "a", `_exists_:`, `()`} {
		_, err := Parse(in, Options{})
		var syntax *SyntaxError
		require.ErrorAs(t, err, &syntax, "%.80s", in)
	}
	_, err := Parse("*a", Options{NoLeadingWildcard: true})
	require.ErrorContains(t, err, "not allowed as first character")
}

func TestParseSimple(t *testing.T) {
	for in, want := range map[string]string{
		`foo bar`: `('foo' 'bar')`, `foo + bar`: `(+'foo' +'bar')`, `foo | bar`: `('foo' 'bar')`, `foo +-bar`: `(+'foo' +(-'bar'))`,
		`"a b"~3`: `"a b"~3`, `pre*`: `pre…`, `(a + b) | c`: `((+'a' +'b') 'c')`, `wrld~1`: `wrld~1`, `*`: `all`,
		`"unclosed`: `'unclosed'`, `((a`: `'a'`, `a)`: `'a'`, `+`: `()`, ``: `()`, `a\*`: `'a*'`,
	} {
		require.Equal(t, want, show(ParseSimple(in, false)), in)
	}
	require.Equal(t, `(+'a' +'b')`, show(ParseSimple("a b", true)))
}

func TestTranslateRegexp(t *testing.T) {
	for _, c := range []struct {
		expr, match, not string
	}{
		{`jour.*`, "journal", "a journal"}, {`gold$`, "gold$", "gold"}, {`^a`, "^a", "a"}, {`a@b`, "axxb", "axx"},
		{`"a.b"c?`, "a.b", "axb"}, {`[^a-c\]]+`, "xyz", "a]"}, {`<1-12>`, "12", "13"}, {`<01-12>`, "07", "7"}, {`a{2,3}`, "aa", "a"},
		{`(foo|bar)+`, "foobar", "baz"}, {`a\.b`, "a.b", "axb"}, {`\d+`, "123", "a"}, {`a.b`, "a\nb", "ab"}, {`a+?`, "", "b"}, {`(ab)*+`, "abab", "a"}, {`\\+?`, "", "b"},
	} {
		re, err := TranslateRegexp(c.expr, false)
		require.NoError(t, err, c.expr)
		require.True(t, re.MatchString(c.match), "%s %s", c.expr, re)
		require.False(t, re.MatchString(c.not), "%s %s", c.expr, re)
	}
	for _, bad := range []string{`~a`, `a&b`, `[a`, `"a`, `<1-5000>`, `(?i)a`, `a\`, `(`, strings.Repeat("a", 1001)} {
		_, err := TranslateRegexp(bad, false)
		require.Error(t, err, bad)
	}
	re, err := WildcardRegexp(`a*b?\*`, true)
	require.NoError(t, err)
	require.True(t, re.MatchString("AxxBy*"))
	require.False(t, re.MatchString("AxxByz"))
	require.Equal(t, "longest*", Literal(`a*longest\*?b`))
}

// FuzzParse reads what clients type into a search box.
func FuzzParse(f *testing.F) {
	for _, s := range []string{`a:(x OR "y z"~2) AND NOT q^2`, `age:[10 TO 20}`, `name:/joh?n(ath[oa]n)/`, `a\:b \u0041 >=3 -x`, `pre* (a + b) | "c`} {
		f.Add(s, true)
	}
	f.Fuzz(func(t *testing.T, s string, and bool) {
		if n, err := Parse(s, Options{And: and}); err == nil {
			show(n)
		}
		show(ParseSimple(s, and))
		if re, err := TranslateRegexp(s, and); err == nil {
			re.MatchString(s)
		}
		re, err := WildcardRegexp(s, and)
		if err != nil && len(s) < 100 {
			t.Fatalf("%q: %v", s, err)
		}
		if re != nil && strings.Count(s, "*") < 10 {
			re.MatchString(s)
		}
		Literal(s)
	})
}
