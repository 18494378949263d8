package logstash

import "testing"

func TestRegexpsAreRubys(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"flink|processing", "xprocessingx", true}, {"flink|processing", "other", false},
		{"^b$", "a\nb\nc", true}, {`\Ab`, "a\nb", false}, {`b\Z`, "b\n", true}, {"a.b", "a\nb", false}, {"(?m)a.b", "a\nb", true},
		{`^\h+$`, "0aF", true}, {`[\h-]+`, "zz", false}, {`(?<!x)y`, "xy", false}, {`(?<!x)y`, "ay", true}, {`(a)\1`, "aa", true},
		{`a++a`, "aaa", false}, {`(?:ab)*+c`, "ababc", true}, {`foo\/bar`, "foo/bar", true}, {`[]a]`, "]", true},
		{`\p{Alpha}+`, "ł", true}, {`^[[:alpha:][0-9]]+$`, "a1", true}, {`(?<year>\d{4})`, "in 2021", true}, {`(?i)ERR`, "an err", true},
		{`(?# no)a`, "a", true}, {`[\w.+=:-]+@`, "a.b@", true}, {"", "x", true}, {`\[x\]`, "[x]", true}, {`(?i-mx:ERR)`, "err", true},
		{`\u0041`, "A", true}, {`é+`, "éé", true},
	} {
		r, err := CompileRegexp(c.pattern)
		if err != nil {
			t.Errorf("/%s/: %v", c.pattern, err)
			continue
		}
		if got := r.Match(c.text); got != c.want {
			t.Errorf("/%s/ on %q: %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
	for _, bad := range []string{"(", ")", "[a", `a\`} {
		if _, err := CompileRegexp(bad); err == nil {
			t.Errorf("/%s/ is taken", bad)
		}
	}
}

func TestReplaceAllIsGsub(t *testing.T) {
	for _, c := range []struct{ pattern, text, with, want string }{
		{`\s+`, "a  b c", "_", "a_b_c"}, {`(\w)(\d)?`, "a1b", `<\1|\2|\0>`, "<a|1|a1><b||b>"}, {`(?<x>b)`, "abc", `[\k<x>]`, "a[b]c"},
		{`(?<=a)b`, "abb", `\\`, `a\b`}, {`(.)\1`, "aab", `\1\&`, "aaab"}, {`^`, "a\nb", "> ", "> a\n> b"}, {`x`, "a", "b", "a"},
	} {
		r, err := CompileRegexp(c.pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.ReplaceAll(c.text, c.with); got != c.want {
			t.Errorf("%q with /%s/ to %q: %q, want %q", c.text, c.pattern, c.with, got, c.want)
		}
	}
}
