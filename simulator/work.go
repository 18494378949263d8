package simulator

import (
	"context"
	"math"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

func failSpan(span trace.Span, err error) {
	span.RecordError(err)
	span.SetStatus(codes.Error, err.Error())
}

// latency draws from a log-normal distribution with the given median, the shape
// that real services' times have: mostly near the median, with a long tail.
func latency(median time.Duration) time.Duration {
	return time.Duration(float64(median) * math.Exp(rand.NormFloat64()*0.45))
}

// work takes as long as latency says, or until ctx is done.
func work(ctx context.Context, median time.Duration) {
	t := time.NewTimer(latency(median))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// chance is true with probability p.
func chance(p float64) bool { return rand.Float64() < p }

func pick[T any](list []T) T { return list[rand.IntN(len(list))] }
