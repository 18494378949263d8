package logstash

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
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

// FuzzDecodeJSON compares with encoding/json, and writes what was read.
func FuzzDecodeJSON(f *testing.F) {
	for _, s := range []string{steelLine, `[{"a":[1,-2.5e3,true,null,"\u00e9\ud83d\ude00\n"]},"",0]`, `1e999`, `"\ud800"`, `{"a":1,"a":2}`, "\"\x01\"", `01`, `9223372036854775808`, strings.Repeat("[", 300)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		v, err := DecodeJSON(text)
		var want any
		wantErr := json.Unmarshal([]byte(text), &want)
		if err != nil {
			if wantErr == nil && strings.Count(text, "[")+strings.Count(text, "{") <= maxJSONDepth && !strings.Contains(err.Error(), "too large") {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if wantErr != nil {
			t.Fatalf("%q is read, encoding/json says %v", text, wantErr)
		}
		out := AppendJSON(nil, v)
		var written any
		if err := json.Unmarshal(out, &written); err != nil {
			t.Fatalf("%q is written as %s: %v", text, out, err)
		}
		if utf8.ValidString(text) && !reflect.DeepEqual(written, want) {
			t.Fatalf("%q: got %v, want %v", text, written, want)
		}
		again, err := DecodeJSON(string(out))
		if err != nil || string(AppendJSON(nil, again)) != string(out) {
			t.Fatalf("%s reads back as %v, error %v", out, again, err)
		}
	})
}
