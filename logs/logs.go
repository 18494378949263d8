// Package logs is the contract of the log store: what ingest may write and what
// LogQL, the Loki API and correlation may ask. logs/logstore implements it on one
// machine, logs/logql evaluates the language over it.
package logs

import (
	"context"

	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/tenant"
)

// Appender is the write side.
type Appender interface {
	// Append stores all entries or none and returns when they are on disk (synced):
	// they are there exactly once after a crash. Streams' labels and entries must
	// have been checked against the tenant's limits. Safe for concurrent use; the
	// caller may reuse streams afterwards.
	Append(ctx context.Context, t tenant.ID, streams []model.LogStream) error
}
