package config

import (
	"math"
	"slices"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/internal/strictyaml"
	"github.com/pharosd/pharos/query/deletion"
)

// forever is what Loki's 0 means where it is no limit and Pharos needs one.
const forever = 100 * 365 * 24 * time.Hour

// lokiLimit is a key of limits_config that has a meaning here.
type lokiLimit struct {
	name string
	// read returns what sets the value, nil if it is wrong and r was told so.
	read func(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits)
	// retention values hold only if the compactor applies retention, global ones not
	// for one tenant.
	retention, global bool
}

// of makes the reader of a limit out of the reader of its value.
func of[T any](value func(*lokiReader, string, *yaml.Node) (T, bool), set func(own *LogLimits, v T)) func(*lokiReader, string, *yaml.Node) func(*Logs, *LogLimits) {
	return func(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits) {
		v, ok := value(r, key, n)
		if !ok {
			return nil
		}
		return func(_ *Logs, own *LogLimits) { set(own, v) }
	}
}

// unless0 is v, or none for Loki's 0, which is no limit.
func unless0[T int | int64 | time.Duration](v, none T) T {
	if v == 0 {
		return none
	}
	return v
}

// lokiLimits are in the order in which they are set.
var lokiLimits = []lokiLimit{
	{name: "ingestion_rate_mb", read: of(megabytes, func(o *LogLimits, v int) { o.Limits.IngestionRate = v })},
	{name: "ingestion_burst_size_mb", read: of(megabytes, func(o *LogLimits, v int) { o.Limits.IngestionBurst = v })},
	{name: "max_line_size", read: readMaxLineSize},
	{name: "max_line_size_truncate", read: of(boolean, func(o *LogLimits, v bool) { o.Limits.MaxLineSizeTruncate = v })},
	{name: "max_line_size_truncate_identifier", read: of(text, func(o *LogLimits, v string) { o.Limits.MaxLineSizeTruncateIdentifier = v })},
	{name: "max_label_name_length", read: of(whole, func(o *LogLimits, v int) { o.Limits.MaxLabelNameLength = v })},
	{name: "max_label_value_length", read: of(whole, func(o *LogLimits, v int) { o.Limits.MaxLabelValueLength = v })},
	{name: "max_label_names_per_series", read: of(whole, func(o *LogLimits, v int) { o.Limits.MaxLabelNamesPerSeries = v })},
	{name: "reject_old_samples_max_age", read: of(duration, func(o *LogLimits, v time.Duration) { o.Limits.MaxAge = unless0(v, forever) })},
	{name: "reject_old_samples", read: of(boolean, func(o *LogLimits, v bool) {
		if !v {
			o.Limits.MaxAge = forever // the retention still bounds it
		}
	})},
	{name: "creation_grace_period", read: readGracePeriod},
	{name: "discover_service_name", read: of(texts, func(o *LogLimits, v []string) { o.Limits.DiscoverServiceName = v })},
	{name: "discover_log_levels", read: of(boolean, func(o *LogLimits, v bool) { o.Limits.DiscoverLogLevels = v })},
	{name: "max_global_streams_per_user", read: of(whole, func(o *LogLimits, v int) { o.Limits.MaxStreams = v })},
	{name: "max_streams_per_user", read: of(whole, func(o *LogLimits, v int) {
		if v > 0 && (o.Limits.MaxStreams == 0 || v < o.Limits.MaxStreams) { // of one ingester, and there is one
			o.Limits.MaxStreams = v
		}
	})},
	{name: "per_stream_rate_limit", read: of(size, func(o *LogLimits, v int64) { o.Limits.PerStreamRateLimit = int(v) })},
	{name: "per_stream_rate_limit_burst", read: of(size, func(o *LogLimits, v int64) { o.Limits.PerStreamRateLimitBurst = int(v) })},
	{name: "allow_structured_metadata", read: of(boolean, func(o *LogLimits, v bool) { o.Limits.AllowStructuredMetadata = v })},
	{name: "max_structured_metadata_size", read: of(size, func(o *LogLimits, v int64) { o.Limits.MaxStructuredMetadataSize = int(v) })},
	{name: "max_structured_metadata_entries_count", read: of(whole, func(o *LogLimits, v int) { o.Limits.MaxStructuredMetadataEntriesCount = v })},

	{name: "max_entries_limit_per_query", read: of(whole, func(o *LogLimits, v int) { o.Query.MaxEntries = unless0(v, math.MaxInt32) })},
	{name: "max_query_series", read: of(whole, func(o *LogLimits, v int) { o.Query.MaxSeries = unless0(v, math.MaxInt32) })},
	{name: "max_query_length", read: of(duration, func(o *LogLimits, v time.Duration) { o.Query.MaxLength = unless0(v, forever) })},
	{name: "max_query_bytes_read", read: of(size, func(o *LogLimits, v int64) { o.Query.MaxBytes = unless0(v, math.MaxInt64) })},
	{name: "query_timeout", read: of(duration, func(o *LogLimits, v time.Duration) { o.Query.Timeout = unless0(v, forever) })},

	{name: "max_concurrent_tail_requests", global: true, read: func(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits) {
		v, ok := whole(r, key, n)
		if !ok {
			return nil
		}
		return func(l *Logs, _ *LogLimits) { l.Tail.MaxSubscribers = unless0(v, math.MaxInt32) }
	}},
	{name: "deletion_mode", global: true, read: func(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits) {
		c := deletion.DefaultConfig()
		c.Mode = n.Value
		if err := c.Validate(); err != nil {
			r.problem(n, key, "", "%q is none of filter-and-delete, filter-only and disabled", n.Value)
			return nil
		}
		return func(l *Logs, _ *LogLimits) { l.Deletion.Mode = n.Value }
	}},

	{name: "retention_period", retention: true, read: readRetention},
	{name: "retention_stream", retention: true, read: readRetentionStream},
}

func text(r *lokiReader, key string, n *yaml.Node) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		r.problem(n, key, "", "expected a text")
		return "", false
	}
	return n.Value, true
}

func readMaxLineSize(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits) {
	v, ok := size(r, key, n)
	if !ok {
		return nil
	}
	if v > ingest.MaxStoredLine {
		r.ignore(n, key, "in part: no line may have more than 900KB")
		v = ingest.MaxStoredLine
	}
	return func(_ *Logs, o *LogLimits) { o.Limits.MaxLineSize = int(v) }
}

func readGracePeriod(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits) {
	v, ok := duration(r, key, n)
	if !ok {
		return nil
	}
	if v > 24*time.Hour {
		r.ignore(n, key, "in part: no line may be more than 24h ahead")
		v = 24 * time.Hour
	}
	return func(_ *Logs, o *LogLimits) { o.Limits.CreationGracePeriod = v }
}

func readRetention(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits) {
	v, ok := duration(r, key, n)
	if !ok {
		return nil
	}
	if v > 0 && v < 24*time.Hour {
		r.problem(n, key, "", "retention period must be >= 24h was %s", n.Value)
		return nil
	}
	return func(_ *Logs, o *LogLimits) { o.Retention = strictyaml.Duration(unless0(v, forever)) }
}

func readRetentionStream(r *lokiReader, key string, n *yaml.Node) func(*Logs, *LogLimits) {
	if n.Kind != yaml.SequenceNode {
		r.problem(n, key, "", "expected a list")
		return nil
	}
	var out []StreamRetention
	for _, x := range n.Content {
		s, ok := readStreamRetention(r, key, target(x))
		if !ok {
			return nil
		}
		out = append(out, s)
	}
	return func(_ *Logs, o *LogLimits) { o.RetentionStream = out }
}

func readStreamRetention(r *lokiReader, key string, n *yaml.Node) (s StreamRetention, ok bool) {
	before := len(r.found)
	r.each(key, n, func(name string, k, v *yaml.Node) {
		path := key + "." + name
		switch name {
		case "selector":
			s.Selector, _ = text(r, path, v)
			if err := s.validate(); err != nil {
				r.problem(v, path, "", "%s", err)
			}
		case "priority":
			s.Priority, _ = whole(r, path, v)
		case "period":
			d, _ := duration(r, path, v)
			if d < 24*time.Hour {
				r.problem(v, path, "", "retention period must be >= 24h was %s", v.Value)
			}
			s.Period = strictyaml.Duration(d)
		default:
			r.unknown(k, key, name, []string{"selector", "priority", "period"})
		}
	})
	if s.Selector == "" && len(r.found) == before {
		r.problem(n, key, "", "selector is missing")
	}
	return s, len(r.found) == before
}

func lokiLimitNames() []string {
	names := keysOf(lokiUnused)
	for _, l := range lokiLimits {
		names = append(names, l.name)
	}
	slices.Sort(names)
	return names
}
