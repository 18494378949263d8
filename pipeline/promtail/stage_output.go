package promtail

import "github.com/pharosd/pharos/pipeline"

// outputStage makes an extracted value the line.
type outputStage struct{ source string }

func (cfg *config) output() pipeline.Stage {
	var settings struct{ Source string }
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	if settings.Source == "" {
		cfg.problem("source", "the stage needs a source", "the name of an extracted value")
		return nil
	}
	return &outputStage{settings.Source}
}

func (s *outputStage) Process(e *pipeline.Event, out pipeline.Output) {
	s.set(e)
	out.Emit(e)
}

func (s *outputStage) set(e *pipeline.Event) {
	if v, ok := text(e.Fields[s.source]); ok {
		e.Line = v
	}
}
