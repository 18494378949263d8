package logql

import "github.com/grafana/regexp"

// DecolorizeStage removes ANSI escape sequences from lines.
type DecolorizeStage struct{}

func (*DecolorizeStage) String() string { return "| decolorize" }

func (*DecolorizeStage) compile() (stage, error) { return &decolorizeStage{ansiSequence()}, nil }

// ansiSequence matches CSI and OSC sequences with either introducer.
func ansiSequence() *regexp.Regexp {
	return regexp.MustCompile("[\u001B\u009B][[\\]()#;?]*(?:(?:(?:[a-zA-Z\\d]*(?:;[a-zA-Z\\d]*)*)?\u0007)|(?:(?:\\d{1,4}(?:;\\d{0,4})*)?[\\dA-PRZcf-ntqry=><~]))")
}

type decolorizeStage struct{ re *regexp.Regexp }

func (s *decolorizeStage) process(e *entry) bool {
	e.line = s.re.ReplaceAllString(e.line, "")
	return true
}

func (s *decolorizeStage) needs() []string { return nil }
