package collector

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// outcome carries a sink's refusal from the consumer to the HTTP server's gate.
// The Jaeger and Zipkin receivers answer 500 to whatever went wrong, which would
// make clients repeat what can never be stored, or at once what must wait.
type outcome struct{ st *status.Status }

type outcomeKey struct{}

func withOutcome(ctx context.Context) (context.Context, *outcome) {
	o := &outcome{}
	return context.WithValue(ctx, outcomeKey{}, o), o
}

func noteOutcome(ctx context.Context, st *status.Status) {
	if o, ok := ctx.Value(outcomeKey{}).(*outcome); ok {
		o.st = st
	}
}

// statusWriter replaces the status of an answer to data that was refused.
type statusWriter struct {
	http.ResponseWriter
	outcome *outcome
	otlp    bool // OTLP's receiver answers rightly by itself
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(code int) {
	st := w.outcome.st
	if st == nil || w.otlp || code < 400 {
		w.ResponseWriter.WriteHeader(code)
		return
	}
	switch st.Code() {
	case codes.InvalidArgument:
		code = http.StatusBadRequest
	case codes.ResourceExhausted:
		code = http.StatusTooManyRequests
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		code = http.StatusServiceUnavailable
	}
	if d := RetryDelay(st); d > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
	w.ResponseWriter.WriteHeader(code)
}

// Unwrap serves http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
