// Package ingest stands between receivers and stores: it resolves limits, checks
// and derives, hands batches to the stores' write-ahead logs and publishes what
// was acknowledged to live tails.
package ingest

import "time"

// Reason is a stable name of why data was refused. It is the value of the label
// "reason" of pharos_ingest_refused_total.
type Reason string

// The reasons. Names follow Loki's where it has one.
const (
	RateLimited       Reason = "rate_limited"
	StreamLimit       Reason = "stream_limit"
	StreamRateLimited Reason = "per_stream_rate_limit"
	SeriesLimit       Reason = "series_limit"
	LineTooLong       Reason = "line_too_long"
	TooManyLabels     Reason = "max_label_names_per_series"
	LabelNameTooLong  Reason = "label_name_too_long"
	LabelValueTooLong Reason = "label_value_too_long"
	MissingLabels     Reason = "missing_labels"
	InvalidLabels     Reason = "invalid_labels"
	TooMuchMetadata   Reason = "structured_metadata_too_large"
	NoMetadata        Reason = "disallowed_structured_metadata"
	TooOld            Reason = "greater_than_max_sample_age"
	TooNew            Reason = "too_far_in_future"
	OutOfOrder        Reason = "out_of_order"
	Duplicate         Reason = "duplicate_for_timestamp"
	SpanTooLarge      Reason = "span_too_large"
	Malformed         Reason = "malformed"
	VersionConflict   Reason = "version_conflict"
	BodyTooLarge      Reason = "body_too_large"
	DiskFull          Reason = "disk_full"
	Overloaded        Reason = "overloaded"
	Replaying         Reason = "replaying"
	OutsideOfScope    Reason = "outside_of_scope"
)

// Refusal is the error of a batch that was refused, whole or in part. Receivers
// turn it into their protocol's own code: Temporary ones into 429 or 503 with
// Retry-After (RESOURCE_EXHAUSTED or UNAVAILABLE with RetryInfo), the others into
// 400 (INVALID_ARGUMENT).
type Refusal struct {
	Reason Reason
	// Message names the limit, its value and what exceeded it, in the words of the
	// peer whose protocol it is.
	Message string
	// Refused is how many entries, spans or samples were not stored. The others of
	// the batch are stored and durable.
	Refused int
	// Temporary says that the same batch may be accepted later.
	Temporary  bool
	RetryAfter time.Duration
}

func (r *Refusal) Error() string { return r.Message }
