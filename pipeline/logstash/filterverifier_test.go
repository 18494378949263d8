package logstash_test

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/internal/testkit"
	"github.com/pharosd/pharos/pipeline"
	"github.com/pharosd/pharos/pipeline/codec"
	"github.com/pharosd/pharos/pipeline/logstash"
)

// Cases of logstash-filter-verifier that do not run here, and why.
var verifierSkips = map[string]string{
	"basic_pipeline_debug": "compares fields that the tool adds to events",
	"filtermock":           "replaces plugins, which is the tool's own doing",
	"inputoutputmock":      "replaces plugins, which is the tool's own doing",
	"codec_test/edn":       "no codec edn here", "codec_test/edn_lines": "no codec edn here", "codec_test/graphite": "no codec graphite here",
	"codec_test/multiline":      "settings of codec blocks are read by receiver/logstash, which tests them",
	"codec_optional_test/csv":   "settings of codec blocks are read by receiver/logstash, which tests them",
	"codec_version_7_test/cef":  "no codec cef here",
	"codec_version_8_test/cef":  "no codec cef here",
	"special_chars/testcases#0": "the tool itself puts a backslash before the quote",
}

type verifierFile struct {
	Fields         map[string]any `yaml:"fields"`
	Ignore         []string       `yaml:"ignore"`
	InputPlugin    string         `yaml:"input_plugin"`
	ExportMetadata bool           `yaml:"export_metadata"`
	Testcases      []struct {
		Fields   map[string]any   `yaml:"fields"`
		Input    []string         `yaml:"input"`
		Expected []map[string]any `yaml:"expected"`
	} `yaml:"testcases"`
}

func TestFilterVerifier(t *testing.T) {
	dir := testkit.Shared(t, "fixtures", "logstash", "filter-verifier")
	files, _ := filepath.Glob(filepath.Join(dir, "testcases__*"))
	ran := 0
	for _, file := range files {
		parts := strings.Split(strings.TrimSuffix(filepath.Base(file), filepath.Ext(file)), "__")
		suite, name := parts[1], parts[2]
		if _, err := os.Stat(filepath.Join(dir, suite+".yml")); err != nil {
			continue // a configuration without pipelines.yml: the same cases as basic_pipeline
		}
		if verifierSkips[suite] != "" || verifierSkips[suite+"/"+name] != "" {
			continue
		}
		t.Run(suite+"/"+name, func(t *testing.T) { ran += verify(t, dir, suite, name, file) })
	}
	if ran < 20 {
		t.Errorf("only %d cases ran", ran)
	}
}

func verify(t *testing.T, dir, suite, name, file string) (ran int) {
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var f verifierFile
	if err := yaml.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	for i, c := range f.Testcases {
		s := loadSuite(t, dir, suite)
		fields := maps.Clone(f.Fields)
		if fields == nil {
			fields = map[string]any{}
		}
		maps.Copy(fields, c.Fields)
		inputs := c.Input
		if inputs == nil {
			inputs = []string{""}
		}
		for _, input := range inputs {
			s.feed(t, f.InputPlugin, input, c.Input == nil, fields)
		}
		s.flush()
		var got []string
		for _, e := range s.out {
			got = append(got, normal(e, f.Ignore, f.ExportMetadata))
		}
		var want []string
		for _, m := range c.Expected {
			delete(m, "__lfv_out_passed")
			want = append(want, normal(logstash.NewEvent(values(m).(map[string]any), time.Now()), f.Ignore, true))
		}
		slices.Sort(got)
		slices.Sort(want)
		if why := verifierSkips[fmt.Sprintf("%s/%s#%d", suite, name, i)]; why != "" {
			if reflect.DeepEqual(got, want) {
				t.Errorf("case %d passes: %s is wrong", i, why)
			}
			continue
		}
		ran++
		if !reflect.DeepEqual(got, want) {
			t.Errorf("case %d: got\n%s\nwant\n%s", i, strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	return ran
}

// values are those of an event: YAML has int.
func values(v any) any {
	switch v := v.(type) {
	case int:
		return int64(v)
	case []any:
		for i := range v {
			v[i] = values(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = values(v[k])
		}
	}
	return v
}

// normal is an event without what the cases do not compare.
func normal(e *pipeline.Event, ignore []string, metadata bool) string {
	e = e.Clone()
	for _, name := range append(ignore, "@version") {
		delete(e.Fields, name)
	}
	e.Time = time.Time{}
	if metadata {
		return string(logstash.AppendEventMetadata(nil, e))
	}
	return string(logstash.AppendEvent(nil, e))
}

// suite is the pipelines of one case with all that they put out.
type suite struct {
	pipelines []*logstash.Pipeline
	chains    []*logstash.FilterChain
	out       []*pipeline.Event
}

// loadSuite lays the flattened files out as they were and reads the pipelines.yml.
func loadSuite(t *testing.T, dir, name string) *suite {
	root := t.TempDir()
	files, _ := filepath.Glob(filepath.Join(dir, name+"__*"))
	for _, file := range append(files, filepath.Join(dir, name+".yml")) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(root, strings.ReplaceAll(strings.TrimPrefix(filepath.Base(file), name+"__"), "__", "/"))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	specs, _, err := logstash.ReadPipelinesFile(filepath.Join(root, name+".yml"), nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &suite{}
	for i := range specs {
		sources, err := specs[i].Sources()
		if err != nil {
			t.Fatal(err)
		}
		p, err := logstash.Compile(sources, specs[i].Options())
		if err != nil {
			t.Fatal(err)
		}
		chain, err := p.NewFilters(0, nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(chain.Close)
		s.pipelines, s.chains = append(s.pipelines, p), append(s.chains, chain)
	}
	return s
}

// feed gives one line to the input of that name.
func (s *suite) feed(t *testing.T, id, line string, empty bool, fields map[string]any) {
	for i, p := range s.pipelines {
		for _, input := range p.Inputs {
			settings := logstash.NewSettings(input, nil)
			if settings.String("id", input.Name) != id {
				continue
			}
			c, err := codec.New(settings.Block("codec", "plain").Name, codec.Options{ECS: true})
			if err != nil {
				t.Fatal(err)
			}
			emit := func(e *pipeline.Event) {
				if empty {
					delete(e.Fields, "message")
				}
				decorate(e, settings, fields)
				s.run(i, e)
			}
			d := c.Decoder()
			d.Decode([]byte(strings.TrimSuffix(line, "\n")), emit)
			d.Flush(emit)
			return
		}
	}
	t.Fatalf("there is no input %s", id)
}

// decorate adds what an input's own options and the case ask for.
func decorate(e *pipeline.Event, s *logstash.Settings, fields map[string]any) {
	e.Time = time.Now()
	for name, v := range fields {
		if r, err := logstash.ParseRef(name); err == nil {
			r.Set(e, pipeline.CloneValue(values(v)))
		}
	}
	if typ := s.String("type", ""); typ != "" && e.Fields["type"] == nil {
		e.Fields["type"] = typ
	}
	for _, p := range s.Hash("add_field") {
		e.Fields[p.Key] = logstash.GoValue(p.Value)
	}
	for _, tag := range s.Strings("tags") {
		logstash.Tag(e, tag)
	}
}

func (s *suite) run(i int, e *pipeline.Event) { s.chains[i].Process(e, router{s, i}) }

func (s *suite) flush() {
	for i, c := range s.chains {
		c.Flush(time.Now(), true, router{s, i})
	}
}

// router is behind the filters of one pipeline.
type router struct {
	*suite
	from int
}

func (router) Drop(*pipeline.Event, string) {}

func (r router) Emit(e *pipeline.Event) {
	outputs := r.pipelines[r.from].Outputs
	outputs.Route(e, func(i int) {
		if outputs.Plugins[i].Name != "pipeline" {
			r.out = append(r.out, e)
			return
		}
		to := logstash.NewSettings(outputs.Plugins[i], nil).Strings("send_to")
		for j, p := range r.pipelines {
			for _, input := range p.Inputs {
				if input.Name == "pipeline" && slices.Contains(to, logstash.NewSettings(input, nil).String("address", "")) {
					r.run(j, e.Clone())
				}
			}
		}
	})
}
