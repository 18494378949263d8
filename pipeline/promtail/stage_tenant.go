package promtail

import "github.com/pharosd/pharos/pipeline"

// tenantStage says whose the event is. A source or label that it does not have leaves
// it with the client's tenant.
type tenantStage struct{ source, label, value string }

func (cfg *config) tenant() pipeline.Stage {
	var s struct{ Source, Label, Value string }
	if cfg.empty() || !cfg.decode(&s) {
		return nil
	}
	set := 0
	for _, v := range []string{s.Source, s.Label, s.Value} {
		if v != "" {
			set++
		}
	}
	if set != 1 {
		cfg.problem("", "the stage needs one of source, label and value", "")
		return nil
	}
	return &tenantStage{s.Source, s.Label, s.Value}
}

func (s *tenantStage) Process(e *pipeline.Event, out pipeline.Output) {
	tenant := s.value
	switch {
	case s.source != "":
		tenant, _ = input(e, &s.source)
	case s.label != "":
		tenant, _ = getLabel(e, s.label)
	}
	if tenant != "" {
		e.Tenant = tenant
	}
	out.Emit(e)
}
