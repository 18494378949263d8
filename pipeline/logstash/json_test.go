package logstash

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestDecodeJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":[1,-2.5e3,true,null,"x\u00e9\ud83d\ude00\n"],"a2":{}}`: `{"a":[1,-2500.0,true,null,"xé😀\n"],"a2":{}}`,
		` 12345678901234567890 `:                                     `1.2345678901234567E19`, `"\ud800x"`: "\"\uFFFDx\"", `{"k":1,"k":2}`: `{"k":2}`, `1.0`: `1.0`,
	} {
		v, err := DecodeJSON(text)
		if got := string(AppendJSON(nil, v)); err != nil || got != want {
			t.Errorf("%s is %s, error %v, want %s", text, got, err, want)
		}
	}
	for _, bad := range []string{"", "{", `{"a"}`, `{"a":1,}`, "[1,]", "01", "1.", "-", "nul", `"a`, "\"\n\"", `"\x"`, "1 2", "1e999", strings.Repeat("[", 300) + strings.Repeat("]", 300)} {
		if v, err := DecodeJSON(bad); err == nil {
			t.Errorf("%q is taken for %v", bad, v)
		}
	}
}

func FuzzDecodeJSON(f *testing.F) {
	f.Add(steelLine)
	f.Add(`[{"a":[1,-2.5e3,true,null,"\u00e9\ud83d\ude00"]},"",0]`)
	f.Fuzz(func(t *testing.T, text string) {
		v, err := DecodeJSON(text)
		if err != nil {
			return
		}
		if !json.Valid([]byte(text)) {
			t.Fatalf("%q is no JSON and is taken", text)
		}
		out := AppendJSON(nil, v)
		if !json.Valid(out) {
			t.Fatalf("%q is written as %s", text, out)
		}
		again, err := DecodeJSON(string(out))
		if err != nil || string(AppendJSON(nil, again)) != string(out) {
			t.Fatalf("%s reads back as %v, error %v", out, again, err)
		}
	})
}
