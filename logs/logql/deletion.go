package logql

import (
	"fmt"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
)

// ParseDeletion returns what the query of a deletion request selects: streams and,
// of these, entries; entries is nil if it is all of them. It takes a selector, line
// filters but patterns and ip(), and label filters that compare texts. Anything
// else, a parser for example, is an error that wraps ErrUnsupported: what is
// deleted must be exactly what was asked for, and a store can test these by itself.
func ParseDeletion(text string) (streams []*labels.Matcher, entries logs.Filter, err error) {
	x, err := Parse(text)
	if err != nil {
		return nil, nil, err
	}
	l, ok := x.(*LogExpr)
	if !ok {
		return nil, nil, &ParseError{Msg: "only log queries select what is to be deleted"}
	}
	if err := Check(x); err != nil {
		return nil, nil, err
	}
	var and logs.And
	for _, s := range l.Stages {
		f, err := stageFilter(s)
		if err != nil {
			return nil, nil, err
		}
		and = append(and, f)
	}
	if len(and) == 0 {
		return l.Matchers, nil, nil
	}
	return l.Matchers, and, nil
}

func noDeletion(what string) error {
	return unsupported(fmt.Sprintf("deletion by %s; take line filters (|= != |~ !~) and label filters that compare texts", what))
}

func stageFilter(s StageExpr) (logs.Filter, error) {
	switch s := s.(type) {
	case *LineFilter:
		if c, ok := lineCondition(s); ok {
			return c, nil
		}
	case *LabelFilterStage:
		if comparesTexts(s.Filter) {
			if c, exact := (resolver{sources: anySource}).condition(s.Filter, false); exact {
				return c, nil
			}
		}
	}
	return nil, noDeletion(s.String())
}

// comparesTexts says whether the filter needs nothing but the labels and metadata of
// the entry as it was pushed.
func comparesTexts(f labelFilter) bool {
	switch f := f.(type) {
	case *binaryFilter:
		return comparesTexts(f.left) && comparesTexts(f.right)
	case *stringFilter:
		return !unusual(f.m.Name)
	}
	return false
}
