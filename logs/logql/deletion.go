package logql

import (
	"fmt"
	"strings"

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
		return deletionLines(s)
	case *LabelFilterStage:
		return deletionLabels(s.Filter)
	}
	return nil, noDeletion(s.String())
}

func deletionLines(f *LineFilter) (logs.Filter, error) {
	var or logs.Or
	for _, t := range f.Terms {
		if t.IP || strings.HasSuffix(f.Op, ">") {
			return nil, noDeletion(f.String())
		}
		if strings.HasSuffix(f.Op, "~") {
			or = append(or, logs.MatchRegex{Expr: t.Text})
		} else {
			or = append(or, logs.Contains{Text: t.Text})
		}
	}
	return notIf(f.Op[0] == '!', or), nil
}

func notIf(negate bool, f logs.Filter) logs.Filter {
	if negate {
		return logs.Not{Filter: f}
	}
	return f
}

func deletionLabels(f labelFilter) (logs.Filter, error) {
	switch f := f.(type) {
	case *binaryFilter:
		left, err := deletionLabels(f.left)
		if err != nil {
			return nil, err
		}
		right, err := deletionLabels(f.right)
		if err != nil {
			return nil, err
		}
		if f.and {
			return logs.And{left, right}, nil
		}
		return logs.Or{left, right}, nil
	case *stringFilter:
		// Metadata gets the suffix when the stream has its name.
		if f.m.Name == errorLabel || f.m.Name == errorDetailsLabel || strings.HasSuffix(f.m.Name, extractedSuffix) {
			return nil, noDeletion("label " + f.m.Name)
		}
		return f.filter(), nil
	}
	return nil, noDeletion(f.String())
}

// filter is the condition on an entry as it was pushed: a label is the stream's, or
// else structured metadata.
func (f *stringFilter) filter() logs.Filter {
	label := logs.Field{Kind: logs.Label, Name: f.m.Name}
	metadata := logs.Field{Kind: logs.Metadata, Name: f.m.Name}
	ofStream := logs.Exists{Field: label}
	return logs.Or{
		logs.And{ofStream, f.on(label)},
		logs.And{logs.Not{Filter: ofStream}, f.on(metadata)},
	}
}

// on is the condition on one field.
func (f *stringFilter) on(field logs.Field) logs.Filter {
	negate := f.m.Type == labels.MatchNotEqual || f.m.Type == labels.MatchNotRegexp
	switch {
	case f.re == nil:
		return notIf(negate, logs.Equals{Field: field, Value: f.m.Value})
	case f.m.Value == ".*": // as match does
		return notIf(negate, logs.And{})
	}
	return notIf(negate, logs.MatchRegex{Field: field, Expr: anchored(f.m.Value)})
}
