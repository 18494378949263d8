package logql

import (
	"strconv"
	"strings"

	"github.com/grafana/regexp"
)

// LineFilter keeps lines by their text: |= "a" or "b". Negated filters have one
// term.
type LineFilter struct {
	// Op is one of |= != |~ !~ |> !>.
	Op    string
	Terms []LineTerm
}

// LineTerm is a text, an expression or a pattern, as the operator says, or an IP
// address, range or prefix.
type LineTerm struct {
	IP   bool
	Text string
}

func (f *LineFilter) String() string {
	terms := make([]string, len(f.Terms))
	for i, t := range f.Terms {
		terms[i] = strconv.Quote(t.Text)
		if t.IP {
			terms[i] = "ip(" + terms[i] + ")"
		}
	}
	return f.Op + " " + strings.Join(terms, " or ")
}

// lineMatcher is a predicate on lines.
type lineMatcher func(line string) bool

type lineFilterStage struct {
	terms  []lineMatcher
	negate bool
}

func (f *LineFilter) compile() (stage, error) {
	s := &lineFilterStage{negate: f.Op[0] == '!'}
	for _, t := range f.Terms {
		m, err := newLineMatcher(f.Op, t)
		if err != nil {
			return nil, err
		}
		s.terms = append(s.terms, m)
	}
	return s, nil
}

func newLineMatcher(op string, t LineTerm) (lineMatcher, error) {
	if t.IP {
		if op != "|=" && op != "!=" {
			return nil, errIPOperation
		}
		ip, err := newIPMatcher(t.Text)
		if err != nil {
			return nil, err
		}
		return ip.matchAny, nil
	}
	switch op {
	case "|~", "!~":
		re, err := regexp.Compile(t.Text)
		if err != nil {
			return nil, err
		}
		return re.MatchString, nil
	case "|>", "!>":
		p, err := parseLinePattern(t.Text)
		if err != nil {
			return nil, err
		}
		return p.test, nil
	default:
		return func(line string) bool { return strings.Contains(line, t.Text) }, nil
	}
}

func (s *lineFilterStage) process(e *entry) bool {
	for _, m := range s.terms {
		if m(e.line) {
			return !s.negate
		}
	}
	return s.negate
}

func (s *lineFilterStage) needs() []string { return nil }
