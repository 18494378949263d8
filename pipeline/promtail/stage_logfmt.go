package promtail

import (
	"strings"

	"github.com/go-logfmt/logfmt"

	"github.com/pharosd/pharos/pipeline"
)

// logfmtStage extracts values from key=value text.
type logfmtStage struct {
	source *string
	names  map[string]string // names of extracted values by key
}

func (cfg *config) logfmt() pipeline.Stage {
	var settings struct {
		Mapping map[string]*string
		Source  *string
	}
	if cfg.empty() || !cfg.decode(&settings) || !cfg.source(settings.Source) {
		return nil
	}
	if len(settings.Mapping) == 0 {
		cfg.problem("mapping", "the stage needs a mapping", "\"name: key\" each; no key is the same name")
		return nil
	}
	s := &logfmtStage{source: settings.Source, names: make(map[string]string, len(settings.Mapping))}
	for name, key := range settings.Mapping {
		if key == nil || *key == "" {
			key = &name
		}
		s.names[*key] = name
	}
	return s
}

func (s *logfmtStage) Process(e *pipeline.Event, out pipeline.Output) {
	if in, ok := input(e, s.source); ok {
		// What came before a syntax error stays extracted.
		d := logfmt.NewDecoder(strings.NewReader(in))
		for d.ScanRecord() {
			for d.ScanKeyval() {
				if name, ok := s.names[string(d.Key())]; ok {
					e.Fields[name] = string(d.Value())
				}
			}
		}
	}
	out.Emit(e)
}
