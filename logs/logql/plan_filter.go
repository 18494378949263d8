package logql

import (
	"math"
	"strings"

	"github.com/prometheus/prometheus/model/labels"

	"github.com/pharosd/pharos/logs"
)

// lineCondition is what a line filter asks of the store. It is false if the store
// cannot do it.
func lineCondition(f *LineFilter) (logs.Filter, bool) {
	var or logs.Or
	for _, t := range f.Terms {
		switch {
		case t.IP:
			return nil, false
		case f.Op == "|=" || f.Op == "!=":
			or = append(or, logs.Contains{Text: t.Text})
		case f.Op == "|~" || f.Op == "!~":
			or = append(or, logs.MatchRegex{Expr: t.Text})
		default:
			return nil, false
		}
	}
	var out logs.Filter = or
	if len(or) == 1 {
		out = or[0]
	}
	if f.Op[0] == '!' {
		out = logs.Not{Filter: out}
	}
	return out, true
}

// patternCondition is what all lines have that a pattern filter keeps: the literals of
// one of its patterns. It is nil if that says nothing.
func patternCondition(f *LineFilter) logs.Filter {
	if f.Op != "|>" {
		return nil
	}
	var terms logs.Or
	for _, t := range f.Terms {
		p, err := parseLinePattern(t.Text)
		if err != nil || len(p) == 0 {
			return nil
		}
		var all logs.And
		for _, n := range p {
			if n.capture == "" {
				all = append(all, logs.Contains{Text: n.literal})
			}
		}
		if len(all) == 0 {
			return nil
		}
		terms = append(terms, all)
	}
	return or(terms...)
}

// pushDown returns the condition of the line filters at the begin of a pipeline that
// the store applies, and the stages that remain to be run.
func pushDown(stages []StageExpr) (down logs.And, rest []StageExpr) {
	stages = reorder(stages)
	i := 0
	for ; i < len(stages); i++ {
		f, ok := stages[i].(*LineFilter)
		if !ok {
			break
		}
		if c, ok := lineCondition(f); ok {
			down = append(down, c)
			continue
		}
		if c := patternCondition(f); c != nil {
			down = append(down, c)
		}
		rest = append(rest, f)
	}
	return down, append(rest, stages[i:]...)
}

// and joins conditions, flat and without those that are always true. An engine
// evaluates them in order: what is cheap and rare comes first, what reads lines last.
func and(fs ...logs.Filter) logs.Filter {
	var out logs.And
	for _, f := range fs {
		switch f := f.(type) {
		case nil:
		case logs.And:
			out = append(out, f...)
		default:
			out = append(out, f)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

func or(fs ...logs.Filter) logs.Filter {
	var out logs.Or
	for _, f := range fs {
		switch f := f.(type) {
		case logs.And:
			if len(f) == 0 { // always true
				return f
			}
			out = append(out, f)
		case logs.Or:
			out = append(out, f...)
		default:
			out = append(out, f)
		}
	}
	if len(out) == 1 {
		return out[0]
	}
	return out
}

// never says whether a condition matches nothing at all.
func never(f logs.Filter) bool {
	switch f := f.(type) {
	case logs.Or:
		return len(f) == 0
	case logs.And:
		for _, x := range f {
			if never(x) {
				return true
			}
		}
	}
	return false
}

// truth is a condition that does not depend on the entry.
func truth(b bool) logs.Filter {
	if b {
		return logs.And{}
	}
	return logs.Or{}
}

// resolver translates label filters. A label's value comes from the first of its
// sources that is not empty: a label of the stream hides metadata of its name, both
// hide what a parser finds (which gets a suffix then).
type resolver struct {
	// sources are where a label may come from, in that order.
	sources func(name string, parsed bool) []logs.FieldKind
	// strays: values that are no decimal numbers pass the condition on a number, since
	// they set the error label. Else somebody else sees to these entries.
	strays bool
}

// anySource is a resolver's sources when nothing is known of the data.
func anySource(_ string, parsed bool) []logs.FieldKind {
	if parsed {
		return []logs.FieldKind{logs.Label, logs.Metadata, logs.Parsed}
	}
	return []logs.FieldKind{logs.Label, logs.Metadata}
}

// condition returns what the store must be asked so that it selects the entries
// without an error that the filter lets through: exactly these, or more.
func (r resolver) condition(f labelFilter, parsed bool) (c logs.Filter, exact bool) {
	switch f := f.(type) {
	case *binaryFilter:
		left, lexact := r.condition(f.left, parsed)
		right, rexact := r.condition(f.right, parsed)
		if f.and {
			return and(left, right), lexact && rexact
		}
		return or(left, right), lexact && rexact
	case *stringFilter:
		return r.stringCondition(f, parsed)
	case *numberFilter:
		if unusual(f.name) || math.IsNaN(f.value) || math.IsInf(f.value, 0) {
			return truth(true), false
		}
		return r.first(f.name, parsed, false, func(field logs.Field) logs.Filter {
			c := numberCondition(f, field)
			if r.strays {
				c = or(c, stray(field))
			}
			return c
		}), true
	case *durationFilter:
		return r.exists(f.name, parsed), false
	case *bytesFilter:
		return r.exists(f.name, parsed), false
	}
	return truth(true), false
}

// exists is what all filters ask that a missing label does not pass.
func (r resolver) exists(name string, parsed bool) logs.Filter {
	if unusual(name) {
		return truth(true)
	}
	return r.first(name, parsed, false, func(field logs.Field) logs.Filter { return logs.Exists{Field: field} })
}

func (r resolver) stringCondition(f *stringFilter, parsed bool) (logs.Filter, bool) {
	passesEmpty := f.test("")
	switch {
	case f.m.Name == errorLabel && r.strays:
		return truth(true), false // a filter before may have set it
	case f.m.Name == errorLabel:
		return truth(passesEmpty), true
	case unusual(f.m.Name):
		return truth(true), false
	}
	return r.first(f.m.Name, parsed, passesEmpty, f.on), true
}

// unusual names have a meaning of their own, or may be made by the language.
func unusual(name string) bool {
	return strings.HasPrefix(name, "__") || strings.HasSuffix(name, extractedSuffix)
}

// first tests the first source that is not empty; passesEmpty is the answer of the
// test for the empty value.
func (r resolver) first(name string, parsed, passesEmpty bool, test func(logs.Field) logs.Filter) logs.Filter {
	kinds := r.sources(name, parsed)
	if len(kinds) == 0 {
		return truth(passesEmpty)
	}
	var out logs.Filter
	for i := len(kinds) - 1; i >= 0; i-- {
		field := logs.Field{Kind: kinds[i], Name: name}
		switch here := test(field); {
		case out == nil:
			out = here
		case passesEmpty: // here is true too where the field is empty
			out = and(here, or(logs.Exists{Field: field}, out))
		default:
			out = or(here, and(logs.Not{Filter: logs.Exists{Field: field}}, out))
		}
	}
	return out
}

// on is the filter as a condition on one field.
func (f *stringFilter) on(field logs.Field) logs.Filter {
	var c logs.Filter
	switch {
	case f.re == nil && f.m.Value == "":
		c = logs.Not{Filter: logs.Exists{Field: field}}
	case f.re == nil:
		c = logs.Equals{Field: field, Value: f.m.Value}
	case f.m.Value == ".*":
		c = truth(true)
	case len(f.m.SetMatches()) > 0:
		c = logs.In{Field: field, Values: f.m.SetMatches()}
	default:
		c = logs.MatchRegex{Field: field, Expr: anchored(f.m.Value)}
	}
	if f.m.Type == labels.MatchNotEqual || f.m.Type == labels.MatchNotRegexp {
		return logs.Not{Filter: c}
	}
	return c
}

// decimal matches entries whose field is a decimal number.
func decimal(field logs.Field) logs.Filter {
	return logs.NumberRange{Field: field, Min: math.Inf(-1), Max: math.Inf(1)}
}

// stray matches entries whose field is something else than a decimal number.
func stray(field logs.Field) logs.Filter {
	return and(logs.Exists{Field: field}, logs.Not{Filter: decimal(field)})
}

func numberCondition(f *numberFilter, field logs.Field) logs.Filter {
	in := logs.NumberRange{Field: field, Min: f.value, Max: f.value}
	switch f.op {
	case "==":
	case "!=":
		return and(decimal(field), logs.Not{Filter: in})
	case ">":
		in.Min, in.Max = math.Nextafter(f.value, math.Inf(1)), math.Inf(1)
	case ">=":
		in.Max = math.Inf(1)
	case "<":
		in.Min, in.Max = math.Inf(-1), math.Nextafter(f.value, math.Inf(-1))
	default:
		in.Min = math.Inf(-1)
	}
	return in
}
