package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

const conditional = `filter {
  json { source => "message" remove_field => ["message", "event"] }
  if [n] { mutate { convert => { "n" => "integer" } } } else { drop { } }
}`

func TestPipelineTest(t *testing.T) {
	c := pipelineTestCmd{pipelineSource: pipelineSource{Config: writeFile(t, "x.conf", conditional), ECS: "v8"}}
	var out, notes bytes.Buffer
	if err := c.run(t.Context(), strings.NewReader("{\"n\":\"7\",\"@timestamp\":\"2024-01-01T00:00:00Z\"}\n{}\nlast"), &out, &notes); err != nil {
		t.Fatal(err)
	}
	if got := out.String(); got != `{"@timestamp":"2024-01-01T00:00:00.000Z","@version":"1","n":7}`+"\n" {
		t.Errorf("printed %s", got)
	}
	out.Reset()
	c.Explain = true
	if err := c.run(t.Context(), strings.NewReader("{\"n\":\"7\"}\n{}\nlast"), &out, &notes); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"line 1: {\"n\":\"7\"}", "+ n: \"7\"", "~ n: \"7\" -> 7", "else", "dropped: drop_filter", "failed: _jsonparsefailure", "json    3       1"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}

func TestPipelineTestOfPromtail(t *testing.T) {
	file := writeFile(t, "promtail.yml", "scrape_configs:\n- job_name: a\n  pipeline_stages:\n  - drop: { expression: x }\n- job_name: b\n  pipeline_stages:\n  - static_labels: { env: prod }\n")
	c := pipelineTestCmd{Promtail: file, Job: "b"}
	var out, notes bytes.Buffer
	if err := c.run(t.Context(), strings.NewReader("x\n"), &out, &notes); err != nil || !strings.Contains(out.String(), `"labels":{"env":"prod"},"line":"x"`) {
		t.Errorf("printed %s, error %v", out.String(), err)
	}
	c.Job = "c"
	var broken *pipelineError
	if err := c.run(t.Context(), strings.NewReader(""), &out, &notes); !errors.As(err, &broken) || exitCode(err) != exitBadRequest {
		t.Errorf("an unknown job: %v", err)
	}
}

func TestPipelineCheck(t *testing.T) {
	good := writeFile(t, "good.conf", "input { stdin { } } "+conditional+" output { stdout { } }")
	var out bytes.Buffer
	if err := (&pipelineCheckCmd{pipelineSource{Config: good, ECS: "v8"}}).run(&out); err != nil || !strings.Contains(out.String(), "main is good: 1 inputs, 3 filters, 1 outputs") {
		t.Errorf("said %s, error %v", out.String(), err)
	}
	bad := writeFile(t, "pipelines.yml", "- pipeline.id: a\n  config.string: 'filter { mutat { } }'\n- pipeline.id: b\n  path.config: nowhere/*.conf\n")
	err := (&pipelineCheckCmd{pipelineSource{Config: bad, ECS: "v8"}}).run(&out)
	for _, want := range []string{`config.string of a:1:10: there is no filter "mutat"`, "no such file"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	unknown := writeFile(t, "io.conf", "input { bets { } } output { stdout { codec => jsn } }")
	err = (&pipelineCheckCmd{pipelineSource{Config: unknown, ECS: "v8"}}).run(&out)
	for _, want := range []string{"io.conf:1:9: ", "bets", "jsn"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %s", err, want)
		}
	}
	if _, err := choose(nil, "x"); err == nil {
		t.Error("a pipeline that there is not")
	}
}
