package simulator

import (
	"bytes"
	"context"
	"encoding/json"
	"time"

	"go.opentelemetry.io/otel/trace"
)

// Levels as the seed's log format spells them.
const (
	levelInfo  = "INFO"
	levelWarn  = "WARN"
	levelError = "ERROR"
)

// logger writes lines in the platform's log format and hands them to a shipper.
type logger struct {
	service, layer string
	ship           *shipper
}

// line is the platform's log format standard.
type line struct {
	Timestamp      string         `json:"timestamp"`
	Level          string         `json:"level"`
	Service        string         `json:"service"`
	Layer          string         `json:"layer"`
	TraceID        string         `json:"trace_id,omitempty"`
	SpanID         string         `json:"span_id,omitempty"`
	Message        string         `json:"message"`
	EventID        string         `json:"event_id,omitempty"`
	ProcessingTime int64          `json:"processing_time_ms,omitempty"`
	Metadata       map[string]any `json:"metadata,omitempty"`
}

// emit logs one message with the span of ctx.
func (l *logger) emit(ctx context.Context, level, message string, metadata map[string]any) {
	l.event(ctx, level, message, "", 0, metadata)
}

// event logs one message about an event of the platform.
func (l *logger) event(ctx context.Context, level, message, eventID string, took time.Duration, metadata map[string]any) {
	now := time.Now()
	rec := line{
		Timestamp: now.UTC().Format("2006-01-02T15:04:05.000Z"), Level: level, Service: l.service, Layer: l.layer,
		Message: message, EventID: eventID, ProcessingTime: took.Milliseconds(), Metadata: metadata,
	}
	sc := trace.SpanContextFromContext(ctx)
	if sc.IsSampled() {
		rec.TraceID, rec.SpanID = sc.TraceID().String(), sc.SpanID().String()
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(rec); err != nil {
		panic("BUG: a log line cannot be encoded: " + err.Error())
	}
	l.ship.add(record{
		time: now, labels: map[string]string{"service": l.service, "layer": l.layer, "level": level, "namespace": "data-ingestion"},
		line: string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), level: level, span: sc,
	})
}

// access logs one request in the Common Log Format.
func (l *logger) access(clf string, at time.Time) {
	l.ship.add(record{
		time: at, labels: map[string]string{"service": l.service, "layer": l.layer, "format": "clf", "namespace": "data-ingestion"}, line: clf, level: levelInfo,
	})
}
