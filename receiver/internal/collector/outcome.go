package collector

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// outcome carries what went wrong with a request between the HTTP server's gate and
// the consumer behind the receiver. The Jaeger and Zipkin receivers answer 500 to
// most of it, which would make clients repeat what can never be stored, or at once
// what must wait; and Zipkin's takes a body that was cut at its bound for a whole
// one.
type outcome struct {
	st       *status.Status // the sink's refusal
	tooLarge error          // the body exceeds its bound
}

type outcomeKey struct{}

func withOutcome(ctx context.Context) (context.Context, *outcome) {
	o := &outcome{}
	return context.WithValue(ctx, outcomeKey{}, o), o
}

func outcomeOf(ctx context.Context) *outcome {
	if o, ok := ctx.Value(outcomeKey{}).(*outcome); ok {
		return o
	}
	return &outcome{} // gRPC, which answers by the error itself
}

// watchedBody notes that a body exceeds its bound.
type watchedBody struct {
	io.ReadCloser
	outcome *outcome
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		b.outcome.tooLarge = err
	}
	return n, err
}

// statusWriter replaces the status of an answer to data that was refused.
type statusWriter struct {
	http.ResponseWriter
	outcome *outcome
	otlp    bool // OTLP's receiver answers rightly by itself
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(code int) {
	if code >= 400 && !w.otlp {
		code = w.outcome.code(code, w.Header())
	}
	w.ResponseWriter.WriteHeader(code)
}

// code returns the status that the outcome asks for.
func (o *outcome) code(code int, h http.Header) int {
	if o.tooLarge != nil {
		return http.StatusRequestEntityTooLarge
	}
	if o.st == nil {
		return code
	}
	if d := RetryDelay(o.st); d > 0 {
		h.Set("Retry-After", strconv.FormatInt(int64((d+time.Second-1)/time.Second), 10))
	}
	switch o.st.Code() {
	case codes.InvalidArgument:
		return http.StatusBadRequest
	case codes.ResourceExhausted:
		return http.StatusTooManyRequests
	case codes.Unavailable, codes.DeadlineExceeded, codes.Canceled:
		return http.StatusServiceUnavailable
	}
	return code
}

// Unwrap serves http.ResponseController.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
