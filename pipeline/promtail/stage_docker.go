package promtail

import "github.com/pharosd/pharos/pipeline"

// dockerStage reads Docker's json-file format: the line, its stream and its time. It
// stands for json, labels, timestamp and output in a pipeline of their own.
type dockerStage struct {
	json      jsonStage
	labels    labelsStage
	timestamp *timestampStage
	output    outputStage
}

func (cfg *config) docker() pipeline.Stage {
	s := &dockerStage{
		labels:    labelsStage{[]mapping{{"stream", "stream"}}},
		timestamp: newTimestamp("timestamp", []layout{cfg.c.layout("RFC3339Nano", nil)}, true),
		output:    outputStage{"output"},
	}
	if problems := s.json.compile(map[string]string{"output": "log", "stream": "stream", "timestamp": "time"}); len(problems) > 0 {
		panic("BUG: Docker's own expressions do not compile")
	}
	return s
}

func (s *dockerStage) Process(e *pipeline.Event, out pipeline.Output) {
	extractLabels(e)
	s.json.extract(e, e.Line)
	s.labels.set(e)
	s.timestamp.set(e)
	s.output.set(e)
	out.Emit(e)
}
