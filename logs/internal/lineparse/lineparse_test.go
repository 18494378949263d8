package lineparse_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/internal/lineparse"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/model"
)

func extractor() *lineparse.Extractor {
	x := lineparse.New("p:", 128)
	x.Reset(func(string) bool { return true })
	return x
}

// streamLabel is what no line has.
const streamLabel = "the_stream_itself"

// language returns what LogQL makes of a line.
type language map[logs.Format]*logql.Matcher

func newLanguage(t testing.TB) language {
	l := language{}
	for format, stage := range map[logs.Format]string{logs.JSON: "json", logs.Logfmt: "logfmt"} {
		e, err := logql.Parse(`{` + streamLabel + `="x"} | ` + stage)
		require.NoError(t, err)
		l[format], err = logql.NewMatcher(e.(*logql.LogExpr))
		require.NoError(t, err)
	}
	return l
}

func (l language) labels(format logs.Format, line string) (out model.Labels) {
	if format == logs.JSONNonEmpty {
		format = logs.JSON
	}
	stream := model.NewLabels(model.Label{Name: streamLabel, Value: "x"})
	ls, _, _ := l[format].Entry(stream, &model.LogEntry{Line: line})
	for _, x := range ls {
		if x.Name != streamLabel {
			out = append(out, model.Label{Name: strings.Clone(x.Name), Value: strings.Clone(x.Value)})
		}
	}
	return out
}

// check compares the fields of a line with its labels in the language.
func check(t testing.TB, x *lineparse.Extractor, l language, line string) logs.Format {
	format, fields := x.Extract(line)
	if format == logs.Raw {
		require.Empty(t, fields, "%q", line)
		return format
	}
	var got model.Labels
	for _, f := range fields {
		require.NotEmpty(t, f.Value, "%q", line)
		name, ok := strings.CutPrefix(f.Name, "p:")
		require.True(t, ok)
		got = append(got, model.Label{Name: name, Value: f.Value})
	}
	want := l.labels(format, line)
	nonEmpty := slices.DeleteFunc(slices.Clone(want), func(l model.Label) bool { return l.Value == "" })
	require.Equal(t, format == logs.JSONNonEmpty, len(nonEmpty) < len(want), "%q", line)
	if !slices.Equal(got, nonEmpty) {
		t.Fatalf("%q as %d:\nwant %s\ngot  %s", line, format, nonEmpty, got)
	}
	return format
}

// TestExtract shows what is kept and what is not.
func TestExtract(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 9) + "1" + strings.Repeat("}", 9)
	var many []string
	for i := range 65 {
		many = append(many, fmt.Sprintf(`"k%d":1`, i))
	}
	x, l := extractor(), newLanguage(t)
	for _, c := range []struct {
		line   string
		format logs.Format
		fields string
	}{
		{`{"level":"error","n":-1.5e3,"ok":true,"none":null,"list":[1,{"x":"]"}]}`, logs.JSON, `level=error n=-1.5e3 ok=true`},
		{` { "a" : { "b.c" : { "7" : "x" } , "@t" : 1 } } rest`, logs.JSON, `a__t=1 a_b_c_7=x`},
		{`{"msg":"a \"b\"\n\u00e9\ud83d\ude00\/","é":"ü"}`, logs.JSON, "_=ü msg=a \"b\"\né😀/"},
		{`{"9a":"1","":"no name"," ":"nor here","b":{"":"2"}}`, logs.JSON, `_9a=1 b=2`},
		{`{"a":"first","a":"second","b.c":"x","b":{"c":"y"}}`, logs.JSON, `a=first b_c=x`},
		{`{"a":"","b":"x"}`, logs.JSONNonEmpty, `b=x`},
		{`{"a":"","a":"x"}`, logs.JSONNonEmpty, ``},
		{`{}`, logs.JSON, ``},
		{`{"a":1`, logs.Raw, ``},
		{`{"a":1,}`, logs.Raw, ``},
		{`{"a":"\ud800"}`, logs.Raw, ``},
		{"{\"a\":\"\xff\"}", logs.Raw, ``},
		{"{\"a\":\"\ufffd\"}", logs.Raw, ``},
		{`{"a":{"b":[}],"c":1}}`, logs.Raw, ``},
		{`{"a":tru}`, logs.Raw, ``},
		{`{"__error__":"x"}`, logs.Raw, ``},
		{`[1]`, logs.Raw, ``},
		{deep, logs.Raw, ``},
		{`{` + strings.Join(many, ",") + `}`, logs.Raw, ``},
		{`{"` + strings.Repeat("n", 127) + `":1}`, logs.Raw, ``},
		{`{"a":"` + strings.Repeat("x", 8<<10) + `"}`, logs.JSON, `a=` + strings.Repeat("x", 8<<10)},
		{`{"a":"` + strings.Repeat("x", 8<<10+1) + `"}`, logs.Raw, ``},

		{`level=info ts=1 msg="a \"b\" c" caller=x.go:1`, logs.Logfmt, `caller=x.go:1 level=info msg=a "b" c ts=1`},
		{`a.b-c=1 a.b-c=2 url=/x?y=1 empty= quoted="" d="e"f=g`, logs.Logfmt, `a_b_c=1 d=e f=g`},
		{`a=1 b="it\'s" word "quoted`, logs.Logfmt, `a=1 b=it's`},
		{`a=1`, logs.Raw, ``},
		{`a=1 b=2 and then much more text`, logs.Raw, ``},
		{`text with a=1 b=2`, logs.Raw, ``},
		{`a=1 b="unterminated`, logs.Raw, ``},
		{`a=1 b=2 é=3`, logs.Raw, ``},
		{`10.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /?a=1&b=2 HTTP/1.1" 200 12 "-" "x"`, logs.Raw, ``},
		{``, logs.Raw, ``},
	} {
		assert.Equal(t, c.format, check(t, x, l, c.line), c.line)
		_, fields := x.Extract(c.line)
		var text []string
		for _, f := range fields {
			text = append(text, f.Name[len("p:"):]+"="+f.Value)
		}
		assert.Equal(t, c.fields, strings.Join(text, " "), c.line)
	}
}

// TestAdmit keeps lines with names that are not admitted without fields, and asks
// again in the next run.
func TestAdmit(t *testing.T) {
	x := lineparse.New("p:", 128)
	line := `{"a":1,"b":2}`
	for range 2 {
		x.Reset(func(name string) bool { return name == "a" })
		format, _ := x.Extract(line)
		assert.Equal(t, logs.Raw, format)
		x.Reset(func(string) bool { return true })
		format, fields := x.Extract(line)
		assert.Equal(t, logs.JSON, format)
		assert.Equal(t, []lineparse.Field{{Name: "p:a", Value: "1"}, {Name: "p:b", Value: "2"}}, fields)
	}
}

// TestManyKeys reads more keys than an extractor remembers.
func TestManyKeys(t *testing.T) {
	x, l := extractor(), newLanguage(t)
	for i := range 3000 {
		require.Equal(t, logs.JSON, check(t, x, l, fmt.Sprintf(`{"a%d":{"b%d":1,"c":2},"a%d":3}`, i, i*7, i/2)))
	}
}

// corpus is lines of real programs, and broken ones.
func corpus(t testing.TB) (lines []string) {
	f, err := os.Open("testdata/lines.txt")
	require.NoError(t, err)
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		lines = append(lines, sc.Text())
	}
	require.NotEmpty(t, lines)
	return lines
}

// TestRandomLines compares lines that are put together from pieces and damaged.
func TestRandomLines(t *testing.T) {
	x, l := extractor(), newLanguage(t)
	r := rand.New(rand.NewPCG(1, 2))
	lines := corpus(t)
	counts := map[logs.Format]int{}
	for range 60_000 {
		var line string
		switch r.IntN(4) {
		case 0:
			line = randomObject(r, 3)
		case 1:
			line = randomPairs(r)
		default:
			line = lines[r.IntN(len(lines))]
		}
		if r.IntN(2) == 0 {
			line = damage(r, line)
		}
		counts[check(t, x, l, line)]++
	}
	for f := logs.Raw; f <= logs.JSONNonEmpty; f++ {
		assert.Greater(t, counts[f], 1000, f)
	}
}

var pieces = []string{"a", "b", "a.b", "level", "9", "é", "", " ", `\"`, `\\`, `\n`, `\u00e9`, `\ud83d\ude00`, `\ud800`, "\xff", "\ufffd", "=", `"`, "{", "}", "[", "]", ",", ":", "x y", "__error__", "\t", "-", "_"}

func piece(r *rand.Rand) string { return pieces[r.IntN(len(pieces))] }

func randomObject(r *rand.Rand, depth int) string {
	var b strings.Builder
	b.WriteByte('{')
	for i := range r.IntN(6) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `"%s":`, pieces[r.IntN(16)])
		switch n := r.IntN(8); {
		case n == 0 && depth > 0:
			b.WriteString(randomObject(r, depth-1))
		case n == 1:
			b.WriteString([]string{"[]", "[1,[2]]", `["]",{"a":"}"}]`, "null", "true", "false"}[r.IntN(6)])
		case n == 2:
			text, _ := json.Marshal(r.NormFloat64())
			b.Write(text)
		default:
			fmt.Fprintf(&b, `"%s"`, pieces[r.IntN(13)])
		}
	}
	return b.String() + "}"
}

func randomPairs(r *rand.Rand) string {
	var b strings.Builder
	for range r.IntN(6) {
		switch r.IntN(8) {
		case 0:
			b.WriteString(piece(r))
		case 1, 2, 3:
			fmt.Fprintf(&b, `%s="%s%s"`, pieces[r.IntN(5)], piece(r), piece(r))
		default:
			fmt.Fprintf(&b, `%s=%s`, pieces[r.IntN(4)], pieces[r.IntN(6)])
		}
		if r.IntN(10) > 0 {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func damage(r *rand.Rand, line string) string {
	if line == "" {
		return line
	}
	at := r.IntN(len(line))
	switch r.IntN(4) {
	case 0:
		return line[:at]
	case 1:
		return line[:at] + piece(r) + line[at:]
	case 2:
		end := min(len(line), at+r.IntN(5))
		return line[:at] + line[end:]
	}
	return line[:at] + string(rune(r.IntN(256))) + line[at+1:]
}

// FuzzExtract wants fields to be the language's labels for any line.
func FuzzExtract(f *testing.F) {
	for _, line := range corpus(f) {
		f.Add(line)
	}
	x, l := extractor(), newLanguage(f)
	f.Fuzz(func(t *testing.T, line string) { check(t, x, l, line) })
}

// BenchmarkExtract reads a line of 250 bytes each time.
func BenchmarkExtract(b *testing.B) {
	for name, line := range map[string]string{
		"json":   `{"ts":"2026-11-26T10:00:00.123Z","level":"info","logger":"http.server","msg":"request done","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","http":{"method":"GET","path":"/api/v1/items/421","status":200},"duration_ms":12.75,"user":"anna","region":"eu-1"}`,
		"logfmt": `level=info ts=2026-11-21T03:04:05.123456Z caller=handler.go:117 msg="request done" method=GET path=/api/v1/items/421 status=200 duration=12ms trace_id=4bf92f3577b34da6a3ce929d0e0e4736 user=anna region=eu-1 component=http.server build=1.2.3-a`,
		"access": `10.0.0.1 - - [26/Nov/2026:10:00:00 +0000] "GET /api/v1/items?a=1&b=2 HTTP/1.1" 200 1234 "https://shop.example.com/" "Mozilla/5.0 (X11; Linux x86_64)"`,
		"prose":  `Nov 26 10:00:00 web-1 sshd[1234]: Accepted publickey for deploy from 10.0.0.1 port 51234 ssh2: ED25519 SHA256:abc`,
	} {
		b.Run(name, func(b *testing.B) {
			x := extractor()
			b.SetBytes(int64(len(line)))
			b.ReportAllocs()
			for b.Loop() {
				x.Extract(line)
			}
		})
	}
}
