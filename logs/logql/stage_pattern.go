package logql

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/prometheus/common/model"
)

var (
	errNoCapture         = errors.New("at least one capture is required")
	errCaptureNotAllowed = errors.New("named captures are not allowed")
	errInvalidPattern    = errors.New("invalid expression")
)

// linePattern is a sequence of literals and captures: "<ip> - <_> [<time>]".
type linePattern []patternNode

// patternNode is a literal, or a capture if it has a name; "_" captures nothing.
type patternNode struct{ literal, capture string }

func (n patternNode) named() bool { return n.capture != "" && n.capture != "_" }

// splitPattern reads a pattern. What is no <name> is literal.
func splitPattern(s string) (linePattern, error) {
	if s == "" {
		return nil, &ParseError{Line: 1, Col: 1, Msg: "syntax error: unexpected $end, expecting IDENTIFIER or LITERAL"}
	}
	var p linePattern
	literal := 0
	for i := 0; i < len(s); i++ {
		name := captureAt(s[i:])
		if name == "" {
			continue
		}
		if literal < i {
			p = append(p, patternNode{literal: s[literal:i]})
		}
		p = append(p, patternNode{capture: name})
		i += len(name) + 1
		literal = i + 1
	}
	if literal < len(s) {
		p = append(p, patternNode{literal: s[literal:]})
	}
	for i := 1; i < len(p); i++ {
		if p[i].capture != "" && p[i-1].capture != "" {
			return nil, fmt.Errorf("found consecutive capture '<%s><%s>': %w", p[i-1].capture, p[i].capture, errInvalidPattern)
		}
	}
	return p, nil
}

// captureAt returns the name if the text begins with <name>.
func captureAt(s string) string {
	if len(s) < 3 || s[0] != '<' {
		return ""
	}
	for i := 1; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '>' && i > 1:
			return s[1:i]
		case c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || i > 1 && isDigit(c):
		default:
			return ""
		}
	}
	return ""
}

// parseLinePattern reads the pattern of |> and !>, which has unnamed captures
// only.
func parseLinePattern(s string) (linePattern, error) {
	if s == "" {
		return nil, nil
	}
	p, err := splitPattern(s)
	if err != nil {
		return nil, err
	}
	for _, n := range p {
		if n.named() {
			return nil, fmt.Errorf("%w: found '<%s>'", errCaptureNotAllowed, n.capture)
		}
	}
	return p, nil
}

// test says whether the whole line matches. Captures must not be empty. The
// empty pattern matches the empty line.
func (p linePattern) test(line string) bool {
	if line == "" || len(p) == 0 {
		return line == "" && len(p) == 0
	}
	rest := line
	for i, n := range p {
		if n.capture != "" {
			continue
		}
		at := strings.Index(rest, n.literal)
		if at < 0 || i > 0 && at == 0 {
			return false
		}
		rest = rest[at+len(n.literal):]
	}
	return (p[len(p)-1].capture != "") == (rest != "")
}

// PatternStage parses lines with | pattern "<ip> - <user>".
type PatternStage struct{ Pattern string }

func (s *PatternStage) String() string { return "| pattern " + strconv.Quote(s.Pattern) }

type patternStage struct{ pattern linePattern }

func (s *PatternStage) compile() (stage, error) {
	p, err := splitPattern(s.Pattern)
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{}
	for _, n := range p {
		if !n.named() {
			continue
		}
		if seen[n.capture] {
			return nil, fmt.Errorf("duplicate capture name (%s): %w", n.capture, errInvalidPattern)
		}
		if !model.UTF8Validation.IsValidLabelName(n.capture) {
			return nil, fmt.Errorf("invalid capture label name '%s'", n.capture)
		}
		seen[n.capture] = true
	}
	if len(seen) == 0 {
		return nil, errNoCapture
	}
	return &patternStage{p}, nil
}

// process captures up to the next literal; if that is missing, up to the end,
// and the captures behind it are not set.
func (s *patternStage) process(e *entry) bool {
	if e.line == "" || e.labels.hints.skip(&e.labels) {
		return true
	}
	rest, p := e.line, s.pattern
	if p[0].literal != "" {
		if !strings.HasPrefix(rest, p[0].literal) {
			return true
		}
		rest, p = rest[len(p[0].literal):], p[1:]
	}
	for len(p) > 0 {
		value, found := rest, false
		if len(p) > 1 {
			value, rest, found = strings.Cut(rest, p[1].literal)
		}
		if p[0].named() && !e.capture(p[0].capture, value) {
			return false
		}
		if !found {
			return true
		}
		p = p[2:]
	}
	return true
}

func (s *patternStage) needs() []string { return nil }

// capture sets a label that a parser found and says whether the line goes on.
func (e *entry) capture(name, value string) bool {
	ls := &e.labels
	if ls.taken(name) {
		name += extractedSuffix
	}
	if !ls.hints.wants(name) || ls.wasExtracted(name) {
		return true
	}
	ls.set(name, value)
	return ls.hints.keeps(name, ls)
}
