package logql

import (
	"errors"
	"fmt"
	"strconv"

	"github.com/grafana/regexp"
	"github.com/prometheus/common/model"
)

var errMissingCapture = errors.New("at least one named capture must be supplied")

// RegexpStage parses lines with | regexp "(?P<name>...)".
type RegexpStage struct{ Pattern string }

func (s *RegexpStage) String() string { return "| regexp " + strconv.Quote(s.Pattern) }

type regexpStage struct {
	re    *regexp.Regexp
	names []string // by group, "" where it has none
}

func (s *RegexpStage) compile() (stage, error) {
	re, err := regexp.Compile(s.Pattern)
	if err != nil {
		return nil, err
	}
	names, seen := make([]string, re.NumSubexp()+1), map[string]bool{}
	for i, n := range re.SubexpNames() {
		if n == "" {
			continue
		}
		if !model.UTF8Validation.IsValidLabelName(n) {
			return nil, fmt.Errorf("invalid extracted label name '%s'", n)
		}
		if seen[n] {
			return nil, fmt.Errorf("duplicate extracted label name '%s'", n)
		}
		seen[n] = true
		names[i] = sanitizeName(n)
	}
	if len(seen) == 0 {
		return nil, errMissingCapture
	}
	return &regexpStage{re, names}, nil
}

// process sets every group of the first match; a group without a match is the
// empty text.
func (s *regexpStage) process(e *entry) bool {
	for i, value := range s.re.FindStringSubmatch(e.line) {
		if s.names[i] != "" && !e.capture(s.names[i], value) {
			return false
		}
	}
	return true
}

func (s *regexpStage) needs() []string { return nil }
