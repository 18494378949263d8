package tracestore

import (
	"math"
	"regexp"

	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/traces"
)

// compile turns a query into the row store's; Columns and Limit are the caller's.
func compile(q traces.Query) rowstore.Query {
	var matchers []rowstore.StreamMatcher
	var all rowstore.And
	if q.Service != "" {
		matchers = append(matchers, rowstore.StreamMatcher{Name: streamService, Op: rowstore.Equal, Value: text(q.Service)})
		if text(q.Service) != q.Service {
			all = append(all, attribute(prefixResource, "service.name", q.Service))
		}
	}
	if q.Operation != "" {
		// Spans whose name has no stream of its own are in the stream without one.
		expr := "|" + regexp.QuoteMeta(text(q.Operation))
		matchers = append(matchers, rowstore.StreamMatcher{Name: streamOperation, Op: rowstore.Regex, Value: expr})
		all = append(all, rowstore.Equals{Name: colName, Value: q.Operation})
	}
	if q.MinDuration > 1 || q.MaxDuration > 0 {
		r := rowstore.NumberRange{Name: colDuration, Min: float64(q.MinDuration), Max: math.Inf(1)}
		if q.MaxDuration > 0 {
			r.Max = float64(q.MaxDuration)
		}
		all = append(all, r)
	}
	for _, any := range q.Where {
		var or rowstore.Or
		for _, m := range any {
			or = append(or, match(m))
		}
		all = append(all, or)
	}
	out := rowstore.Query{Start: q.Start, End: q.End, Streams: spanStreams(matchers...)}
	if len(all) > 0 {
		out.Filter = all
	}
	return out
}

func match(m traces.Match) rowstore.Filter {
	switch m.Property {
	case traces.SpanAttribute:
		return attribute(prefixSpan, m.Key, m.Value)
	case traces.ResourceAttribute:
		return attribute(prefixResource, m.Key, m.Value)
	case traces.EventAttribute:
		return attribute(prefixEvent, m.Key, m.Value)
	case traces.EventName:
		if m.Value == "" {
			return rowstore.Or{}
		}
		return oneOf(colEvent, packValue(m.Value))
	case traces.ScopeName:
		return plain(colScope, packValue(m.Value), m.Value)
	case traces.ScopeVersion:
		return plain(colScopeVer, packValue(m.Value), m.Value)
	case traces.StatusMessage:
		return plain(colMessage, packValue(m.Value), m.Value)
	case traces.TraceState:
		return plain(colState, packValue(m.Value), m.Value)
	case traces.StatusCode:
		return plain(colStatus, m.Value, m.Value)
	case traces.Kind:
		// A stream field, which filters see like any other.
		return plain(streamKind, m.Value, m.Value)
	}
	panic("BUG: match of an unknown property")
}

// attribute matches an attribute that has the value, among others or alone.
func attribute(prefix, key, value string) rowstore.Filter {
	return oneOf(columnName(prefix, key), packValue(value))
}

// oneOf matches a column that has the value, among others or alone, or that had no
// room in its row.
func oneOf(column, packed string) rowstore.Filter {
	return rowstore.Or{
		rowstore.Equals{Name: column, Value: packed},
		rowstore.Contains{Name: column, Text: delimited(withoutMarks(packed))},
		rowstore.Contains{Name: colMore, Text: delimited(packPair(column, packed))},
	}
}

// plain matches a column of one value. A span without the property has no column,
// and no search for the empty text finds it: such a tag would not be there.
func plain(column, packed, value string) rowstore.Filter {
	if value == "" {
		return rowstore.Or{}
	}
	return rowstore.Equals{Name: column, Value: packed}
}
