package promtail

import "github.com/pharosd/pharos/pipeline"

// structuredMetadataStage turns extracted values, or labels where there is no such
// value, into structured metadata. A label whose value became metadata leaves the
// stream.
type structuredMetadataStage struct {
	mappings []mapping
	moved    map[string]string // values by source, of the current event
}

func (cfg *config) structuredMetadata() pipeline.Stage {
	mappings, ok := cfg.mappings()
	if !ok {
		return nil
	}
	return &structuredMetadataStage{mappings, map[string]string{}}
}

func (s *structuredMetadataStage) Process(e *pipeline.Event, out pipeline.Output) {
	clear(s.moved)
	if e.Metadata == nil {
		e.Metadata = make(map[string]string, len(s.mappings))
	}
	for _, m := range s.mappings {
		if v, ok := extracted(e, m.source); ok {
			e.Metadata[m.name] = v
			s.moved[m.source] = v
		}
	}
	for _, m := range s.mappings {
		if _, done := s.moved[m.source]; done {
			continue
		}
		if v, ok := getLabel(e, m.source); ok {
			e.Metadata[m.name] = v
			s.moved[m.source] = v
		}
	}
	for source, value := range s.moved {
		if v, ok := getLabel(e, source); ok && v == value {
			deleteLabel(e, source)
		}
	}
	out.Emit(e)
}
