package logql

import (
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/model"
)

// NamedMatcher names a label, with a condition on its value if there is a
// Matcher.
type NamedMatcher struct {
	Name    string
	Matcher *labels.Matcher
}

func printMatchers(ms []NamedMatcher) string {
	texts := make([]string, len(ms))
	for i, m := range ms {
		texts[i] = m.Name
		if m.Matcher != nil {
			texts[i] = m.Matcher.String()
		}
	}
	return strings.Join(texts, ",")
}

// DropStage removes labels: | drop a, b="c".
type DropStage struct{ Labels []NamedMatcher }

func (s *DropStage) String() string          { return "| drop " + printMatchers(s.Labels) }
func (s *DropStage) compile() (stage, error) { return (*dropStage)(s), nil }

type dropStage DropStage

func (s *dropStage) needs() []string { return nil }

func (s *dropStage) process(e *entry) bool {
	ls := &e.labels
	for _, l := range s.Labels {
		switch l.Name {
		case errorLabel:
			if l.Matcher == nil || l.Matcher.Matches(ls.err) {
				ls.err = ""
			}
		case errorDetailsLabel:
			if l.Matcher == nil || l.Matcher.Matches(ls.errDetails) {
				ls.errDetails = ""
			}
		default:
			v, ok := ls.get(l.Name)
			if l.Matcher == nil && ok || l.Matcher != nil && l.Matcher.Matches(v) {
				ls.drop(l.Name)
			}
		}
	}
	return true
}

// KeepStage removes all labels but these, and those of errors: | keep a, b="c".
type KeepStage struct{ Labels []NamedMatcher }

func (s *KeepStage) String() string          { return "| keep " + printMatchers(s.Labels) }
func (s *KeepStage) compile() (stage, error) { return (*keepStage)(s), nil }

type keepStage KeepStage

func (s *keepStage) needs() []string { return nil }

func (s *keepStage) process(e *entry) bool {
	for _, l := range slices.Clone(e.labels.all()) {
		switch l.Name {
		case errorLabel, errorDetailsLabel, preserveErrorLabel:
			continue
		}
		if !s.keeps(l) {
			e.labels.drop(l.Name)
		}
	}
	return true
}

func (s *keepStage) keeps(l model.Label) bool {
	return slices.ContainsFunc(s.Labels, func(k NamedMatcher) bool {
		return k.Name == l.Name && (k.Matcher == nil || k.Matcher.Matches(l.Value))
	})
}
