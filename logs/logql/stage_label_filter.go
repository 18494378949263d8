package logql

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"github.com/grafana/regexp"
	"github.com/prometheus/prometheus/model/labels"
)

// labelFilter is a predicate on labels. A number, duration or size that a label
// does not hold sets the error label and lets the line through.
type labelFilter interface {
	fmt.Stringer
	match(s *labelSet) bool
	// names are the labels that it reads.
	names() []string
	validate() error
}

// LabelFilterStage keeps lines by their labels: | level="error" or size > 1MB.
type LabelFilterStage struct{ Filter labelFilter }

func (s *LabelFilterStage) String() string { return "| " + s.Filter.String() }

type filterStage struct{ filter labelFilter }

func (s *LabelFilterStage) compile() (stage, error) {
	return &filterStage{s.Filter}, s.Filter.validate()
}

func (s *filterStage) process(e *entry) bool { return s.filter.match(&e.labels) }
func (s *filterStage) needs() []string       { return s.filter.names() }

// binaryFilter is two filters with and (comma, space) or or between them.
type binaryFilter struct {
	left, right labelFilter
	and         bool
}

func (f *binaryFilter) match(s *labelSet) bool {
	l := f.left.match(s)
	if !f.and && l {
		return true
	}
	r := f.right.match(s) // also after a false: it may set an error
	if f.and {
		return l && r
	}
	return r
}

func (f *binaryFilter) names() []string { return append(f.left.names(), f.right.names()...) }

func (f *binaryFilter) validate() error {
	if err := f.left.validate(); err != nil {
		return err
	}
	return f.right.validate()
}

func (f *binaryFilter) String() string {
	op := " or "
	if f.and {
		op = " , "
	}
	return "( " + f.left.String() + op + f.right.String() + " )"
}

// stringFilter compares texts; a missing label is the empty text. It is the only
// filter that sees the error label.
type stringFilter struct {
	m  *labels.Matcher
	re *regexp.Regexp // of =~ and !~; a dot matches no line break, unlike in a selector
}

func newStringFilter(m *labels.Matcher) *stringFilter {
	f := &stringFilter{m: m}
	if m.Type == labels.MatchRegexp || m.Type == labels.MatchNotRegexp {
		f.re, _ = regexp.Compile(anchored(m.Value)) // m's own compiled already
	}
	return f
}

func (f *stringFilter) match(s *labelSet) bool {
	return f.test(s.value(f.m.Name))
}

func (f *stringFilter) test(v string) bool {
	if f.re == nil || f.m.Value == ".*" {
		return f.m.Matches(v)
	}
	return f.re.MatchString(v) == (f.m.Type == labels.MatchRegexp)
}

func (f *stringFilter) names() []string { return []string{f.m.Name} }
func (f *stringFilter) validate() error { return nil }

// String quotes an expression with backticks if Loki cannot evaluate it as plain
// text, which is how Loki prints it.
func (f *stringFilter) String() string {
	if f.m.Type != labels.MatchRegexp || strings.Contains(f.m.Value, "`") || plainRegexp(f.m.Value) {
		return f.m.String()
	}
	return f.m.Name + f.m.Type.String() + "`" + f.m.Value + "`"
}

func compare[T int64 | uint64 | float64 | time.Duration](op string, a, b T) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "<":
		return a < b
	default:
		return a <= b
	}
}

// numberFilter compares a label as a number.
type numberFilter struct {
	name, op string
	value    float64
}

func (f *numberFilter) match(s *labelSet) bool {
	text, ok := s.get(f.name)
	if !ok {
		return false
	}
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		s.failOnce(errLabelFilter, err)
		return true
	}
	return compare(f.op, v, f.value)
}

func (f *numberFilter) names() []string { return []string{f.name} }
func (f *numberFilter) validate() error { return nil }
func (f *numberFilter) String() string {
	return f.name + f.op + strconv.FormatFloat(f.value, 'f', -1, 64)
}

// durationFilter compares a label as a duration in Go's notation.
type durationFilter struct {
	name, op string
	value    time.Duration
}

func (f *durationFilter) match(s *labelSet) bool {
	text, ok := s.get(f.name)
	if !ok {
		return false
	}
	v, err := time.ParseDuration(text)
	if err != nil {
		s.failOnce(errLabelFilter, err)
		return true
	}
	return compare(f.op, v, f.value)
}

func (f *durationFilter) names() []string { return []string{f.name} }
func (f *durationFilter) validate() error { return nil }
func (f *durationFilter) String() string  { return f.name + f.op + f.value.String() }

// bytesFilter compares a label as a size: 5KB, 1MiB.
type bytesFilter struct {
	name, op string
	value    uint64
}

func (f *bytesFilter) match(s *labelSet) bool {
	text, ok := s.get(f.name)
	if !ok {
		return false
	}
	v, err := humanize.ParseBytes(text)
	if err != nil {
		s.failOnce(errLabelFilter, err)
		return true
	}
	return compare(f.op, v, f.value)
}

func (f *bytesFilter) names() []string { return []string{f.name} }
func (f *bytesFilter) validate() error { return nil }
func (f *bytesFilter) String() string {
	return f.name + f.op + strings.ReplaceAll(humanize.Bytes(f.value), " ", "")
}

// ipFilter looks for an address in a label.
type ipFilter struct {
	name, pattern string
	negate        bool
	ip            *ipMatcher
	err           error
}

func newIPFilter(name string, negate bool, pattern string) *ipFilter {
	ip, err := newIPMatcher(pattern)
	return &ipFilter{name: name, pattern: pattern, negate: negate, ip: ip, err: err}
}

func (f *ipFilter) match(s *labelSet) bool {
	if s.err != "" { // only string filters drop lines with an error
		return true
	}
	v, ok := s.get(f.name)
	return ok && f.ip != nil && f.ip.matchAny(v) != f.negate
}

func (f *ipFilter) names() []string { return []string{f.name} }
func (f *ipFilter) validate() error { return f.err }
func (f *ipFilter) String() string {
	op := "="
	if f.negate {
		op = "!="
	}
	return fmt.Sprintf("%s%sip(%q)", f.name, op, f.pattern)
}
