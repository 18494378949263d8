package promtail

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/pharosd/pharos/pipeline"
)

// packStage puts labels and extracted values into the line, a JSON object with the
// line itself as _entry, and takes those labels from the stream.
type packStage struct {
	names  []string // sorted
	ingest bool
	now    func() time.Time
}

func (cfg *config) pack() pipeline.Stage {
	var settings struct {
		Labels          []string
		IngestTimestamp *bool `yaml:"ingest_timestamp"`
	}
	cfg.weak("ingest_timestamp")
	if !cfg.decode(&settings) {
		return nil
	}
	slices.Sort(settings.Labels)
	ingest := settings.IngestTimestamp == nil || *settings.IngestTimestamp
	return &packStage{slices.Compact(settings.Labels), ingest, cfg.c.env.Now}
}

func (s *packStage) Process(e *pipeline.Event, out pipeline.Output) {
	var b bytes.Buffer
	b.WriteByte('{')
	for _, name := range s.names {
		v, ok := text(e.Fields[name])
		if !ok {
			continue
		}
		writeJSON(&b, name)
		b.WriteByte(':')
		writeJSON(&b, v)
		b.WriteByte(',')
		deleteLabel(e, name)
	}
	b.WriteString(`"_entry":`)
	writeJSON(&b, e.Line)
	b.WriteByte('}')
	e.Line = b.String()
	if s.ingest {
		e.Time = s.now()
	}
	out.Emit(e)
}

func writeJSON(b *bytes.Buffer, s string) {
	text, err := json.Marshal(s)
	if err != nil {
		panic("BUG: a string has no JSON: " + err.Error())
	}
	b.Write(text)
}
