package tracestore

import (
	"fmt"
	"math"
	"regexp"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/traces"
)

// odd matches values of a column that are not kept as they are, or are several: hashes
// of long ones, lists and escaped ones. The caller must look at them all.
const odd = `^[\[\x00-\x03]`

// rootLink matches colLink of spans without a parent.
const rootLink = `^[0-9a-f]{16}(<|$)`

// narrow turns a filter into the row store's. What it matches is all that f does, and
// more.
func narrow(f traces.Filter) (rowstore.Filter, error) {
	switch f := f.(type) {
	case nil:
		return rowstore.And{}, nil
	case traces.AllOf:
		out := make(rowstore.And, 0, len(f))
		for _, part := range f {
			n, err := narrow(part)
			if err != nil {
				return nil, err
			}
			out = append(out, n)
		}
		return out, nil
	case traces.SomeOf:
		out := make(rowstore.Or, 0, len(f))
		for _, part := range f {
			n, err := narrow(part)
			if err != nil {
				return nil, err
			}
			out = append(out, n)
		}
		return out, nil
	case traces.Condition:
		return narrowCondition(f)
	}
	return nil, fmt.Errorf("BUG: filter of type %T", f)
}

func narrowCondition(c traces.Condition) (rowstore.Filter, error) {
	switch c.Property {
	case traces.SpanAttribute:
		return narrowAttribute(prefixSpan, c), nil
	case traces.ResourceAttribute:
		return narrowResource(c), nil
	case traces.EventAttribute:
		return narrowAttribute(prefixEvent, c), nil
	case traces.EventName:
		return narrowColumn(colEvent, c), nil
	case traces.ScopeName:
		return narrowPlain(colScope, c), nil
	case traces.ScopeVersion:
		return narrowPlain(colScopeVer, c), nil
	case traces.StatusMessage:
		return narrowPlain(colMessage, c), nil
	case traces.StatusCode:
		return rowstore.Equals{Name: colStatus, Value: c.Value}, nil
	case traces.Kind:
		return rowstore.Equals{Name: streamKind, Value: c.Value}, nil
	case traces.SpanName:
		return narrowName(c), nil
	case traces.SpanLength:
		return rowstore.NumberRange{Name: colDuration, Min: math.Max(c.Min, 0), Max: math.Max(c.Max, 1)}, nil
	case traces.TraceOf:
		return rowstore.Equals{Name: colTraceID, Value: c.Value}, nil
	case traces.Root:
		return rowstore.MatchRegex{Name: colLink, Expr: rootLink}, nil
	}
	return nil, fmt.Errorf("BUG: condition on property %d", c.Property)
}

// narrowResource reads the service from the stream, which needs no row.
func narrowResource(c traces.Condition) rowstore.Filter {
	attribute := narrowAttribute(prefixResource, c)
	if c.Key != "service.name" || c.Op != traces.Is || c.Value == "" {
		return attribute
	}
	return rowstore.And{
		rowstore.InStreams{Streams: []rowstore.StreamMatcher{{Name: streamService, Op: rowstore.Regex, Value: serviceStreams(c.Value)}}},
		attribute,
	}
}

// serviceStreams matches the stream field of spans whose service has this name. One that
// is no text goes by another name there.
func serviceStreams(name string) string {
	return regexp.QuoteMeta(text(name)) + "|" + regexp.QuoteMeta(traces.WrongTypeServiceName)
}

func narrowAttribute(prefix string, c traces.Condition) rowstore.Filter {
	return narrowColumn(columnName(prefix, c.Key), c)
}

// narrowColumn tests a column that may have several values, or whose values may be
// among those without a column.
func narrowColumn(column string, c traces.Condition) rowstore.Filter {
	elsewhere := rowstore.Contains{Name: colMore, Text: withoutMarks(column) + markPair}
	switch c.Op {
	case traces.Is:
		return rowstore.Or{
			rowstore.Equals{Name: column, Value: packValue(c.Value)},
			rowstore.MatchRegex{Name: column, Expr: odd},
			elsewhere,
		}
	case traces.Matches:
		if expr, ok := whole(c.Value); ok {
			return rowstore.Or{
				rowstore.MatchRegex{Name: column, Expr: expr},
				rowstore.MatchRegex{Name: column, Expr: odd},
				elsewhere,
			}
		}
	case traces.Between:
		return rowstore.Or{
			rowstore.NumberRange{Name: column, Min: c.Min, Max: c.Max},
			rowstore.MatchRegex{Name: column, Expr: odd},
			elsewhere,
		}
	}
	return rowstore.Or{rowstore.Exists{Name: column}, elsewhere}
}

// whole is an expression that the whole text must match; ok is false of those that the
// store would find too few rows with.
func whole(expr string) (_ string, ok bool) {
	expr = `^(?:` + expr + `)$`
	return expr, rowstore.ExactRegex(expr)
}

// narrowPlain tests a column of one packed value.
func narrowPlain(column string, c traces.Condition) rowstore.Filter {
	switch {
	case c.Op == traces.Is && c.Value == "":
		return rowstore.Equals{Name: column, Value: ""}
	case c.Op == traces.Is:
		return rowstore.Equals{Name: column, Value: packValue(c.Value)}
	case c.Op == traces.Matches:
		if expr, ok := whole(c.Value); ok {
			return rowstore.Or{
				rowstore.MatchRegex{Name: column, Expr: expr},
				rowstore.MatchRegex{Name: column, Expr: odd},
			}
		}
	}
	return rowstore.And{}
}

// narrowName tests the span's name, which is never packed.
func narrowName(c traces.Condition) rowstore.Filter {
	switch c.Op {
	case traces.Is:
		return rowstore.Equals{Name: colName, Value: c.Value}
	case traces.Matches:
		if expr, ok := whole(c.Value); ok {
			return rowstore.MatchRegex{Name: colName, Expr: expr}
		}
	}
	return rowstore.And{}
}
