package promtail

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/prometheus/common/model"

	"github.com/pharosd/pharos/pipeline"
)

// eventLogMessageStage extracts the "Key: value" lines of a Windows event's message.
type eventLogMessageStage struct {
	source          string
	dropInvalid     bool
	overwrite       bool
	messageNotAText drops
}

func (cfg *config) eventLogMessage() pipeline.Stage {
	var settings struct {
		Source            *string
		DropInvalidLabels bool `yaml:"drop_invalid_labels"`
		OverwriteExisting bool `yaml:"overwrite_existing"`
	}
	if !cfg.decode(&settings) {
		return nil
	}
	source := "message"
	if settings.Source != nil {
		source = *settings.Source
	}
	if !model.LegacyValidation.IsValidLabelName(source) {
		cfg.problem("source", fmt.Sprintf("%q is no label name", source), "letters, digits and underscores, no digit first")
		return nil
	}
	return &eventLogMessageStage{source, settings.DropInvalidLabels, settings.OverwriteExisting, cfg.c.drops("", "eventlogmessage_no_text")}
}

func (s *eventLogMessageStage) Process(e *pipeline.Event, out pipeline.Output) {
	v, ok := e.Fields[s.source]
	if !ok {
		out.Emit(e)
		return
	}
	message, ok := text(v)
	if !ok {
		s.messageNotAText.drop(e, out)
		return
	}
	for line := range strings.SplitSeq(message, "\r\n") {
		s.extract(e, line)
	}
	out.Emit(e)
}

func (s *eventLogMessageStage) extract(e *pipeline.Event, line string) {
	key, value, ok := strings.Cut(line, ":")
	if !ok {
		return
	}
	if !model.LegacyValidation.IsValidLabelName(key) {
		if s.dropInvalid {
			return
		}
		key = sanitizedName(key)
	}
	if _, exists := e.Fields[key]; exists && !s.overwrite {
		key += "_extracted"
	}
	if value = strings.TrimSpace(value); utf8.ValidString(value) {
		e.Fields[key] = value
	}
}

// sanitizedName puts an underscore for each sign that a label name cannot have.
func sanitizedName(s string) string {
	if s == "" {
		return "_"
	}
	first := true
	return strings.Map(func(r rune) rune {
		digit := r >= '0' && r <= '9' && !first
		first = false
		if digit || r == '_' || r|0x20 >= 'a' && r|0x20 <= 'z' {
			return r
		}
		return '_'
	}, s)
}
