package promtail

import (
	"strings"

	"github.com/grafana/regexp"

	"github.com/pharosd/pharos/pipeline"
)

// decolorizeStage takes ANSI escape sequences out of the line.
type decolorizeStage struct{ sequence *regexp.Regexp }

func (*config) decolorize() pipeline.Stage {
	// CSI and OSC sequences with either introducer, as LogQL's decolorize knows them.
	const sequence = "[\u001B\u009B][[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\u0007)|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))"
	return &decolorizeStage{regexp.MustCompile(sequence)}
}

func (s *decolorizeStage) Process(e *pipeline.Event, out pipeline.Output) {
	if strings.ContainsAny(e.Line, "\u001B\u009B") {
		e.Line = s.sequence.ReplaceAllString(e.Line, "")
	}
	out.Emit(e)
}
