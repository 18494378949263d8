package promtail

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grafana/regexp"
	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/pipeline"
)

// selector is what a match stage selects by: LogQL's stream selector and line filters.
// Unlike Loki, Promtail takes selectors all of whose matchers match the empty text.
type selector struct {
	matchers []*labels.Matcher
	lines    []lineFilter
}

// lineFilter is one of |= != |~ !~ with its text.
type lineFilter struct {
	not  bool
	text string
	expr *regexp.Regexp // nil: text is looked for
}

// matches reports whether the selector selects the event as it is now.
func (s *selector) matches(e *pipeline.Event) bool {
	for _, m := range s.matchers {
		v, _ := getLabel(e, m.Name)
		if !m.Matches(v) {
			return false
		}
	}
	for _, f := range s.lines {
		found := f.expr == nil && strings.Contains(e.Line, f.text) || f.expr != nil && f.expr.MatchString(e.Line)
		if found == f.not {
			return false
		}
	}
	return true
}

// parseSelector reads a selector; errors tell the column.
func parseSelector(text string) (*selector, error) {
	p := &selectorParser{text: text}
	s, err := p.selector()
	if err != nil {
		return nil, fmt.Errorf("column %d of the selector: %w", utf8.RuneCountInString(text[:p.at])+1, err)
	}
	return s, nil
}

type selectorParser struct {
	text string
	at   int
}

func (p *selectorParser) selector() (*selector, error) {
	s := &selector{}
	if !p.take("{") {
		return nil, errors.New("expected { as the beginning of a stream selector")
	}
	for {
		m, err := p.matcher()
		if err != nil {
			return nil, err
		}
		s.matchers = append(s.matchers, m)
		if p.take("}") {
			break
		}
		if !p.take(",") {
			return nil, errors.New("expected , or }")
		}
	}
	for {
		if p.blanks(); p.at == len(p.text) {
			return s, nil
		}
		f, err := p.line()
		if err != nil {
			return nil, err
		}
		s.lines = append(s.lines, f)
	}
}

func (p *selectorParser) matcher() (*labels.Matcher, error) {
	p.blanks()
	n := plainNameLength(p.text[p.at:])
	if n == 0 || p.text[p.at] == '"' {
		return nil, errors.New("expected the name of a label")
	}
	name := p.text[p.at : p.at+n]
	p.at += n
	// "=~" before "=": the longer operator wins.
	operators := []struct {
		text string
		kind labels.MatchType
	}{{"=~", labels.MatchRegexp}, {"!~", labels.MatchNotRegexp}, {"!=", labels.MatchNotEqual}, {"=", labels.MatchEqual}}
	for _, op := range operators {
		if !p.take(op.text) {
			continue
		}
		before := p.at
		value, err := p.string()
		if err != nil {
			return nil, err
		}
		m, err := labels.NewMatcher(op.kind, name, value)
		if err != nil {
			p.at = before
		}
		return m, err
	}
	return nil, errors.New("expected one of = != =~ !~")
}

func (p *selectorParser) line() (lineFilter, error) {
	for _, op := range []string{"|=", "!=", "|~", "!~"} {
		if !p.take(op) {
			continue
		}
		before := p.at
		text, err := p.string()
		if err != nil {
			return lineFilter{}, err
		}
		f := lineFilter{not: op[0] == '!', text: text}
		if op[1] == '~' {
			if f.expr, err = regexp.Compile(text); err != nil {
				p.at = before
				return f, err
			}
		}
		return f, nil
	}
	return lineFilter{}, errors.New("expected one of |= != |~ !~: a match stage knows line filters only, no other part of LogQL")
}

// string reads a text in double or back quotes.
func (p *selectorParser) string() (string, error) {
	p.blanks()
	quoted, err := strconv.QuotedPrefix(p.text[p.at:])
	if err != nil || quoted[0] == '\'' {
		return "", errors.New("expected a text in double quotes or back quotes")
	}
	s, err := strconv.Unquote(quoted)
	if err == nil {
		p.at += len(quoted)
	}
	return s, err
}

func (p *selectorParser) take(token string) bool {
	p.blanks()
	if !strings.HasPrefix(p.text[p.at:], token) {
		return false
	}
	p.at += len(token)
	return true
}

// blanks passes over white space and comments.
func (p *selectorParser) blanks() {
	for p.at < len(p.text) {
		switch c := p.text[p.at]; {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			p.at++
		case c == '#':
			end := strings.IndexByte(p.text[p.at:], '\n')
			if end < 0 {
				end = len(p.text) - p.at
			}
			p.at += end
		default:
			return
		}
	}
}
