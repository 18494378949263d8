package esquery

import (
	"strings"
	"testing"

	"github.com/clipperhouse/uax29/v2/words"
	"github.com/stretchr/testify/require"
)

func TestAnalyse(t *testing.T) {
	for in, want := range map[string]string{
		"The 2 QUICK Brown-Foxes jumped over the lazy dog's bone.": "the|2|quick|brown|foxes|jumped|over|the|lazy|dog's|bone",
		"GET /api/v1/users?id=7":                                   "get|api|v1|users|id|7",
		"192.168.0.1:8080 3.14 1,000 foo_bar a.b.c":                "192.168.0.1|8080|3.14|1,000|foo_bar|a.b.c",
		"Ünïcode ÄÖ 日本 привет":                                     "ünïcode|äö|日|本|привет",
		"... --- ___":                                              "",
		"":                                                         "",
		"gold$":                                                    "gold",
		"İstanbul ſoft":                                            "İstanbul|ſoft",
	} {
		require.Equal(t, want, strings.Join(analyse(in), "|"), in)
	}
	require.Len(t, analyse(strings.Repeat("a", 600)), 3, "long words are cut")
	require.True(t, hasToken("a PushEvent b", "pushevent"))
	require.False(t, hasToken("a PushEvents b", "pushevent"))
}

// FuzzTokens compares the ASCII rules with Unicode's.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"a.b:c,d 1.2,3;4:5 'x' x's _a_ a__1", "it's 12:30:01,123 [x]", "a:1 1:a a.1 1.a a..b a._b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !isASCII(s) || strings.ContainsAny(s, "\x00") || len(s) > 200 {
			eachToken(s, func(string, int) bool { return true })
			return
		}
		var want, got []string
		it := words.FromString(s)
		for it.Next() {
			if w := it.Value(); isWord(w) {
				want = append(want, w)
			}
		}
		asciiTokens(s, func(token string, start int) bool {
			require.Equal(t, token, s[start:start+len(token)])
			got = append(got, token)
			return true
		})
		require.Equal(t, want, got, "%q", s)
		for _, w := range append(got, "a", "b1", "x_y") {
			has := false
			for _, g := range got {
				has = has || isToken(g, lower(w))
			}
			require.Equal(t, has, hasToken(s, lower(w)), "%q in %q", w, s)
		}
	})
}
