// Package traces is the contract of the span store. Spans travel as
// OpenTelemetry's ptrace.Traces. traces/tracestore implements it on one machine.
package traces

import (
	"context"

	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/pharosd/pharos/tenant"
)

// Appender is the write side.
type Appender interface {
	// Append stores all spans or none and returns when they are on disk (synced):
	// they are there exactly once after a crash. Safe for concurrent use; td must
	// not be changed during the call.
	Append(ctx context.Context, t tenant.ID, td ptrace.Traces) error
}
