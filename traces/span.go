package traces

import (
	"encoding/hex"
	"strconv"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
)

// The names that spans go by whose resource has no usable service.name. They are
// Jaeger's (internal/jptrace/sanitizer), so that an installation that moves keeps
// its saved searches.
const (
	MissingServiceName   = "missing-service-name"
	EmptyServiceName     = "empty-service-name"
	WrongTypeServiceName = "service-name-wrong-type"
)

// ServiceName returns the name of the service that a resource stands for; never
// empty.
func ServiceName(r pcommon.Resource) string {
	v, ok := r.Attributes().Get("service.name")
	switch {
	case !ok:
		return MissingServiceName
	case v.Type() != pcommon.ValueTypeStr:
		return WrongTypeServiceName
	case v.Str() == "":
		return EmptyServiceName
	}
	return v.Str()
}

// Text returns the form of an attribute's value that searches compare with:
// numbers with up to ten significant digits, bytes in hexadecimal, lists and maps
// as JSON. It is Jaeger's (model.KeyValue.AsString).
func Text(v pcommon.Value) string {
	switch v.Type() {
	case pcommon.ValueTypeStr:
		return v.Str()
	case pcommon.ValueTypeInt:
		return strconv.FormatInt(v.Int(), 10)
	case pcommon.ValueTypeDouble:
		return strconv.FormatFloat(v.Double(), 'g', 10, 64)
	case pcommon.ValueTypeBytes:
		return hex.EncodeToString(v.Bytes().AsRaw())
	default:
		return v.AsString()
	}
}

// KindText returns the kind's name in searches and answers, "" for unspecified.
func KindText(k ptrace.SpanKind) string {
	switch k {
	case ptrace.SpanKindClient:
		return "client"
	case ptrace.SpanKindServer:
		return "server"
	case ptrace.SpanKindProducer:
		return "producer"
	case ptrace.SpanKindConsumer:
		return "consumer"
	case ptrace.SpanKindInternal:
		return "internal"
	}
	return ""
}

// ParseKind is the inverse of KindText; a text that names no kind is unspecified.
func ParseKind(s string) ptrace.SpanKind {
	for k := ptrace.SpanKindInternal; k <= ptrace.SpanKindConsumer; k++ {
		if KindText(k) == s {
			return k
		}
	}
	return ptrace.SpanKindUnspecified
}

// StatusText returns the status code's name in searches, "" for unset.
func StatusText(c ptrace.StatusCode) string {
	switch c {
	case ptrace.StatusCodeOk:
		return "ok"
	case ptrace.StatusCodeError:
		return "error"
	}
	return ""
}

// Duration returns how long a span took in nanoseconds, at least 1: a span that
// ends when it starts or before counts as 1 ns long, as in Jaeger.
func Duration(s ptrace.Span) int64 {
	start, end := s.StartTimestamp(), s.EndTimestamp()
	if end <= start {
		return 1
	}
	return int64(end - start)
}
