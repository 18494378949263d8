package jaeger

import (
	"slices"
	"strings"

	"github.com/pharosd/pharos/traces"
)

// conditions turns tags into conditions on spans. A tag of Jaeger is an attribute
// of the span, its resource or one of its events, or one of the tags that the
// translation from OpenTelemetry adds.
func conditions(tags map[string]string) []traces.AnyOf {
	out := make([]traces.AnyOf, 0, len(tags))
	for key, value := range tags {
		any := traces.AnyOf{
			{Property: traces.SpanAttribute, Key: key, Value: value},
			{Property: traces.EventAttribute, Key: key, Value: value},
		}
		if key != "service.name" { // of a resource it is the service, not a tag
			any = append(any, traces.Match{Property: traces.ResourceAttribute, Key: key, Value: value})
		}
		if m, ok := translated(key, value); ok {
			any = append(any, m)
		}
		out = append(out, any)
	}
	slices.SortFunc(out, func(a, b traces.AnyOf) int { return strings.Compare(a[0].Key, b[0].Key) })
	return out
}

// translated returns what a tag stands for that the translation adds.
func translated(key, value string) (traces.Match, bool) {
	switch key {
	case "span.kind":
		return traces.Match{Property: traces.Kind, Value: value}, true
	case "error":
		return traces.Match{Property: traces.StatusCode, Value: "error"}, value == "true"
	case "otel.status_code":
		return traces.Match{Property: traces.StatusCode, Value: strings.ToLower(value)}, value == "OK" || value == "ERROR"
	case "otel.status_description":
		return traces.Match{Property: traces.StatusMessage, Value: value}, true
	case "otel.scope.name":
		return traces.Match{Property: traces.ScopeName, Value: value}, true
	case "otel.scope.version":
		return traces.Match{Property: traces.ScopeVersion, Value: value}, true
	case "w3c.tracestate":
		return traces.Match{Property: traces.TraceState, Value: value}, true
	case "event":
		return traces.Match{Property: traces.EventName, Value: value}, true
	}
	return traces.Match{}, false
}
