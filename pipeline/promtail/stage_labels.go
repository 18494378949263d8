package promtail

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/pipeline"
)

// mapping is one "name: source" of a labels or structured_metadata stage.
type mapping struct{ name, source string }

// mappings decodes the settings of these stages: a name without a source stands for
// the value of the same name.
func (cfg *config) mappings() ([]mapping, bool) {
	var sources map[string]*string
	if cfg.empty() || !cfg.decode(&sources) {
		return nil, false
	}
	var out []mapping
	ok := true
	for name, source := range sources {
		if !model.LegacyValidation.IsValidLabelName(name) {
			cfg.problem(name, fmt.Sprintf("%q is no label name", name), "letters, digits and underscores, no digit first")
			ok = false
			continue
		}
		m := mapping{name, name}
		if source != nil && *source != "" {
			m.source = *source
		}
		out = append(out, m)
	}
	slices.SortFunc(out, func(a, b mapping) int { return strings.Compare(a.name, b.name) })
	return out, ok
}

// extracted is the text of a value that can become a label's.
func extracted(e *pipeline.Event, source string) (string, bool) {
	v, ok := e.Fields[source]
	if !ok {
		return "", false
	}
	s, ok := text(v)
	return s, ok && utf8.ValidString(s)
}

// labelsStage turns extracted values into labels.
type labelsStage struct{ mappings []mapping }

func (cfg *config) labels() pipeline.Stage {
	mappings, ok := cfg.mappings()
	if !ok {
		return nil
	}
	return &labelsStage{mappings}
}

func (s *labelsStage) Process(e *pipeline.Event, out pipeline.Output) {
	s.set(e)
	out.Emit(e)
}

func (s *labelsStage) set(e *pipeline.Event) {
	for _, m := range s.mappings {
		if v, ok := extracted(e, m.source); ok {
			setLabel(e, m.name, v)
		}
	}
}
