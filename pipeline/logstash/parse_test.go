package logstash

import (
	"fmt"
	"strings"
	"testing"
)

func parseOne(text string) (*File, Problems, error) {
	return Parse([]Source{{"x.conf", text}}, false)
}

// show writes a condition with all its parentheses.
func show(x Expression) string {
	switch x := x.(type) {
	case *Binary:
		return "(" + show(x.Left) + " " + x.Op + " " + show(x.Right) + ")"
	case *Not:
		return "!" + show(x.Of)
	case *Compare:
		return show(x.Left) + x.Op + show(x.Right)
	case *Match:
		op := "=~"
		if x.Negated {
			op = "!~"
		}
		return show(x.Left) + op + "/" + x.Pattern + "/"
	case *In:
		op := " in "
		if x.Negated {
			op = " not in "
		}
		return show(x.Left) + op + show(x.Right)
	case *Selector:
		return "<" + x.Ref.String() + ">"
	}
	return fmt.Sprintf("%v", x.(*Literal).Value)
}

func TestConditionsGroupAsInLogstash(t *testing.T) {
	for text, want := range map[string]string{
		`[a]`:                           "<a>",
		`[a][b] == "x"`:                 "<[a][b]>==x",
		`![a] and !([b] == 1)`:          "(!<a> and !<b>==1)",
		`"x" not in [tags]`:             "x not in <tags>",
		`[a] in ["x", "y"]`:             "<a> in [x y]",
		`[a] =~ /x\/"{y/ or [b] !~ "z"`: `(<a>=~/x\/"{y/ or <b>!~/z/)`,
		`[a] or [b] and [c]`:            "(<a> or (<b> and <c>))",
		`[a] and [b] or [c]`:            "((<a> and <b>) or <c>)",
		`[a] and [b] and [c] or [d]`:    "(<a> and ((<b> and <c>) or <d>))", // sic
		`([a] and [b] and [c]) or [d]`:  "((<a> and (<b> and <c>)) or <d>)",
		`[a] nand ([b] xor [c])`:        "(<a> nand (<b> xor <c>))",
		`-1.5 <= [n] and [n]>2`:         "(-1.5<=<n> and <n>>2)",
	} {
		f, _, err := parseOne("filter { if " + text + " { drop {} } }")
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := show(f.Filters[0].(*Branch).Arms[0].Condition); got != want {
			t.Errorf("%s is read as %s, want %s", text, got, want)
		}
	}
}

func TestWarnings(t *testing.T) {
	for text, want := range map[string]string{
		`[a] and [b] and [c] or [d]`: "x.conf:1:13: Logstash does not group this condition",
		`[a] in ["x"]`:               `x.conf:1:20: Logstash reads ["x"] as a field`,
		`[a] or [b] xor [c]`:         "Logstash refuses xor beside another operator",
		`[a] and [b] or [c]`:         "",
	} {
		_, warnings, err := parseOne("filter { if " + text + " { drop {} } }")
		if got := warnings.Error(); err != nil || want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: error %v, warnings %q, want %q", text, err, got, want)
		}
	}
}

func TestAllProblemsComeAtOnce(t *testing.T) {
	_, _, err := parseOne(`filter {
  grok { match = { "a" => "b" } }
  mutate { add_tag => ["a",] }
  if [x] == y { drop {} }
  else if [a] && [b] { drop {} }
  date { match => ["a" "b"] }
  kv { }
  if !"a" in [tags] { drop {} }
  mutate { add_field => { "a" => 1, "b" => 2 } }
  mutate { add_field => { "a" => 1 "a" => 2 } timeout => 5m }
}
outputs { stdout {} }
input { stdin {}`)
	want := []string{
		`x.conf:2:16: expected => after match, found "=" (Logstash writes name => value)`,
		`x.conf:3:28: expected a value after the comma, found "]" (Logstash knows no comma at the end)`,
		`x.conf:4:13: expected a field or a value, found "y" (fields are written [y], texts "y")`,
		`x.conf:5:15: expected and, or, xor, nand or { after the condition, found "&" (write and)`,
		`x.conf:6:24: expected , or ] in the list from line 6, found "\""`,
		`x.conf:8:7: expected a field or ( after !, found "\"" (write !([field] == ...))`,
		`x.conf:9:35: expected a key or }, found "," (entries of a hash stand one after the other, without commas)`,
		`x.conf:10:36: the key "a" is in the hash twice`,
		`x.conf:10:59: expected a blank or } after the value, found "m" (texts such as 5m or a.b need quotes)`,
		`x.conf:12:1: expected input, filter or output, found "outputs"`,
		`x.conf:13:17: the block input from line 13 is not closed: expected }`,
	}
	if got := err.Error(); got != strings.Join(want, "\n") {
		t.Errorf("problems are\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
}

func TestSectionsMaySpanFiles(t *testing.T) {
	f, _, err := Parse([]Source{{"1.conf", "filter {\n mutate {"}, {"2.conf", "}\n}\nfilter { drop { } }"}}, false)
	if err != nil || len(f.Filters) != 2 {
		t.Fatalf("read %v, error %v", f, err)
	}
	if pos := f.Filters[1].(*Plugin).Pos; pos != (Pos{"2.conf", 3, 10}) {
		t.Errorf("the second filter is at %v", pos)
	}
}

func TestStrings(t *testing.T) {
	text := `filter { a { s => "a\"b\n" t => 'c\'d' n => 12 f => 1. h => { 1 => x2 "k" => [ ] } c => json { x => "y" } } }`
	for escapes, want := range map[bool]string{false: `a\"b\n|c\'d`, true: "a\"b\n|c'd"} {
		f, _, err := Parse([]Source{{"x", text}}, escapes)
		if err != nil {
			t.Fatal(err)
		}
		s := f.Filters[0].(*Plugin).Settings
		if got := fmt.Sprintf("%v|%v", s[0].Value, s[1].Value); got != want {
			t.Errorf("with escapes %v: %q, want %q", escapes, got, want)
		}
		if s[2].Value != int64(12) || s[3].Value != 1.0 || s[4].Value.([]Pair)[0].Key != "1" || s[5].Value.(*Plugin).Name != "json" {
			t.Errorf("values are %v", s)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"input { stdin {} } filter { if [a] in [\"x\", 1] and !([b] =~ /x/) { mutate { add_field => { \"a\" => [1, 'b'] } } } else { drop {} } } output { stdout { codec => json { } } }",
		"filter { if [a] and [b] and [c] or [d] { } # c\n}", "filter { a { b => ${C} } }", "\"", "filter{if(((",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, _, err := parseOne(text)
		if err == nil && len(file.Inputs)+len(file.Filters)+len(file.Outputs) > len(text) {
			t.Fatal("more statements than bytes")
		}
		if p, ok := err.(Problems); ok {
			for _, problem := range p {
				if problem.Pos.Line < 1 && problem.Pos.File == "x.conf" && problem.Message != "the file is not UTF-8" {
					t.Fatalf("a problem without its place: %v", problem)
				}
			}
		}
	})
}
