package onig

import (
	"errors"
	"fmt"
	"math/rand"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
)

// spans is a match as "from-to" of the whole and of each group.
func spans(t testing.TB, re *Regexp, s string) string {
	t.Helper()
	m := re.Matcher()
	ok, err := m.Find(s, 0, time.Second)
	if err != nil {
		t.Fatalf("%s on %q: %v", re, s, err)
	}
	if !ok {
		return "none"
	}
	var out []string
	for g := 0; g <= re.Groups(); g++ {
		from, to, ok := m.Span(g)
		if !ok {
			out = append(out, "-")
			continue
		}
		out = append(out, fmt.Sprintf("%d-%d", from, to))
	}
	return strings.Join(out, " ")
}

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, in, want string
		o                 Options
	}{
		{pattern: `a|ab`, in: "xab", want: "1-2"},
		{pattern: `(a)(b)?`, in: "ac", want: "0-1 0-1 -"},
		{pattern: `(?<x>a)(b)`, in: "ab", want: "0-2 0-1"}, // plain groups do not capture beside named ones
		{pattern: `(?<[a][b]>\d+)`, in: "x12", want: "1-3 1-3"},
		{pattern: `^b$`, in: "a\nb\nc", want: "2-3"},
		{pattern: `\Ab`, in: "a\nb", want: "none"},
		{pattern: `a\Z`, in: "a\n", want: "0-1"},
		{pattern: `a\z`, in: "a\n", want: "none"},
		{pattern: `^\z`, in: "a\n", want: "none"}, // no line begins at the very end
		{pattern: `a.b`, in: "a\nb", want: "none"},
		{pattern: `a.b`, in: "a\nb", want: "0-3", o: Options{DotAll: true}},
		{pattern: `a(?m:.)b`, in: "a\nb", want: "0-3"},
		{pattern: `(?<![0-9.+-])(?>[+-]?(?:(?:[0-9]+(?:\.[0-9]+)?)|(?:\.[0-9]+)))`, in: "a 1.2.3", want: "2-5"},
		{pattern: `(?<!a|bc)d`, in: "ad bcd xd", want: "8-9"},
		{pattern: `(?<=a|bc)d`, in: "xd bcd", want: "5-6"},
		{pattern: `(?<=é)d`, in: "éd", want: "2-3"},
		{pattern: `(?>a+)ab`, in: "aaab", want: "none"},
		{pattern: `a++b`, in: "aab", want: "0-3"},
		{pattern: `a++ab`, in: "aab", want: "none"},
		{pattern: `(?:ab)*+ab`, in: "ababab", want: "none"},
		{pattern: `a{,2}b`, in: "aaab", want: "1-4"},
		{pattern: `a{2}?b`, in: "aab", want: "0-3"}, // {n}? is (?:{n})?
		{pattern: `a{x`, in: "a{x", want: "0-3"},
		{pattern: `<.+?>`, in: "<a><b>", want: "0-3"},
		{pattern: `<.{2,4}?>`, in: "<a><b>", want: "0-6"},
		{pattern: `(a|b)\1`, in: "abb", want: "1-3 1-2"},
		{pattern: `(?<q>["'])(?<s>.*?)\k<q>`, in: `say "it's" ok`, want: "4-10 4-5 5-9"},
		{pattern: `(?i)straße`, in: "STRASSE STRAßE", want: "8-15"},
		{pattern: `a(?i)b|c`, in: "aB", want: "0-2"},
		{pattern: `a(?i)b|c`, in: "aC", want: "0-2"}, // the rest of the group is one piece
		{pattern: `(?x) a \  b # tail`, in: "a b", want: "0-3"},
		{pattern: `\h+`, in: "xyzBEEF", want: "3-7"},
		{pattern: `\w+`, in: "é_a1", want: "2-5"},
		{pattern: `\bé`, in: "aé é", want: "4-6"},
		{pattern: `[[:alpha:]_]+`, in: "1éa_", want: "1-5"},
		{pattern: `(/[[[:alnum:]]_%!$@:.,+~-]*)+`, in: "a=/some/path, x", want: "2-13 7-13"},
		{pattern: `[a-z&&[^aeiou]]+`, in: "aebcd", want: "2-5"},
		{pattern: `[^[:space:]]+`, in: "  ab ", want: "2-4"},
		{pattern: `[]a]+`, in: "x]a", want: "1-3"},
		{pattern: `\p{Lu}\p{^Lu}`, in: "aÉé", want: "1-5"},
		{pattern: `[^b]*[^c]`, in: "éé", want: "0-4"},
		{pattern: `foo\Kbar`, in: "foobar", want: "3-6"},
		{pattern: `(?=ab)a`, in: "ac ab", want: "3-4"},
		{pattern: `a(?!b)`, in: "ab ac", want: "3-4"},
		{pattern: `(?!(a))b`, in: "ab", want: "1-2 -"},
		{pattern: `(?:a*)*b`, in: "aab", want: "0-3"},
		{pattern: `(?:a|)+b`, in: "aab", want: "0-3"},
		{pattern: `\x{e9}\u00e9`, in: "éé", want: "0-4"},
		{pattern: `a\R`, in: "a\r\n", want: "0-3"},
		{pattern: `x*`, in: "", want: "0-0"},
		{pattern: `.*b`, in: "aa\nab", want: "3-5"},
		{pattern: `(?:a|b|c|ab)d`, in: "abd", want: "0-3"},
		{pattern: `\d{2,3}\d`, in: "123", want: "0-3"},
	} {
		re, err := Compile(c.pattern, c.o)
		if err != nil {
			t.Errorf("%s: %v", c.pattern, err)
			continue
		}
		if got := spans(t, re, c.in); got != c.want {
			t.Errorf("%s on %q: %s, want %s", c.pattern, c.in, got, c.want)
		}
	}
}

func TestErrorsNameTheirPlace(t *testing.T) {
	for pattern, want := range map[string]string{
		`a(b`:                    "( without its ) at offset 1",
		`a)`:                     "unmatched ) at offset 1",
		`[a`:                     "[ without its ] at offset 0",
		`*a`:                     "a quantifier without something before it",
		`(?<=a+)b`:               "a look-behind of no fixed length",
		`\k<x>`:                  "a reference to a group that there is not",
		`(?<a>x)\g<a>`:           "as a subroutine, is not supported",
		`\p{Nonsense}`:           "an unknown character property",
		`[z-a]`:                  "a range of characters that ends before it begins",
		`(?:(?:ab){1000}){1000}`: "the repetitions make it too large",
		"a\\":                    "a backslash at the end",
	} {
		if _, err := Compile(pattern, Options{}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", pattern, err, want)
		}
	}
}

func TestDeadlineWithoutBacktracking(t *testing.T) {
	re, err := Compile(`(?:x?y?){20000}z`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	in := strings.Repeat("x", 1<<20) + "z"
	start := time.Now()
	if _, err := re.Matcher().Find(in, 0, 50*time.Millisecond); !errors.Is(err, ErrDeadline) && !errors.Is(err, ErrStack) {
		t.Fatalf("error %v", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Fatalf("took %v", took)
	}
}

func TestDeadline(t *testing.T) {
	re, err := Compile(`^(a+)+$`, Options{})
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	_, err = re.Matcher().Find(strings.Repeat("a", 60)+"b", 0, 50*time.Millisecond)
	if !errors.Is(err, ErrDeadline) {
		t.Fatalf("error %v, want ErrDeadline", err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Fatalf("took %v", took)
	}
}

// randomPattern makes patterns that Go's regexp and Oniguruma read alike: without
// loops over what can be empty, in which the two differ.
func randomPattern(r *rand.Rand, depth int) (p string, empty bool) {
	n := 1 + r.Intn(3)
	empty = true
	for range n {
		piece, canBeEmpty := "", false
		switch k := r.Intn(12); {
		case k < 4 || depth == 0:
			piece = string("abcx "[r.Intn(5)])
		case k == 4:
			piece = []string{`[ab]`, `[^a]`, `\d`, `\w`, `\s`, `.`, `[^ab\n]`}[r.Intn(7)]
		case k == 5:
			piece, canBeEmpty = []string{`\A`, `\z`}[r.Intn(2)], true
			p += piece
			continue
		default:
			inner, e := randomPattern(r, depth-1)
			if r.Intn(3) == 0 {
				second, e2 := randomPattern(r, depth-1)
				inner, e = inner+"|"+second, e || e2
			}
			piece, canBeEmpty = []string{"(", "(?:"}[r.Intn(2)]+inner+")", e
		}
		if !canBeEmpty {
			q := []string{"", "", "", "*", "+", "?", "*?", "+?", "??", "{1,2}", "{2,}", "{0,2}?"}[r.Intn(12)]
			piece += q
			canBeEmpty = strings.HasPrefix(q, "*") || strings.HasPrefix(q, "?") || strings.HasPrefix(q, "{0")
		}
		p += piece
		empty = empty && canBeEmpty
	}
	return p, empty
}

func TestAgreesWithGo(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 40_000 {
		p, _ := randomPattern(r, 3)
		std, err := regexp.Compile(`(?s)` + p)
		if err != nil {
			continue
		}
		re, err := Compile(p, Options{DotAll: true})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		for range 4 {
			in := ""
			for range r.Intn(10) {
				in += []string{"a", "b", "c", "x", " ", "\n", "é", "1"}[r.Intn(8)]
			}
			want := "none"
			if loc := std.FindStringSubmatchIndex(in); loc != nil {
				var out []string
				for i := 0; i < len(loc); i += 2 {
					if loc[i] < 0 {
						out = append(out, "-")
					} else {
						out = append(out, fmt.Sprintf("%d-%d", loc[i], loc[i+1]))
					}
				}
				want = strings.Join(out, " ")
			}
			if got := spans(t, re, in); got != want {
				t.Fatalf("%s on %q: %s, Go says %s", p, in, got, want)
			}
		}
	}
}

func TestAgreesWithRegexp2(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for range 10_000 {
		p, _ := randomPattern(r, 2)
		around, _ := randomPattern(r, 1)
		p += []string{"(?=" + around + ")", "(?!" + around + ")", "(?>" + around + ")", "(?<=[ab])", "(?<!x)"}[r.Intn(5)]
		tail, _ := randomPattern(r, 1)
		p += tail
		other, err := regexp2.Compile(p, regexp2.Singleline)
		if err != nil {
			continue
		}
		re, err := Compile(p, Options{DotAll: true})
		if err != nil {
			t.Fatalf("%s: %v", p, err)
		}
		for range 4 {
			in := ""
			for range r.Intn(10) {
				in += string("abcx 1"[r.Intn(6)])
			}
			want := "none"
			if m, err := other.FindStringMatch(in); err == nil && m != nil {
				want = fmt.Sprintf("%d-%d", m.Index, m.Index+m.Length)
			}
			got, _, _ := strings.Cut(spans(t, re, in), " ")
			if got != want {
				t.Fatalf("%s on %q: %s, regexp2 says %s", p, in, got, want)
			}
		}
	}
}

func FuzzMatch(f *testing.F) {
	f.Add(`(?<![0-9])(?<a>\h+)(?>x|y)*+[[:alpha:]&&[^b]]{2,3}?\k<a>`, "12ab cdéx12")
	f.Add(`(?x) (?i:a|b) \p{Lu} # c`, "aB\n")
	f.Add(`(/[[[:alnum:]]_%!$@:.,+~-]*)+`, "/a/b")
	f.Add(`^(a+)+$`, "aaaaaaaaaaaaaaaaaaaaaaaaaaaab")
	f.Fuzz(func(t *testing.T, pattern, in string) {
		re, err := Compile(pattern, Options{})
		if err != nil {
			return
		}
		m := re.Matcher()
		start := time.Now()
		ok, err := m.Find(in, 0, 20*time.Millisecond)
		if took := time.Since(start); took > 10*time.Second {
			t.Fatalf("%q on %q took %v", pattern, in, took)
		}
		if !ok || err != nil {
			return
		}
		for g := 0; g <= re.Groups(); g++ {
			if from, to, ok := m.Span(g); ok && (from < 0 || to > len(in)) {
				t.Fatalf("%q on %q: group %d is %d-%d", pattern, in, g, from, to)
			}
		}
	})
}
