package ruby

import (
	"errors"
	"strings"
	"testing"
	"time"
)

type testHost struct{}

func (testHost) Now() time.Time                       { return time.Date(2024, 2, 29, 12, 30, 45, 123_000_000, time.UTC) }
func (testHost) Lookup(name string) (string, bool)    { return "value", name == "NAME" }
func (testHost) NewEvent(fields map[string]any) Event { return &testEvent{fields: fields} }

// testEvent has plain names for references.
type testEvent struct {
	fields    map[string]any
	cancelled bool
}

func (e *testEvent) Get(ref string) (any, error) { return e.fields[ref], nil }
func (e *testEvent) Set(ref string, v any) error { e.fields[ref] = v; return nil }
func (e *testEvent) Remove(ref string) any       { v := e.fields[ref]; delete(e.fields, ref); return v }
func (e *testEvent) Include(ref string) bool     { _, ok := e.fields[ref]; return ok }
func (e *testEvent) Tag(tag string)              { e.fields["tags"] = tag }
func (e *testEvent) Cancel()                     { e.cancelled = true }
func (e *testEvent) Cancelled() bool             { return e.cancelled }
func (e *testEvent) Sprintf(text string) string  { return text }
func (e *testEvent) Fields() map[string]any      { return e.fields }
func (e *testEvent) Clone() Event                { c := *e; return &c }

func newTestEvent() *testEvent {
	return &testEvent{fields: map[string]any{
		"message": "Hello World", "n": int64(7), "f": 2.5, "list": []any{"b", "a", "c"}, "map": map[string]any{"x": int64(1), "y": int64(2)},
		"cols": []any{"1", "2"}, "@timestamp": testHost{}.Now(),
	}}
}

func run(t testing.TB, code string) (any, error) {
	t.Helper()
	p, err := Compile(code, "event", "map")
	if err != nil {
		return nil, err
	}
	return NewObject(testHost{}).Run(p, map[string]any{"event": newTestEvent(), "map": NewHash()})
}

// The expectations are what Ruby 3 prints with p.
func TestExpressions(t *testing.T) {
	for code, want := range map[string]string{
		`1 + 2 * 3 - 4 / 3`:                   "6",
		`-7 / 2`:                              "-4",
		`-7 % 3`:                              "2",
		`2 ** 10`:                             "1024",
		`7.0 / 2`:                             "3.5",
		`1e20.to_i > 5 ? "big" : "small"`:     `"big"`,
		`0.1 + 0.2`:                           "0.30000000000000004",
		`1e16`:                                "1.0e+16",
		`10.fdiv(4)`:                          "2.5",
		`3.7.round`:                           "4",
		`3.14159.round(2)`:                    "3.14",
		`"abc"[1..-1]`:                        `"bc"`,
		`"abc"[0, 2] + 'x'`:                   `"abx"`,
		`"a-b-c".split("-").last`:             `"c"`,
		`"a,b,,".split(",")`:                  `["a", "b"]`,
		`" a  b ".split`:                      `["a", "b"]`,
		`"a1b22".scan(/\d+/)`:                 `["1", "22"]`,
		`"k=v".scan(/(\w)=(\w)/)`:             `[["k", "v"]]`,
		`"hello".gsub(/l+/) { |m| m.upcase }`: `"heLLo"`,
		`"hello".sub("l", "[\\0]")`:           `"he[l]lo"`,
		`"hello" =~ /ll/`:                     "2",
		`"John Smith"[/(\w+) (\w+)/, 2]`:      `"Smith"`,
		`"x: #{1 + 1} #{"a" + 'b'}"`:          `"x: 2 ab"`,
		`'single #{no}'`:                      `"single \#{no}"`,
		`%w[a b c].join("-")`:                 `"a-b-c"`,
		`[3,1,2].sort.reverse`:                "[3, 2, 1]",
		`[1,2,3].map { |x| x * 2 }.select { |x| x > 2 }`:             "[4, 6]",
		`[1,2,3].inject(:+) + [1,2].sum`:                             "9",
		`[1,2,3].reduce(10) { |a, b| a + b }`:                        "16",
		`[[1, 2], [3, 4]].map { |a, b| a * b }`:                      "[2, 12]",
		`[1, [2, [3, nil]]].flatten.compact`:                         "[1, 2, 3]",
		`%w(a b).zip([1, 2]).to_h`:                                   `{"a"=>1, "b"=>2}`,
		`{ "a" => 1, :b => 2, c: 3 }`:                                `{"a"=>1, :b=>2, :c=>3}`,
		`{ "a" => 1 }.merge({ "b" => 2 }).map { |k, v| "#{k}#{v}" }`: `["a1", "b2"]`,
		`{ "a" => 1, "b" => 2 }.select { |k, v| v > 1 }`:             `{"b"=>2}`,
		`{ "a" => { "b" => 5 } }.dig("a", "b")`:                      "5",
		`{ "a" => 1 }.key?("a") && !{}.key?("a")`:                    "true",
		`{ "b" => 2, "a" => 1 }.sort_by { |k, v| v }.first`:          `["a", 1]`,
		`h = Hash.new(0); "aab".each_char { |c| h[c] += 1 }; h`:      `{"a"=>2, "b"=>1}`,
		`%w[x y x].tally`:                                            `{"x"=>2, "y"=>1}`,
		`x = nil; x ||= 5; x += 1; x`:                                "6",
		`a, b = "1:2".split(":"); b.to_i + a.to_i`:                   "3",
		`a, *rest = [1, 2, 3]; rest`:                                 "[2, 3]",
		`nil.to_a`:                                                   "[]",
		`nil.to_s + nil.to_i.to_s`:                                   `"0"`,
		`nil&.length`:                                                "nil",
		`"12abc".to_i + "3.5x".to_f`:                                 "15.5",
		`"0x1A".hex`:                                                 "26",
		`"ff".to_i(16)`:                                              "255",
		`255.to_s(2)`:                                                `"11111111"`,
		`Integer("42")`:                                              "42",
		`Integer("x") rescue -1`:                                     "-1",
		`begin; raise ArgumentError, "no"; rescue TypeError; 1; rescue => e; e.message; ensure; 5; end`: `"no"`,
		`if 1 > 2 then "a" elsif nil then "b" else "c" end`:                                             `"c"`,
		"x = 3\nx = 4 unless x == 3\nx":                                                                 "3",
		`case 5 when 1..3 then "low" when 4..6 then "mid" else "high" end`:                              `"mid"`,
		`case "abc" when /^b/ then 1 when /^a/ then 2 end`:                                              "2",
		`case 1.5 when Integer then "i" when Float then "f" end`:                                        `"f"`,
		`i = 0; while i < 10; i += 1; next if i.odd?; break if i > 6; end; i`:                           "8",
		`[1,2,3].each { |x| break x * 10 if x == 2 }`:                                                   "20",
		`(1..3).to_a + (1...3).to_a`:                                                                    "[1, 2, 3, 1, 2]",
		`(1..3).include?(2) and not false`:                                                              "true",
		`3.times.nil? rescue "block"`:                                                                   `"block"`,
		`s = "a"; s << "b"; s.concat("c"); s.upcase!; s`:                                                `"ABC"`,
		`h = {"s" => "x"}; h["s"] << "y"; h["s"]`:                                                       `"xy"`,
		`h = {}; h["l"] ||= []; h["l"] << 1 << 2; h`:                                                    `{"l"=>[1, 2]}`,
		`"%05.1f|%-4s|%+d|%x" % [3.14159, "ab", 5, 255]`:                                                `"003.1|ab  |+5|ff"`,
		`format("%02d:%02d", 5, 7)`:                                                                     `"05:07"`,
		`"a.b.c".tr(".", "_").delete("c")`:                                                              `"a_b_"`,
		`"title case".split.map(&:capitalize).join(" ")`:                                                `"Title Case"`,
		`[1, 2, 3, 4].each_slice(2).to_a`:                                                               "[[1, 2], [3, 4]]",
		`[1, 2, 3].each_with_index.nil? rescue 0`:                                                       "0",
		`[5, 6].each_with_object([]) { |x, acc| acc << x + 1 }`:                                         "[6, 7]",
		`[1, 2, 3, 4].partition { |x| x > 2 }`:                                                          "[[3, 4], [1, 2]]",
		`["b", "a"].min_by { |x| x }`:                                                                   `"a"`,
		`[1, "a", :b, nil, true, 1.5, {"k" => []}].inspect`:                                             `"[1, \"a\", :b, nil, true, 1.5, {\"k\"=>[]}]"`,
		`"é".length.to_s + "é".bytesize.to_s`:                                                           `"12"`,
		`"abc" <=> "abd"`:                                                                               "-1",
		`"a" == "a" && 1 == 1.0 && [1] == [1]`:                                                          "true",
		`defined?(zzz).nil?`:                                                                            "true",
		`Time.at(0).utc.strftime("%Y-%m-%dT%H:%M:%S.%LZ")`:                                              `"1970-01-01T00:00:00.000Z"`,
		`(Time.now - Time.at(0)).class`:                                                                 "Float",
		`Time.now.to_i`:                                                                                 "1709209845",
		`(Time.now + 60).min`:                                                                           "31",
		`Time.parse("2024-01-02 03:04:05 UTC").hour`:                                                    "3",
		`JSON.parse('{"a":[1,2.5,null]}')["a"]`:                                                         "[1, 2.5, nil]",
		`{"a"=>[1, nil, "x"]}.to_json`:                                                                  `"{\"a\":[1,null,\"x\"]}"`,
		`Digest::MD5.hexdigest("a")`:                                                                    `"0cc175b9c0f1b6a831c399e269772661"`,
		`Base64.strict_encode64("hi")`:                                                                  `"aGk="`,
		`ENV["NAME"] + (ENV["NOPE"] || "none")`:                                                         `"valuenone"`,
		`event.get("list").sort.first + event.get("map")["y"].to_s`:                                     `"a2"`,
		`event.get('message').downcase`:                                                                 `"hello world"`,
		`event.get("@timestamp").year`:                                                                  "2024",
		"event.get('list')\n  .map { |x| x.upcase }\n  # a note\n  .join('')":                           `"BAC"`,
		`l = ->(x, y = 2) { x + y }; l.call(1) + l.(1, 1)`:                                              "5",
		`x = [1, 2, 3]; x.delete_if { |v| v == 2 }; x`:                                                  "[1, 3]",
		`"a:b" .split ":"`:                                                                              `["a", "b"]`,
		`[1,2,3][-1] + [1,2,3].first(2).last`:                                                           "5",
		`x = 5; y = if x > 3 then :big else :small end; y.to_s`:                                         `"big"`,
		`"line1\nline2".lines.length`:                                                                   "2",
		`{a: 1}.transform_keys(&:to_s)`:                                                                 `{"a"=>1}`,
		`"CamelCase".gsub(/([A-Z])/) { "_" + $1.downcase }`:                                             `"_camel_case"`,
		`if "k=v" =~ /(\w)=(\w)/ then $2 + $1 end`:                                                      `"vk"`,
		`"foo bar".match(/(?<first>\w+)/)["first"]`:                                                     `"foo"`,
		`!!(1 && nil)`:                            "false",
		`[3, 1].max + [3, 1].min`:                 "4",
		`"x".nil? || "x".empty?`:                  "false",
		`5.between?(1, 10) && 5.clamp(1, 3) == 3`: "true",
		"def twice(x)\n  return 0 if x.nil?\n  x * 2\nend\ntwice(4) + twice(nil)": "8",
		`def fact(n); n < 2 ? 1 : n * fact(n - 1); end; fact(10)`:                 "3628800",
		`5.is_a?Integer and Hash(nil).empty?`:                                     "true",
		`return 7 if true; 8`:                                                     "7",
		`"abc".start_with?("ab") && "abc".end_with?("c", "z")`:                    "true",
		`"1.2.3.4".split(".").map(&:to_i).all? { |o| o.between?(0, 255) }`:        "true",
	} {
		v, err := run(t, code)
		if reason, ok := strings.CutPrefix(want, "error: "); ok {
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s: %v, want an error with %q", code, err, reason)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", code, err)
			continue
		}
		if got := inspect(v); got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
}

func TestWhatIsOutsideIsRefusedWithItsLine(t *testing.T) {
	for code, want := range map[string]string{
		"x = 1\nsystem('ls')":               `line 2 of the code: "system" is no variable and no function`,
		"File.read('/etc/passwd')":          "line 1 of the code: File is not supported",
		"x = 1\n\n`ls`":                     "line 3 of the code: running commands is not supported",
		"$x = 1":                            "global variables",
		"eval('1')":                         `"eval" is no variable`,
		"event.instance_eval { 1 }":         "the method instance_eval is not supported",
		"class X; end":                      `"class" is not supported`,
		"Kernel.exit":                       "the method exit is not supported",
		"if true\n  1\n":                    "expected end for what begins in line 1",
		"x = [1, 2":                         "expected ]",
		"'abc":                              "a text without its end",
		"event.get('a').each do |x|\n  x\n": "expected end",
		"/[/.match('x')":                    "regular expression",
		"Addressable::URI.parse('x')":       "Addressable::URI is not supported",
	} {
		if _, err := Compile(code, "event"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
}

func TestExceptionsAndLimits(t *testing.T) {
	for code, want := range map[string]string{
		"x = 1\nnil.length": "NoMethodError: undefined method 'length' for nil (line 2)",
		"1 + nil":           "TypeError: nil can't be coerced into Integer",
		"1 / 0":             "ZeroDivisionError: divided by 0",
		"raise 'boom'":      "RuntimeError: boom",
		`{}.fetch("x")`:     `KeyError: key not found: "x"`,
		`JSON.parse("{")`:   "JSON::ParserError",
		`"a" + 1`:           "TypeError: no implicit conversion of Integer into String",
	} {
		var e *Error
		if _, err := run(t, code); !errors.As(err, &e) || !strings.Contains(strings.ReplaceAll(err.Error(), "NilClass can't", "nil can't"), want) {
			t.Errorf("%s: %v, want %q", code, err, want)
		}
	}
	for _, code := range []string{
		"while true; end", "loop { }", `s = "x"; while true; s = s + s; end`, "a = []; while true; a << 1; end", `"x" * 100000000`,
		"f = ->(g) { g.call(g) }; f.call(f)", "def f(x); f(x); end; f(1)", "a = []; a << a; a.flatten", "a = []; a << a; a.inspect", "(1..1000000000).to_a",
		"h = {}; i = 0; while true; i += 1; h[i] = i; end", `begin; loop { }; rescue => e; 1; end`, `"x".ljust(999999999)`,
	} {
		start := time.Now()
		if v, err := run(t, code); !errors.Is(err, ErrLimit) {
			t.Errorf("%s: %v, %v, want the limit", code, v, err)
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %v", code, took)
		}
	}
}

func TestObjectKeepsItsVariables(t *testing.T) {
	init, err := Compile("@names = ['a', 'b']; @count = 0")
	if err != nil {
		t.Fatal(err)
	}
	code, err := Compile("@count += 1; event.set('cols', @names.zip(event.get('cols')).to_h); event.set('count', @count)", "event")
	if err != nil {
		t.Fatal(err)
	}
	o := NewObject(testHost{})
	if _, err := o.Run(init, nil); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		e := newTestEvent()
		if _, err := o.Run(code, map[string]any{"event": e}); err != nil {
			t.Fatal(err)
		}
		cols, _ := e.fields["cols"].(map[string]any)
		if cols["a"] != "1" || cols["b"] != "2" || e.fields["count"] != int64(i+1) {
			t.Errorf("run %d: %v", i, e.fields)
		}
	}
}

func FuzzRun(f *testing.F) {
	f.Add(`event.set("a", event.get("list").map { |x| x.upcase }.join("-")) if event.get("n") > 3`)
	f.Add(`map["n"] ||= 0; map["n"] += event.get("n").to_i; event.cancel`)
	f.Add("case event.get('message') when /(?<a>x)/ then 1 else %w[a b].zip([1,2]).to_h end")
	f.Add(`begin; a, *b = [1, 2]; raise "x"; rescue => e; "#{e.message} %05d" % 3; ensure; b << 1; end`)
	f.Add(`l = ->(x) { x.each_slice(2).to_a }; l.call((1..5).to_a).flatten.sum ** 2`)
	f.Fuzz(func(t *testing.T, code string) {
		p, err := Compile(code, "event", "map")
		if err != nil {
			return
		}
		_, _ = NewObject(testHost{}).Run(p, map[string]any{"event": newTestEvent(), "map": NewHash()})
	})
}

func BenchmarkCounter(b *testing.B) {
	p, err := Compile(`map['n'] ||= 0; map['n'] += event.get('n'); event.set('total', map['n'])`, "event", "map")
	if err != nil {
		b.Fatal(err)
	}
	o, m, e := NewObject(testHost{}), NewHash(), newTestEvent()
	for b.Loop() {
		if _, err := o.Run(p, map[string]any{"event": e, "map": m}); err != nil {
			b.Fatal(err)
		}
	}
}
