package logstash

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPipelinesFile(t *testing.T) {
	text := `
- pipeline.id: main
  path.config: "main/**/*.conf"
  pipeline.workers: ${WORKERS:3}
  queue.type: persisted
- pipeline:
    id: other
    batch: { size: 10, delay: 5 }
    ecs_compatibility: disabled
  config.string: |
    input { pipeline { address => "${ADDRESS}" } }
  config.support_escapes: true
`
	specs, warnings, err := ParsePipelines("etc/pipelines.yml", []byte(text), func(string) (string, bool) { return "", false })
	if err != nil || len(specs) != 2 {
		t.Fatalf("%v, error %v", specs, err)
	}
	if s := specs[0]; s.ID != "main" || s.Path != filepath.Join("etc", "main/**/*.conf") || s.Workers != 3 || s.BatchSize != 125 {
		t.Errorf("the first is %+v", s)
	}
	s := specs[1]
	if s.ID != "other" || s.BatchSize != 10 || s.BatchDelay != 5*time.Millisecond || !s.ECSDisabled || !s.SupportEscapes {
		t.Errorf("the second is %+v", s)
	}
	sources, err := s.Sources()
	if err != nil || len(sources) != 2 || sources[1].Name != "default output" {
		t.Errorf("its sources are %v, error %v", sources, err)
	}
	if got := warnings.Error(); got != "etc/pipelines.yml:5:3: queue.type has no meaning here and is ignored" {
		t.Errorf("warnings %q", got)
	}
}

func TestPipelinesFileProblems(t *testing.T) {
	text := `
- pipeline.id: a
  path.confg: x
- pipeline.id: a
  path.config: ${NOWHERE}
  pipeline.workers: many
- pipeline.id: ""
  path.config: x
`
	_, _, err := ParsePipelines("p.yml", []byte(text), func(string) (string, bool) { return "", false })
	for _, want := range []string{
		`p.yml:2:3: the pipeline a needs one of path.config and config.string`, `p.yml:3:3: there is no setting "path.confg" (did you mean "path.config"?)`,
		`p.yml:4:3: the pipeline.id "a" is there twice`, `p.yml:5:16: path.config: the environment variable NOWHERE is not set`,
		`p.yml:6:21: pipeline.workers: expected a number from 1 to 1024`, `p.yml:7:3: pipeline.id is empty`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("problems are\n%v\nwant %s", err, want)
		}
	}
}

func TestFilesComeInTheOrderOfTheirNames(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b.conf", "a.conf", "c.conf~", "sub/d.conf", "sub/deep/e.conf", ".git/f.conf"} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for pattern, want := range map[string]string{"": "a.conf b.conf", "*.conf": "a.conf b.conf", "**/*.conf": "a.conf b.conf sub/d.conf sub/deep/e.conf", "{b,a}.conf": "a.conf b.conf"} {
		sources, err := ReadSources(filepath.Join(dir, pattern))
		var got []string
		for _, s := range sources {
			got = append(got, s.Text)
		}
		if err != nil || strings.Join(got, " ") != want {
			t.Errorf("%q reads %v, error %v, want %s", pattern, got, err, want)
		}
	}
	if _, err := ReadSources(filepath.Join(dir, "*.cnf")); err == nil {
		t.Error("a pattern without files is no error")
	}
}
