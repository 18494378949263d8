package jaeger

import (
	"math"
	"strconv"
	"strings"

	"github.com/jaegertracing/jaeger-idl/model/v1"
)

// The JSON form of traces, as Jaeger's UI reads it (internal/uimodel there). Times
// and durations are microseconds.
type (
	uiTrace struct {
		TraceID   string               `json:"traceID"`
		Spans     []uiSpan             `json:"spans"`
		Processes map[string]uiProcess `json:"processes"`
		Warnings  []string             `json:"warnings"`
	}
	uiSpan struct {
		TraceID       string        `json:"traceID"`
		SpanID        string        `json:"spanID"`
		Flags         uint32        `json:"flags,omitempty"`
		OperationName string        `json:"operationName"`
		References    []uiReference `json:"references"`
		StartTime     uint64        `json:"startTime"`
		Duration      uint64        `json:"duration"`
		Tags          []uiTag       `json:"tags"`
		Logs          []uiLog       `json:"logs"`
		ProcessID     string        `json:"processID"`
		Warnings      []string      `json:"warnings"`
	}
	uiReference struct {
		RefType string `json:"refType"`
		TraceID string `json:"traceID"`
		SpanID  string `json:"spanID"`
	}
	uiProcess struct {
		ServiceName string  `json:"serviceName"`
		Tags        []uiTag `json:"tags"`
	}
	uiLog struct {
		Timestamp uint64  `json:"timestamp"`
		Fields    []uiTag `json:"fields"`
	}
	uiTag struct {
		Key   string `json:"key"`
		Type  string `json:"type"`
		Value any    `json:"value"`
	}
	uiOperation struct {
		Name     string `json:"name"`
		SpanKind string `json:"spanKind"`
	}
	uiLink struct {
		Parent    string `json:"parent"`
		Child     string `json:"child"`
		CallCount uint64 `json:"callCount"`
	}
)

func uiTraceOf(t *model.Trace) uiTrace {
	out := uiTrace{Spans: make([]uiSpan, 0, len(t.Spans)), Processes: map[string]uiProcess{}, Warnings: t.Warnings}
	if len(t.Spans) > 0 {
		out.TraceID = t.Spans[0].TraceID.String()
	}
	names := processNames{}
	for _, s := range t.Spans {
		name, added := names.of(s.Process)
		if added {
			out.Processes[name] = uiProcess{ServiceName: s.Process.ServiceName, Tags: uiTags(s.Process.Tags)}
		}
		out.Spans = append(out.Spans, uiSpanOf(s, name))
	}
	return out
}

func uiSpanOf(s *model.Span, process string) uiSpan {
	out := uiSpan{
		TraceID:       s.TraceID.String(),
		SpanID:        s.SpanID.String(),
		Flags:         uint32(s.Flags),
		OperationName: s.OperationName,
		References:    make([]uiReference, 0, len(s.References)),
		StartTime:     model.TimeAsEpochMicroseconds(s.StartTime),
		Duration:      model.DurationAsMicroseconds(s.Duration),
		Tags:          uiTags(s.Tags),
		Logs:          make([]uiLog, 0, len(s.Logs)),
		ProcessID:     process,
		Warnings:      s.Warnings,
	}
	for _, ref := range s.References {
		kind := "CHILD_OF"
		if ref.RefType == model.FollowsFrom {
			kind = "FOLLOWS_FROM"
		}
		out.References = append(out.References, uiReference{kind, ref.TraceID.String(), ref.SpanID.String()})
	}
	for _, l := range s.Logs {
		out.Logs = append(out.Logs, uiLog{model.TimeAsEpochMicroseconds(l.Timestamp), uiTags(l.Fields)})
	}
	return out
}

func uiTags(kvs []model.KeyValue) []uiTag {
	out := make([]uiTag, len(kvs))
	for i := range kvs {
		kv := &kvs[i]
		out[i] = uiTag{Key: kv.Key, Type: strings.ToLower(kv.VType.String()), Value: uiValue(kv)}
	}
	return out
}

// uiValue keeps what JavaScript's numbers cannot hold as text.
func uiValue(kv *model.KeyValue) any {
	const maxSafeInteger = 1<<53 - 1
	switch kv.VType {
	case model.BoolType:
		return kv.Bool()
	case model.Int64Type:
		if n := kv.Int64(); n < -maxSafeInteger || n > maxSafeInteger {
			return strconv.FormatInt(n, 10)
		}
		return kv.Int64()
	case model.Float64Type:
		if f := kv.Float64(); math.IsNaN(f) || math.IsInf(f, 0) {
			return kv.AsString() // JSON has no such numbers; Jaeger fails here
		}
		return kv.Float64()
	case model.BinaryType:
		return kv.Binary()
	default:
		return kv.AsString()
	}
}

// processNames gives equal processes of a trace one name: p1, p2, ...
type processNames struct {
	byHash map[uint64][]namedProcess
	count  int
}

type namedProcess struct {
	process *model.Process
	name    string
}

func (n *processNames) of(p *model.Process) (name string, added bool) {
	hash, _ := model.HashCode(p) // writing to a hash does not fail
	for _, known := range n.byHash[hash] {
		if known.process.Equal(p) {
			return known.name, false
		}
	}
	if n.byHash == nil {
		n.byHash = map[uint64][]namedProcess{}
	}
	n.count++
	name = "p" + strconv.Itoa(n.count)
	n.byHash[hash] = append(n.byHash[hash], namedProcess{p, name})
	return name, true
}
