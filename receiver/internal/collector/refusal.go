package collector

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/model"
)

// defaultRetry is what clients are told to wait when a refusal does not say.
const defaultRetry = time.Second

// Partial says that a part of a request was refused for good, while the rest is
// stored: the client must not send it again.
type Partial struct {
	Refused int
	Message string
}

// Outcome turns the error of a sink that was given total items into what the
// protocol answers: partial when a part was refused and the rest is durable, else
// a status, nil for success. Temporary refusals ask for a retry (RESOURCE_EXHAUSTED
// for limits, UNAVAILABLE for a store that cannot write), with a RetryInfo.
func Outcome(err error, total int) (*Partial, *status.Status) {
	var r *ingest.Refusal
	var overlap *model.OverlapError
	switch {
	case err == nil:
		return nil, nil
	case errors.As(err, &overlap):
		return nil, withInfo(status.New(codes.FailedPrecondition, err.Error()), "OVERLAP", "have", strconv.FormatUint(overlap.Have, 10))
	case !errors.As(err, &r):
		return nil, storeStatus(err)
	case r.Refused > 0 && r.Refused < total:
		return &Partial{Refused: r.Refused, Message: r.Message}, nil
	case !r.Temporary:
		return nil, status.New(codes.InvalidArgument, r.Message)
	}
	code := codes.ResourceExhausted
	if r.Reason == ingest.DiskFull || r.Reason == ingest.Overloaded || r.Reason == ingest.Replaying {
		code = codes.Unavailable
	}
	return nil, withRetry(status.New(code, r.Message), r.RetryAfter)
}

// storeStatus is for errors that mean that nothing was stored.
func storeStatus(err error) *status.Status {
	switch {
	case errors.Is(err, context.Canceled):
		return status.New(codes.Canceled, err.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return status.New(codes.DeadlineExceeded, err.Error())
	}
	return status.New(codes.Unavailable, err.Error())
}

func withRetry(s *status.Status, after time.Duration) *status.Status {
	if after <= 0 {
		after = defaultRetry
	}
	detailed, err := s.WithDetails(&errdetails.RetryInfo{RetryDelay: durationpb.New(after)})
	if err != nil {
		panic(fmt.Sprintf("BUG: retry info does not encode: %v", err))
	}
	return detailed
}

// partialStatus tells agents how many entries were refused for good.
func partialStatus(ctx context.Context, p *Partial, message string) *status.Status {
	if _, ok := model.ShipmentFrom(ctx); !ok {
		return status.New(codes.InvalidArgument, message)
	}
	return withInfo(status.New(codes.InvalidArgument, message), "PARTIAL", "refused", strconv.Itoa(p.Refused))
}

// withInfo adds a fact that agents read.
func withInfo(s *status.Status, reason, name, value string) *status.Status {
	detailed, err := s.WithDetails(&errdetails.ErrorInfo{Reason: reason, Domain: "pharos", Metadata: map[string]string{name: value}})
	if err != nil {
		panic(fmt.Sprintf("BUG: error info does not encode: %v", err))
	}
	return detailed
}

// RetryDelay returns how long a status asks to wait, 0 if it does not.
func RetryDelay(s *status.Status) time.Duration {
	for _, d := range s.Details() {
		if info, ok := d.(*errdetails.RetryInfo); ok {
			return info.GetRetryDelay().AsDuration()
		}
	}
	return 0
}
