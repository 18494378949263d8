package promtail

import "github.com/pharosd/pharos/pipeline"

// input is what a stage reads: an extracted value if it has a source, else the line.
// ok is false if there is no such value, or it is no text.
func input(e *pipeline.Event, source *string) (s string, ok bool) {
	if source == nil {
		return e.Line, true
	}
	v, ok := e.Fields[*source]
	if !ok {
		return "", false
	}
	return text(v)
}
