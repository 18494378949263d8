package promtail

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/pipeline"
)

// staticLabelsStage sets labels to values of the configuration.
type staticLabelsStage struct{ labels []staticLabel }

type staticLabel struct{ name, value string }

func (cfg *config) staticLabels() pipeline.Stage {
	var settings map[string]*string
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	s := &staticLabelsStage{}
	for name, value := range settings {
		if !model.UTF8Validation.IsValidLabelName(name) {
			cfg.problem(name, fmt.Sprintf("%q is no label name", name), "")
			return nil
		}
		if value != nil && *value != "" && utf8.ValidString(*value) {
			s.labels = append(s.labels, staticLabel{name, *value})
		}
	}
	slices.SortFunc(s.labels, func(a, b staticLabel) int { return strings.Compare(a.name, b.name) })
	return s
}

func (s *staticLabelsStage) Process(e *pipeline.Event, out pipeline.Output) {
	for _, l := range s.labels {
		setLabel(e, l.name, l.value)
	}
	out.Emit(e)
}
