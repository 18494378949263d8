package logs

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/prometheus/model/labels"
)

// Matcher evaluates a filter on blocks in memory. It says what filters mean; a store
// may use it for what its engine cannot do. Safe for concurrent use.
type Matcher struct {
	root   condition
	fields []Field
}

// condition clears keep[i] for the entries of b that do not match, and leaves the
// others as they are.
type condition func(b *Block, keep []bool)

// NewMatcher compiles f; nil matches every entry.
func NewMatcher(f Filter) (*Matcher, error) {
	m := &Matcher{}
	var err error
	m.root, err = m.compile(f)
	return m, err
}

// Fields returns the fields that blocks must have, besides times and streams, for
// the filter to be evaluated. Formats are needed if one of them is Parsed or the
// filter has a HasFormat.
func (m *Matcher) Fields() []Field { return m.fields }

// Match sets keep, which it grows as needed and returns, to whether each entry of b
// matches.
func (m *Matcher) Match(b *Block, keep []bool) []bool {
	keep = slices.Grow(keep[:0], len(b.Times))[:len(b.Times)]
	for i := range keep {
		keep[i] = true
	}
	m.root(b, keep)
	return keep
}

func (m *Matcher) compile(f Filter) (condition, error) {
	switch f := f.(type) {
	case nil:
		return func(*Block, []bool) {}, nil
	case And:
		return m.compileAnd(f)
	case Or:
		return m.compileOr(f)
	case Not:
		c, err := m.compile(f.Filter)
		return not(c), err
	case InStreams:
		return inStreams(f.Matchers), nil
	case Within:
		return eachEntry(func(b *Block, i int) bool { return b.Times[i] >= f.Start && b.Times[i] < f.End }), nil
	case HasFormat:
		return eachEntry(func(b *Block, i int) bool { return b.Format(i) == f.Format }), nil
	case MaybeEqual:
		return eachEntry(func(b *Block, i int) bool { return b.MaybeEqual == nil || b.MaybeEqual[i] }), nil
	}
	field, test, err := textTest(f)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(m.fields, field) {
		m.fields = append(m.fields, field)
	}
	return onField(field, test), nil
}

func (m *Matcher) compileAnd(fs And) (condition, error) {
	cs, err := m.compileAll(fs)
	return func(b *Block, keep []bool) {
		for _, c := range cs {
			c(b, keep)
		}
	}, err
}

func (m *Matcher) compileOr(fs Or) (condition, error) {
	cs, err := m.compileAll(fs)
	return func(b *Block, keep []bool) {
		one, any := make([]bool, len(keep)), make([]bool, len(keep))
		for _, c := range cs {
			copy(one, keep)
			c(b, one)
			for i := range any {
				any[i] = any[i] || one[i]
			}
		}
		copy(keep, any)
	}, err
}

func (m *Matcher) compileAll(fs []Filter) ([]condition, error) {
	cs := make([]condition, len(fs))
	for i, f := range fs {
		var err error
		if cs[i], err = m.compile(f); err != nil {
			return nil, err
		}
	}
	return cs, nil
}

func not(c condition) condition {
	return func(b *Block, keep []bool) {
		inner := slices.Clone(keep)
		c(b, inner)
		for i := range keep {
			keep[i] = keep[i] && !inner[i]
		}
	}
}

func inStreams(ms []*labels.Matcher) condition {
	return func(b *Block, keep []bool) {
		for _, m := range ms {
			if !m.Matches(b.Stream.Get(m.Name)) {
				clear(keep)
				return
			}
		}
	}
}

func eachEntry(match func(*Block, int) bool) condition {
	return func(b *Block, keep []bool) {
		for i := range keep {
			keep[i] = keep[i] && match(b, i)
		}
	}
}

// onField tests the values of a field. A block may lack the field, and then has the
// empty value everywhere.
func onField(field Field, test func(string) bool) condition {
	return func(b *Block, keep []bool) {
		values, same := b.values(field)
		if values == nil {
			if !test(same) {
				clear(keep)
			}
			return
		}
		for i := range keep {
			keep[i] = keep[i] && test(values[i])
		}
	}
}

// textTest returns what a filter on a value tests.
func textTest(f Filter) (field Field, test func(string) bool, err error) {
	switch f := f.(type) {
	case Contains:
		test = func(v string) bool { return strings.Contains(v, f.Text) }
		if f.FoldCase {
			test = func(v string) bool { return containsFold(v, f.Text) }
		}
		return f.Field, test, nil
	case MatchRegex:
		re, err := regexp.Compile(f.Expr)
		if err != nil {
			return f.Field, nil, err
		}
		return f.Field, re.MatchString, nil
	case Equals:
		return f.Field, func(v string) bool { return v == f.Value }, nil
	case In:
		set := make(map[string]struct{}, len(f.Values))
		for _, v := range f.Values {
			set[v] = struct{}{}
		}
		return f.Field, func(v string) bool { _, ok := set[v]; return ok }, nil
	case Exists:
		return f.Field, func(v string) bool { return v != "" }, nil
	case NumberRange:
		return f.Field, func(v string) bool {
			n, ok := ParseNumber(v)
			return ok && n >= f.Min && n <= f.Max
		}, nil
	}
	return field, nil, fmt.Errorf("unknown filter %T", f)
}

// values returns a field's value for each entry, or nil and the value that they all
// have.
func (b *Block) values(f Field) (values []string, same string) {
	switch f.Kind {
	case Line:
		return b.Lines, ""
	case Label:
		return nil, b.Stream.Get(f.Name)
	case Metadata:
		return columnValues(b.Metadata, f.Name), ""
	default:
		return columnValues(b.Parsed, f.Name), ""
	}
}

func columnValues(cs []Column, name string) []string {
	for i := range cs {
		if cs[i].Name == name {
			return cs[i].Values
		}
	}
	return nil
}

// Format says how the i-th line was read.
func (b *Block) Format(i int) Format {
	if b.Formats == nil {
		return Raw
	}
	return b.Formats[i]
}

// Filter returns the condition as a filter.
func (l LineFilter) Filter() Filter {
	var f Filter = Contains{Text: l.Text}
	if l.Regex != "" {
		f = MatchRegex{Expr: l.Regex}
	}
	if l.Not {
		f = Not{f}
	}
	return f
}

// Filter returns all conditions on entries, Lines and Where, as one filter; nil if
// there are none. The time range and Matchers are not part of it.
func (q *Query) Filter() Filter {
	var and And
	for _, l := range q.Lines {
		and = append(and, l.Filter())
	}
	if q.Where != nil {
		and = append(and, q.Where)
	}
	switch len(and) {
	case 0:
		return nil
	case 1:
		return and[0]
	}
	return and
}
