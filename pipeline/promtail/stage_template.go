package promtail

import "github.com/pharosd/pharos/pipeline"

// templateStage makes an extracted value of others by a Go template.
type templateStage struct {
	source string
	format *formatter
	data   map[string]any
}

func (cfg *config) template() pipeline.Stage {
	var settings struct{ Source, Template string }
	if cfg.empty() || !cfg.decode(&settings) {
		return nil
	}
	if settings.Source == "" {
		cfg.problem("source", "the stage needs a source", "the name of the extracted value that it changes or makes")
		return nil
	}
	format, err := newFormatter(settings.Template, cfg.c.env.Untrusted)
	if err != nil {
		cfg.problem("template", err.Error(), "a template of Go's, with the functions of the library sprig")
		return nil
	}
	return &templateStage{settings.Source, format, map[string]any{}}
}

func (s *templateStage) Process(e *pipeline.Event, out pipeline.Output) {
	clear(s.data)
	for name, v := range e.Fields {
		if t, ok := text(v); ok {
			s.data[name] = t
			if name == s.source {
				s.data["Value"] = t
			}
		}
	}
	s.data["Entry"] = e.Line
	// A template that fails leaves the value as it was.
	if v, err := s.format.format(s.data); err == nil {
		if v == "" {
			delete(e.Fields, s.source)
		} else {
			e.Fields[s.source] = v
		}
	}
	out.Emit(e)
}
