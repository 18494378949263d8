package logstash

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// The scripts in testdata/scripts are cases of
//
//	=== name
//	--- config
//	filter { ... }
//	--- events
//	{"message": "one event a line"}
//	--- expect
//	{"message":"what comes out, a line each, keys sorted; DROP for an event that is dropped"}
//
// or, in place of events and expect, --- error with lines that the problems must have.
// Lines that begin with # in front of the first case are notes. scriptTime is now and an
// event's @timestamp when it has none; it and an @version of "1" are left out of what is
// compared. @metadata is in it.
var scriptTime = time.Date(2024, 2, 29, 12, 30, 45, 123_000_000, time.UTC)

type scriptCase struct {
	name     string
	sections map[string]string
}

func readScript(t testing.TB, file string) []scriptCase {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var cases []scriptCase
	section := ""
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "=== "); ok {
			cases = append(cases, scriptCase{strings.TrimSpace(name), map[string]string{}})
			section = ""
			continue
		}
		if name, ok := strings.CutPrefix(line, "--- "); ok {
			section = strings.TrimSpace(name)
			cases[len(cases)-1].sections[section] = ""
			continue
		}
		if section != "" {
			cases[len(cases)-1].sections[section] += line
		}
	}
	return cases
}

func TestScripts(t *testing.T) {
	files, err := filepath.Glob("testdata/scripts/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		for _, c := range readScript(t, file) {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".txt")+"/"+c.name, func(t *testing.T) { runScript(t, c) })
		}
	}
}

func runScript(t *testing.T, c scriptCase) {
	now := scriptTime
	o := Options{Now: func() time.Time { return now }, Lookup: func(name string) (string, bool) {
		v, ok := map[string]string{"NAME": "value", "LIST": `["a", 'b']`, "EMPTY": ""}[name]
		return v, ok
	}}
	p, err := Compile([]Source{{"testdata/x.conf", c.sections["config"]}}, o)
	if want, ok := c.sections["error"]; ok {
		for line := range strings.Lines(want) {
			if err == nil || !strings.Contains(err.Error(), strings.TrimSpace(line)) {
				t.Errorf("error is\n%v\nwant %s", err, line)
			}
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	chain, err := p.NewFilters(0, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer chain.Close()
	var got scriptOutput
	for line := range strings.Lines(c.sections["events"]) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		v, err := DecodeJSON(line)
		if err != nil {
			t.Fatal(err)
		}
		chain.Process(NewEvent(v.(map[string]any), now), &got)
	}
	chain.Flush(now.Add(time.Hour), true, &got)
	if want := strings.TrimSpace(c.sections["expect"]); strings.TrimSpace(got.String()) != want {
		t.Errorf("got\n%s\nwant\n%s", strings.TrimSpace(got.String()), want)
	}
}

type scriptOutput struct{ bytes.Buffer }

func (o *scriptOutput) Emit(e *pipeline.Event) {
	e.Fields = maps.Clone(e.Fields)
	if e.Fields["@version"] == "1" {
		delete(e.Fields, "@version")
	}
	if e.Time.Equal(scriptTime) {
		e.Time = time.Time{}
	}
	o.Write(append(AppendEventMetadata(nil, e), '\n'))
}

func (o *scriptOutput) Drop(*pipeline.Event, string) { o.WriteString("DROP\n") }
