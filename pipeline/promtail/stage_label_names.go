package promtail

import (
	"slices"

	"github.com/pharosd/pharos/pipeline"
)

// labelDropStage takes labels from the stream.
type labelDropStage struct{ names []string }

func (cfg *config) labelDrop() pipeline.Stage {
	var names []string
	if cfg.empty() || !cfg.decode(&names) {
		return nil
	}
	return &labelDropStage{names}
}

func (s *labelDropStage) Process(e *pipeline.Event, out pipeline.Output) {
	for _, name := range s.names {
		deleteLabel(e, name)
	}
	out.Emit(e)
}

// labelAllowStage takes all other labels from the stream.
type labelAllowStage struct{ names []string }

func (cfg *config) labelAllow() pipeline.Stage {
	var names []string
	if cfg.empty() || !cfg.decode(&names) {
		return nil
	}
	return &labelAllowStage{names}
}

func (s *labelAllowStage) Process(e *pipeline.Event, out pipeline.Output) {
	for name := range e.Labels {
		if !slices.Contains(s.names, name) {
			delete(e.Labels, name)
		}
	}
	if e.Tenant != "" && !slices.Contains(s.names, tenantLabel) {
		e.Tenant = ""
	}
	out.Emit(e)
}
