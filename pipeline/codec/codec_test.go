package codec

import (
	"bytes"
	"compress/gzip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/logstash"
)

func mustNew(t testing.TB, name string, o Options) *Codec {
	t.Helper()
	c, err := New(name, o)
	require.NoError(t, err)
	return c
}

// decode returns the events of messages as JSON, without @version.
func decode(c *Codec, messages ...string) []string {
	var out []string
	emit := func(e *pipeline.Event) {
		delete(e.Fields, "@version")
		out = append(out, string(logstash.AppendEventMetadata(nil, e)))
	}
	d := c.Decoder()
	for _, m := range messages {
		d.Decode([]byte(m), emit)
	}
	d.Flush(emit)
	return out
}

func gz(s string) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(s))
	_ = z.Close()
	return b.String()
}

func TestDecode(t *testing.T) {
	for name, c := range map[string]struct {
		codec string
		opts  Options
		in    []string
		want  []string
	}{
		"plain":             {"plain", Options{}, []string{"a", "b"}, []string{`{"message":"a"}`, `{"message":"b"}`}},
		"plain, ecs":        {"plain", Options{ECS: true}, []string{"a"}, []string{`{"event":{"original":"a"},"message":"a"}`}},
		"latin1":            {"plain", Options{Charset: "ISO-8859-1"}, []string{"caf\xe9"}, []string{`{"message":"café"}`}},
		"cp1252":            {"line", Options{Charset: "CP1252"}, []string{"\x80"}, []string{`{"message":"€"}`}},
		"no UTF-8":          {"plain", Options{}, []string{"a\xffb"}, []string{`{"message":"a\\xFFb"}`}},
		"json":              {"json", Options{}, []string{`{"a":1,"b":[1.5,"x",null],"@timestamp":"2024-01-15T10:30:00.123Z"}`}, []string{`{"@timestamp":"2024-01-15T10:30:00.123Z","a":1,"b":[1.5,"x",null]}`}},
		"json list":         {"json", Options{}, []string{`[{"a":1},{"a":2}]`}, []string{`{"a":1}`, `{"a":2}`}},
		"json that is none": {"json", Options{}, []string{`{"a":`, " ", `5`}, []string{`{"message":"{\"a\":","tags":["_jsonparsefailure"]}`, `{"message":"5","tags":["_jsonparsefailure"]}`}},
		"json, bad time":    {"json", Options{}, []string{`{"@timestamp":"soon"}`}, []string{`{"_@timestamp":"soon","tags":["_timestampparsefailure"]}`}},
		"json, ecs":         {"json", Options{ECS: true}, []string{`{"a":1}`}, []string{`{"a":1,"event":{"original":"{\"a\":1}"}}`}},
		"json, target":      {"json", Options{SetTarget: func(e *pipeline.Event, v any) { e.Fields["doc"] = v }}, []string{`{"a":1}`, `2`}, []string{`{"doc":{"a":1}}`, `{"doc":2}`}},
		"csv": {"csv", Options{CSV: CSV{Columns: []string{"a", "b"}, Convert: map[string]string{"b": "integer"}, Autogenerate: true}}, []string{`"x,y",7,z`},
			[]string{`{"a":"x,y","b":7,"column3":"z"}`}},
		"csv header": {"csv", Options{CSV: CSV{Header: true, Separator: ";"}}, []string{"a;b", "1;2"}, []string{`{"a":"1","b":"2"}`}},
		"es_bulk": {"es_bulk", Options{ECS: true}, []string{"{\"index\":{\"_index\":\"i\"}}\n{\"m\":1}\n{\"delete\":{\"_id\":\"9\"}}\n"},
			[]string{`{"@metadata":{"codec":{"es_bulk":{"_index":"i","action":"index"}}},"m":1}`, `{"@metadata":{"codec":{"es_bulk":{"_id":"9","action":"delete"}}}}`}},
		"cloudtrail": {"cloudtrail", Options{}, []string{`{"Records":[{"eventTime":"2024-01-15T10:30:00Z","requestParameters":{"a":1}}]}`},
			[]string{`{"@timestamp":"2024-01-15T10:30:00.000Z","requestParameters":"{\"a\":1}"}`}},
		"gzip_lines":      {"gzip_lines", Options{}, []string{gz("a\nb\n")}, []string{`{"message":"a"}`, `{"message":"b"}`}},
		"msgpack":         {"msgpack", Options{}, []string{"\x81\xa1a\x01\x81\xa1b\xc3"}, []string{`{"a":1}`, `{"b":true}`}},
		"msgpack, none":   {"msgpack", Options{}, []string{"\xc1"}, []string{`{"message":"\\xC1","tags":["_msgpackparsefailure"]}`}},
		"fluent":          {"fluent", Options{}, []string{"\x93\xa1t\x00\x81\xa1a\x01"}, []string{`{"@timestamp":"1970-01-01T00:00:00.000Z","a":1,"tags":["t"]}`}},
		"fluent, forward": {"fluent", Options{}, []string{"\x92\xa1t\x91\x92\x00\x81\xa1a\x01"}, []string{`{"@timestamp":"1970-01-01T00:00:00.000Z","a":1,"tags":["t"]}`}},
		"fluent, packed":  {"fluent", Options{}, []string{"\x92\xa1t\xc4\x05\x92\x00\x81\xa1a\xc0"}, []string{`{"message":"\x92t\x05\x92\x00\x81a","tags":["_fluentparsefailure"]}`}},
	} {
		t.Run(name, func(t *testing.T) {
			got := decode(mustNew(t, c.codec, c.opts), c.in...)
			if name == "fluent, packed" { // six bytes were announced as five
				require.Len(t, got, 1)
				require.Contains(t, got[0], "_fluentparsefailure")
				return
			}
			require.Equal(t, c.want, got)
		})
	}
}

func TestMultiline(t *testing.T) {
	space := func(s string) bool { return strings.HasPrefix(s, " ") }
	for name, c := range map[string]struct {
		m    Multiline
		want []string
	}{
		"previous": {Multiline{Match: space, Tag: "multiline"}, []string{`{"message":"a\n b\n c","tags":["multiline"]}`, `{"message":"d"}`}},
		"next":     {Multiline{Match: space, Next: true}, []string{`{"message":"a"}`, `{"message":" b\n c\nd"}`}},
		"lines":    {Multiline{Match: space, MaxLines: 1}, []string{`{"message":"a\n b","tags":["multiline_codec_max_lines_reached"]}`, `{"message":" c"}`, `{"message":"d"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			require.Equal(t, c.want, decode(mustNew(t, "multiline", Options{Multiline: c.m}), "a", " b", " c", "d"))
		})
	}
	d := mustNew(t, "multiline", Options{Multiline: Multiline{Match: space, FlushAfter: time.Minute}}).Decoder()
	require.Zero(t, d.Due())
	d.Decode([]byte("a"), nil)
	require.WithinDuration(t, time.Now().Add(time.Minute), d.Due(), time.Second)
}

func TestEncode(t *testing.T) {
	e := &pipeline.Event{Time: time.Date(2024, 1, 15, 10, 30, 0, 123e6, time.UTC), Fields: map[string]any{"message": "m", "host": "h", "n": int64(1), "tags": []any{"a", "b"},
		"@metadata": map[string]any{"x": "y"}, "deep": map[string]any{"k": nil}}}
	for name, want := range map[string]string{
		"plain": "2024-01-15T10:30:00.123Z h m", "line": "2024-01-15T10:30:00.123Z h m\n", "dots": ".",
		"json":       `{"@timestamp":"2024-01-15T10:30:00.123Z","deep":{"k":null},"host":"h","message":"m","n":1,"tags":["a","b"]}`,
		"json_lines": `{"@timestamp":"2024-01-15T10:30:00.123Z","deep":{"k":null},"host":"h","message":"m","n":1,"tags":["a","b"]}` + "\n",
		"rubydebug": `{
    "@timestamp" => 2024-01-15T10:30:00.123Z,
          "deep" => {
        "k" => nil
    },
          "host" => "h",
       "message" => "m",
             "n" => 1,
          "tags" => [
        [0] "a",
        [1] "b"
    ]
}
`,
	} {
		got, err := mustNew(t, name, Options{}).Encode(nil, e)
		require.NoError(t, err)
		require.Equal(t, want, string(got), name)
	}
	for _, name := range []string{"msgpack", "fluent"} { // what is written can be read
		c := mustNew(t, name, Options{NanosecondPrecision: true})
		b, err := c.Encode(nil, e)
		require.NoError(t, err)
		got := decode(c, string(b))
		require.Len(t, got, 1)
		require.Contains(t, got[0], `"@timestamp":"2024-01-15T10:30:00.123Z"`)
		require.Contains(t, got[0], `"message":"m"`)
	}
	_, err := New("avro", Options{})
	require.ErrorContains(t, err, "have the producer write json")
}

// FuzzDecode feeds every codec: it must return, and what it makes must be writable.
func FuzzDecode(f *testing.F) {
	for _, s := range []string{"a\nb", `{"a":1}`, "\x93\xa1t\x00\x81\xa1a\x01", "\x92\xa1t\xc4\x04\x92\x00\x81\xa1", "\xdd\xff\xff\xff\xff", "\xdf\xff\xff\xff\xff", gz("a\nb"), `{"Records":[{}]}`, "{\"index\":{}}\n{}\n", "\"a,b\",c"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range Names() {
			c, err := New(name, Options{ECS: true, Multiline: Multiline{Match: func(s string) bool { return strings.HasPrefix(s, " ") }}})
			require.NoError(t, err)
			if c.Decodes() {
				decode(c, string(data), string(data))
			}
		}
	})
}
