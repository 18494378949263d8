package logql

import (
	"testing"

	"github.com/pharosd/pharos/model"
)

var seeds = []string{
	`{app="web"}`,
	`{app="web", env!~"a|b"} |= "x" or "y" != ip("10.0.0.0/8") |> "<_> a" | json a="b[0].c", d | a > 5ms or b="c" and (d < 3KB, e =~ "x.*")`,
	"sum by (a) (rate({app=`x`} | logfmt --strict --keep-empty | label_format a=b,c=\"{{.d}}\" | unwrap duration(e) | __error__=\"\" [5m] offset -1h)) / on (a) group_left (b) topk(3, vector(1)) # end",
	`quantile_over_time(0.99, {a="b"} | unpack | pattern "<x> <_>" | regexp "(?P<y>z)" | decolorize | drop a, b="c" | keep d | line_format "{{.}}" | unwrap f [1w2d]) by (g)`,
	`label_replace(count_over_time(({a="b"})[1m]), "x", "$1", "y", "(.*)") > bool -1.5e3 ^ 2`,
}

// FuzzParse wants the parser to survive any text, and the canonical text of what
// it accepts to be accepted and stay the same.
func FuzzParse(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := Parse(text)
		if err != nil {
			return
		}
		_ = Check(e)
		canonical := e.String()
		again, err := Parse(canonical)
		if _, literal := e.(*Literal); literal {
			return // infinities and NaN have no text
		}
		if err != nil {
			t.Fatalf("%q became %q: %s", text, canonical, err)
		}
		if got := again.String(); got != canonical {
			t.Fatalf("%q became %q, then %q", text, canonical, got)
		}
	})
}

// FuzzLines sends any line through every parser of lines.
func FuzzLines(f *testing.F) {
	for _, s := range []string{
		`{"a":{"b":[1,2,{"c":"\u00e9"}]},"_entry":"x"}`, `a=1 b="c \" \u00e9" =x "y" z`, "GET /x 10.0.0.1 2001:db8::1", "\xff\xfe=\xfd", "\x1b[31mx",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, line string) {
		for _, q := range []string{
			`{a="b"} | json`, `{a="b"} | json x="a.b[2].c", y="a"`, `{a="b"} | logfmt`, `{a="b"} | logfmt --strict x="a", b`,
			`{a="b"} | unpack`, `{a="b"} | pattern "<x> <_>/<y>"`, `{a="b"} |= ip("10.0.0.0/8") or ip("::/0")`, `{a="b"} | decolorize`,
			`{a="b"} |> "<_> <_>"`,
		} {
			e, err := Parse(q)
			if err != nil {
				t.Fatal(err)
			}
			m, err := NewMatcher(e.(*LogExpr))
			if err != nil {
				t.Fatal(err)
			}
			ls, _, _ := m.Entry(model.NewLabels(model.Label{Name: "a", Value: "b"}), &model.LogEntry{Line: line})
			for i := 1; i < len(ls); i++ {
				if ls[i-1].Name >= ls[i].Name {
					t.Fatalf("%s: labels are not sorted or not unique: %s", q, ls)
				}
			}
		}
	})
}
