package redact

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pharosd/pharos/internal/strictyaml"
)

func rules(t testing.TB, rs ...Rule) *Rules {
	t.Helper()
	r, err := Compile(Config{Rules: rs})
	if err != nil {
		t.Fatal(err)
	}
	return r.WithKey([]byte("a key of the tests"))
}

func builtIn(t testing.TB) *Rules {
	return rules(t, Rule{Type: Token}, Rule{Type: Email}, Rule{Type: Card})
}

// Each case is a line and what is left; # stands for a mask of the rule. A line alone
// is left as it is.
func TestFinds(t *testing.T) {
	for rule, cases := range map[string][][2]string{
		Email: {
			{"user john.doe+tag@example.com logged in", "user # logged in"},
			{"<a@b.co>, c_d%e@sub.example.co.uk.", "<#>, #."},
			{`{"mail":"john@example.com","x":1}`, `{"mail":"#","x":1}`},
			{`{"m":"a\njohn@example.com\tb"}`, `{"m":"a\n#\tb"}`},
			{"jürgen@müller.example", "#"},
			{"a@b.com;c@d.org", "#;#"},
			{"a@b.com@c.com", "#@c.com"},
			{"name@xn--bcher-kva.xn--p1ai", "#"},
			{"-.-x@example.com", "-.-#"},
			{"root@localhost, @handle, a@b, a@.com, a@b..com, x@1.2.3.4, react@18.2.0 @ @"},
		},
		Card: {
			{"pan 4111111111111111 ok", "pan # ok"},
			{"4111 1111 1111 1111", "#"},
			{"4111-1111-1111-1111,5500-0055-5555-5559", "#,#"},
			{"amex 3782 822463 10005 and 378282246310005.", "amex # and #."},
			{"13 digits 4222222222222, 19 digits 6304000000000000000", "13 digits #, 19 digits #"},
			{"order 12 4111 1111 1111 1111 exp 12", "order 12 # exp 12"},
			{`{"card":"4012888888881881"}`, `{"card":"#"}`},
			{`\n4111111111111111\n`, `\n#\n`},
			{`{"pan": 4111111111111111, "m":"a: 4111111111111111, b"}`, `{"pan": "#", "m":"a: #, b"}`},
			{`[ {"a\"":[4111111111111111,4111111111111111]}]`, `[ {"a\"":["#","#"]}]`},
			{`[x] "a" 4111111111111111`, `[x] "a" #`},
			{"mastercard 2223000048400011, discover 6011111111111117, jcb 3530111333300000", "mastercard #, discover #, jcb #"},
			{"diners 36227206271667, mir 2200000000000004, unionpay 6200000000000005", "diners #, mir #, unionpay #"},
			{"wrong check digit 4111111111111112"},
			{"no length of a Visa 41111111111111113, nor of an Amex 3782822463100045"},
			{"within words x4111111111111111 4111111111111111x @4111111111111111c85ba04 id_4111111111111111"},
			{"too long 41111111111111111111111"},
			{"nanoseconds 1562708916000000123 1562708916000000000 1562708916000000008"},
			{"a fraction 0.4111111111111111"},
			{"a date 2026-07-01 10-00-00 4111 and 12 34 56 78 90 12 34"},
			{"410 411 412 413 414 415 416"},
			{"0000000000000000"},
			{"411111111111"},
		},
		Token: {
			{"Authorization: Bearer abcDEF123.456-789_x=", "Authorization: Bearer #"},
			{"authorization: Basic dXNlcjpwYXNz, next", "authorization: Basic #, next"},
			{`curl -H "X-Api-Key: 12ab" http://x`, `curl -H "X-Api-Key: #" http://x`},
			{"sent bearer 0123456789abcdef to peer", "sent bearer # to peer"},
			{"jwt eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U end", "jwt # end"},
			{"unsigned eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.", "unsigned #"},
			{"key AKIAIOSFODNN7EXAMPLE, ASIAIOSFODNN7EXAMPLE", "key #, #"},
			{"gh" + "p_abcdefghijklmnopqrstuvwxyz0123456789 github_pat_11ABCDEFG0123456789_abcdefghij", "# #"},
			{"xox" + "b-123456789012-abcdefghij https://hooks.slack.com/services/T000/B000/XXXX ok", "# https://hooks.slack.com/services/# ok"},
			{"sk" + "_live_abcdefghijklmnop rk" + "_test_abcdefghij1234 glpat" + "-abcdefghij0123456789", "# # #"},
			{"sk-" + "proj-abcdefghijklmnopqrst SG.abcdefghijklmnopqr.abcdefghijklmnopqrstuvw AIza" + "SyA-abcdefghijklmnopqrstuvwxyz012345", "# # #"},
			{`{"log":"a\nsk-` + `abcdefghijklmnopqrstuv"}`, `{"log":"a\n#"}`},
			{"postgres://app:s3cr%21t@db.internal:5432/x?sslmode=off", "postgres://app:#@db.internal:5432/x?sslmode=off"},
			{"redis://:pw@host amqp://u:p@ss@host/", "redis://:#@host amqp://u:#@host/"},
			{"GET /login?user=a&password=hunter2&x=1 200", "GET /login?user=a&password=#&x=1 200"},
			{"GET /s3?X-Amz-Signature=abc123&access_token=zzz HTTP/1.1", "GET /s3?X-Amz-Signature=#&access_token=# HTTP/1.1"},
			{`level=info DB_PASSWORD="two words" api_key='x' done`, `level=info DB_PASSWORD="#" api_key='#' done`},
			{`{"user":"u","Password":"p\"q","apiKey" : "k"}`, `{"user":"u","Password":"#","apiKey" : "#"}`},
			{`{"body":"{\"client_secret\":\"abc\",\"n\":1}"}`, `{"body":"{\"client_secret\":\"#\",\"n\":1}"}`},
			{"password: hunter2", "password: #"},
			{"password = hunter2, secret =x", "password = #, secret =#"},
			{"Cookie: a=1; session=2\nHost: x", "Cookie: #\nHost: x"},
			{"-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY----- x", "-----BEGIN RSA PRIVATE KEY-----#-----END RSA PRIVATE KEY----- x"},
			{`"-----BEGIN PRIVATE KEY-----\nMII`, `"-----BEGIN PRIVATE KEY-----#`},
			{"(password=p(a)s[s]#w|ord!$) x [token=abc] {secret: def}", "(password=#) x [token=#] {secret: #}"},
			{"sudo: root : PWD=/root/x ; pwd=/a token=[a] secret: {"},
			{"password= next, token=, bearer certificates, a bearer of bad news"},
			{`{"token":5,"secret":null,"password":["a"],"passwords":"x"}`},
			{"http://host/path:x@y https://user@host/ mailto:x"},
			{"max_tokens=5 tokenizer=x desk-abcdefghijklmnopqrstuvwxyz Xeyjabc eyJx.y eyJhbGciOiJub25lIn0"},
			{"-----BEGIN CERTIFICATE-----\nMII"},
			{"AKIAIOSFODNN7 AKIAIOSFODNN7EXAMPLETOOLONG sk_live_x"},
		},
	} {
		r := rules(t, Rule{Type: rule})
		for _, c := range cases {
			want := c[1]
			if want == "" {
				want = c[0]
			}
			want = strings.ReplaceAll(want, "#", "[redacted:"+rule+"]")
			counts := make([]int, 1)
			got := r.Text(c[0], counts)
			if got != want {
				t.Errorf("%s:\n%s\nbecame\n%s\nwant\n%s", rule, c[0], got, want)
			}
			if finds := strings.Count(c[1], "#"); counts[0] != finds {
				t.Errorf("%s: %d finds in %q, want %d", rule, counts[0], c[0], finds)
			}
		}
	}
}

func TestExpressions(t *testing.T) {
	r := rules(t,
		Rule{Type: Expression, Name: "customer", Expression: `customer=(\d+)(?: (x))?`},
		Rule{Type: Expression, Name: "iban", Expression: `\bDE\d{20}\b`},
		Rule{Type: Expression, Name: "nested", Expression: `(a(b)c)d`},
		Rule{Type: Expression, Name: "word", Expression: `(?i)hidden`},
		Rule{Type: Email, Name: "mail", Action: Hash},
	)
	counts := make([]int, 5)
	got := r.Text("customer=12 x DE02120300000000202051 abcd HIDDEN customer=x a@b.co", counts)
	want := "customer=[redacted:customer] [redacted:customer] [redacted:iban] [redacted:nested]d [redacted:word] customer=x "
	if !strings.HasPrefix(got, want) || !slices.Equal(counts, []int{2, 1, 1, 1, 1}) {
		t.Errorf("%s, %v, want\n%s", got, counts, want)
	}
	if names := r.Names(); !slices.Equal(names, []string{"customer", "iban", "nested", "word", "mail"}) {
		t.Errorf("names %v", names)
	}
}

func TestRequiredLiteral(t *testing.T) {
	for expression, want := range map[string]string{
		`customer=(\d+)`: "customer=", `a|bcd`: "", `(?i)secret`: "", `(foo)+x*`: "foo", `x?barbaz{2,}y{0,3}`: "barba",
		`\d{4}`: "", `^ab.*cde$`: "cde",
	} {
		if got := requiredLiteral(expression); got != want {
			t.Errorf("requiredLiteral(%s) is %q, want %q", expression, got, want)
		}
	}
}

func TestHashes(t *testing.T) {
	r := rules(t, Rule{Type: Email, Action: Hash}, Rule{Type: Card, Action: Hash})
	text := func(r *Rules, s string) string { return r.Text(s, make([]int, 2)) }
	a, b := text(r, "John@Example.com"), text(r, "john@example.com")
	if a != b || len(a) != len("[email:]")+12 || strings.Contains(strings.ToLower(a), "john") {
		t.Errorf("hashes %s and %s of one address", a, b)
	}
	if a, b := text(r, "4111 1111 1111 1111"), text(r, "4111111111111111"); a != b {
		t.Errorf("hashes %s and %s of one card", a, b)
	}
	if a == text(r, "jane@example.com") || a == text(r.WithKey([]byte("another")), "john@example.com") {
		t.Error("another value, or another key, has the same hash")
	}
	// Hashes have digits; a card rule behind must not take them for a card.
	for i := range 5000 {
		counts := make([]int, 2)
		r.Text(fmt.Sprintf("u%d@example.com u@x%d.example.com", i, i), counts)
		if counts[1] != 0 {
			t.Fatalf("hashes of %d became a card", i)
		}
	}
}

func TestValuesOfTellingNames(t *testing.T) {
	r := builtIn(t)
	for name, want := range map[string]string{
		"password": "[redacted:token]", "http.request.header.x-api-key": "[redacted:token]", "DB_PASSWD": "[redacted:token]",
		"user": "hunter2", "": "hunter2", "passwords": "hunter2",
	} {
		if got := r.Value(name, "hunter2", make([]int, 3)); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	if got := r.Value("password", "", make([]int, 3)); got != "" {
		t.Errorf("nothing became %q", got)
	}
	if got := rules(t, Rule{Type: Email}).Value("password", "hunter2", make([]int, 1)); got != "hunter2" {
		t.Errorf("without a token rule: %q", got)
	}
}

func TestValidate(t *testing.T) {
	err := Config{Rules: []Rule{
		{Type: "emial"}, {Type: Expression}, {Type: Expression, Name: "x", Expression: "("}, {Type: Expression, Name: "Y", Expression: "a*"},
		{Type: Card, Expression: "x", Action: "hsh"}, {Type: Card}, {Type: Email, Name: strings.Repeat("a", 41)},
	}}.Validate()
	var got []string
	for _, e := range err.(interface{ Unwrap() []error }).Unwrap() {
		var k *strictyaml.KeyError
		if !errors.As(e, &k) {
			t.Fatalf("no key: %v", e)
		}
		got = append(got, k.Key)
	}
	want := []string{"rules[0].type", "rules[1].expression", "rules[1].name", "rules[2].expression", "rules[3].expression", "rules[3].name",
		"rules[4].expression", "rules[4].action", "rules[5].name", "rules[6].name"}
	if !slices.Equal(got, want) {
		t.Errorf("problems of %v, want %v", got, want)
	}
	if err := (Config{Rules: make([]Rule, MaxRules+1)}).Validate(); err == nil {
		t.Error("any number of rules")
	}
}

// What is JSON stays JSON, nothing is found a second time, and no find is left.
func FuzzText(f *testing.F) {
	f.Add(`{"password":"a","m":"x\njohn@example.com 4111 1111 1111 1111 \u00e9a@b.co"}`)
	f.Add(`{"a":"{\"token\":\"x\\\"y\"}","u":"http://a:b@c/?secret=d"}`)
	f.Add("Authorization: Basic abc\nCookie: a=b; c=d eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0. -----BEGIN PRIVATE KEY-----x")
	f.Add("sk" + "_live_abcdefghijklmnop=AKIAIOSFODNN7EXAMPLE@example.com")
	f.Fuzz(func(t *testing.T, s string) {
		r := builtIn(t)
		counts := make([]int, 3)
		once := r.Text(s, counts)
		if slices.Equal(counts, []int{0, 0, 0}) != (once == s) {
			t.Fatalf("counts %v of %q", counts, once)
		}
		if s != "" && (s[0] == '{' || strings.HasPrefix(s, "[{")) && json.Valid([]byte(s)) && !json.Valid([]byte(once)) {
			t.Fatalf("JSON %s became %s", s, once)
		}
	})
}

func BenchmarkText(b *testing.B) {
	for _, c := range []struct{ name, line string }{
		{"plain", "2026-07-01 10:00:00 request served by node seven in 12 ms, 200 OK, /api/v1/orders/42 from the cache"},
		{"json", `{"level":"info","ts":"2026-07-01T10:00:00.123456789Z","caller":"http/server.go:88","msg":"request served","path":"/api/v1/orders/42","status":200,"duration_ms":12.7,"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}`},
		{"logfmt", `ts=2026-07-01T10:00:00.123456789Z level=info component=ingester msg="flush done" streams=128 bytes=92811 took=12.7ms`},
		{"finds", `user john@example.com paid with 4111 1111 1111 1111, Authorization: Bearer 0123456789abcdef`},
	} {
		for _, kind := range []string{"all", Email, Card, Token} {
			b.Run(c.name+"/"+kind, func(b *testing.B) {
				r := builtIn(b)
				if kind != "all" {
					r = rules(b, Rule{Type: kind})
				}
				counts := make([]int, 3)
				b.ReportAllocs()
				b.SetBytes(int64(len(c.line)))
				for b.Loop() {
					r.Text(c.line, counts)
				}
			})
		}
	}
}
