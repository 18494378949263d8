package promtail

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/pipeline"
)

// Whatever lines two streams have, each ends in one event, and what a runtime cut
// comes out whole.
func FuzzCRI(f *testing.F) {
	f.Add("2026-07-01T10:00:00.1Z stdout P a\n2026-07-01T10:00:00.2Z stderr P b\n2026-07-01T10:00:00.3Z stdout F c")
	f.Add("2026-07-01T10:00:00.1Z stdout F \nplain\n x stdout F")
	f.Fuzz(func(t *testing.T, text string) {
		chain := compile(t, "- cri: {max_partial_lines: 2}", Env{})
		var out collected
		sent := 0
		for i, line := range strings.Split(text, "\n") {
			e := event(line, "pod", string(rune('a'+i%2)))
			sent++
			chain.Process(e, &out)
		}
		chain.Flush(time.Now(), true, &out)
		ended, length := 0, 0
		for _, e := range out.events {
			ended += len(e.Origins)
			length += len(e.Line)
		}
		if ended != sent || length > len(text) {
			t.Fatalf("%d lines ended of %d, %d bytes of %d", ended, sent, length, len(text))
		}
	})
}

// The docker stage reads what encoding/json reads.
func FuzzDocker(f *testing.F) {
	f.Add(`{"log":"log message\n","stream":"stderr","time":"2019-04-30T02:12:41.8443515Z"}`)
	f.Add(`{"log":"a","log":"b\u00e4","stream":null}`)
	f.Add(`{"log":{"a":[1,2.50,true,null,"<"]},"stream":1e3}`)
	f.Add(`[{"log":"x"}]`)
	f.Fuzz(func(t *testing.T, line string) {
		if strings.Contains(line, `\u`) || !utf8.ValidString(line) {
			t.Skip("halves of surrogate pairs and bytes that are no text stay as they are")
		}
		chain := compile(t, "- docker:", Env{})
		var out collected
		chain.Process(event(line), &out)
		var want map[string]any
		if json.Unmarshal([]byte(line), &want) != nil {
			if got := out.events[0]; got.Line != line || len(got.Fields) != 0 {
				t.Fatalf("what is no object became %q, %v", got.Line, got.Fields)
			}
			return
		}
		expected := map[string]any{}
		setFound(expected, "output", want["log"])
		setFound(expected, "stream", want["stream"])
		for name, v := range expected {
			if got := out.events[0].Fields[name]; got != v {
				t.Fatalf("%s of %s is %#v, want %#v", name, line, got, v)
			}
		}
	})
}

// No configuration and no line may crash a stage.
func FuzzStages(f *testing.F) {
	for _, stages := range []string{
		"- json: {expressions: {a: 'b[*].c | [0]', d: '\"e f\".g'}}",
		"- regex: {expression: '(?P<a>.)(b)?'}\n- replace: {expression: '(.)', replace: '{{ .Value }}{{ .a }}'}",
		"- template: {source: a, template: '{{ range until 3 }}{{ $.Entry | trunc 3 }}{{ end }}'}\n- output: {source: a}",
		"- match: {selector: '{pod=~\"a|b\"} |= `x`', stages: [{pack: {labels: [pod]}}]}",
		"- logfmt: {mapping: {a: b}}\n- labels: {a: }\n- metrics: {n: {type: histogram, source: a}}",
		"- eventlogmessage: {source: pod}\n- drop: {source: [a, b], expression: x}\n- decolorize:",
	} {
		f.Add(stages, "line x=1 b=\"y\"\n{\"b\":[{\"c\":1}]}")
	}
	f.Fuzz(func(t *testing.T, stages, text string) {
		if strings.Contains(stages, "limit") || strings.Contains(stages, "geoip") || len(stages) > 2000 {
			t.Skip("would wait, or open files")
		}
		var document yaml.Node
		if yaml.Unmarshal([]byte(stages), &document) != nil || len(document.Content) == 0 {
			return
		}
		chain, err := Compile(document.Content[0], Env{})
		if err != nil {
			return
		}
		var out collected
		for line := range strings.SplitSeq(text, "\n") {
			chain.Process(event(line, "pod", "a"), &out)
		}
		chain.Flush(time.Now(), true, &out)
		ended := 0
		for _, e := range out.events {
			ended += len(e.Origins)
		}
		if want := strings.Count(text, "\n") + 1; ended != want {
			t.Fatalf("%d lines ended in an event, want %d", ended, want)
		}
	})
}

var _ pipeline.Output = (*collected)(nil)
