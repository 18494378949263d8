package otlp

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/pharosd/pharos/model"
)

// indexed are the resource attributes that become labels of the stream; all others
// become structured metadata. It is Loki's list
// (distributor.otlp_config.default_resource_attributes_as_index_labels).
var indexed = map[string]bool{
	"service.name":                true,
	"service.namespace":           true,
	"service.instance.id":         true,
	"deployment.environment":      true,
	"deployment.environment.name": true,
	"cloud.region":                true,
	"cloud.availability_zone":     true,
	"k8s.cluster.name":            true,
	"k8s.namespace.name":          true,
	"k8s.pod.name":                true,
	"k8s.container.name":          true,
	"container.name":              true,
	"k8s.replicaset.name":         true,
	"k8s.deployment.name":         true,
	"k8s.statefulset.name":        true,
	"k8s.daemonset.name":          true,
	"k8s.cronjob.name":            true,
	"k8s.job.name":                true,
}

// serviceLabels are the labels that name the service of a resource that does not
// say service.name, in Loki's order (discover_service_name).
var serviceLabels = []string{
	"service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
	"k8s_container_name", "component", "workload", "job", "k8s_job_name",
}

const (
	serviceLabel   = "service_name"
	unknownService = "unknown_service"
)

// Streams maps OTLP logs to streams as Loki does (documentation: "Ingesting logs
// to Loki using OpenTelemetry Collector"): some resource attributes become labels,
// what else describes the record becomes structured metadata, the body the line.
// A body that is no string is written as JSON. now is the time of records that
// have none.
func Streams(ld plog.Logs, now time.Time) []model.LogStream {
	var out []model.LogStream
	place := map[string]int{}
	for _, rl := range ld.ResourceLogs().All() {
		labels, common := resourceLabels(rl.Resource())
		var entries []model.LogEntry
		for _, sl := range rl.ScopeLogs().All() {
			shared := append(slices.Clip(common), scopeMetadata(sl.Scope())...)
			for _, lr := range sl.LogRecords().All() {
				entries = append(entries, entry(lr, shared, now))
			}
		}
		if len(entries) == 0 {
			continue
		}
		key := labels.String()
		if i, ok := place[key]; ok {
			out[i].Entries = append(out[i].Entries, entries...)
			continue
		}
		place[key] = len(out)
		out = append(out, model.LogStream{Labels: labels, Entries: entries})
	}
	return out
}

// resourceLabels splits a resource's attributes into labels and metadata.
func resourceLabels(r pcommon.Resource) (model.Labels, []model.Label) {
	var labels, metadata []model.Label
	for k, v := range r.Attributes().All() {
		if indexed[k] {
			labels = appendAttribute(labels, "", k, v)
		} else {
			metadata = appendAttribute(metadata, "", k, v)
		}
	}
	out := model.NewLabels(labels...)
	if out.Get(serviceLabel) == "" {
		out = model.NewLabels(append(out, model.Label{Name: serviceLabel, Value: discoverService(out)})...)
	}
	return out, appendCount(metadata, "resource_dropped_attributes_count", r.DroppedAttributesCount())
}

func discoverService(labels model.Labels) string {
	for _, name := range serviceLabels {
		if v := labels.Get(name); v != "" {
			return v
		}
	}
	return unknownService
}

func scopeMetadata(s pcommon.InstrumentationScope) []model.Label {
	var out []model.Label
	for k, v := range s.Attributes().All() {
		out = appendAttribute(out, "", k, v)
	}
	out = appendText(out, "scope_name", s.Name())
	out = appendText(out, "scope_version", s.Version())
	return appendCount(out, "scope_dropped_attributes_count", s.DroppedAttributesCount())
}

func entry(lr plog.LogRecord, shared []model.Label, now time.Time) model.LogEntry {
	metadata := make([]model.Label, 0, len(shared)+lr.Attributes().Len()+6)
	metadata = append(metadata, shared...)
	for k, v := range lr.Attributes().All() {
		metadata = appendAttribute(metadata, "", k, v)
	}
	at := lr.Timestamp()
	switch {
	case at == 0 && lr.ObservedTimestamp() != 0:
		at = lr.ObservedTimestamp()
	case at == 0:
		at = pcommon.NewTimestampFromTime(now)
	case lr.ObservedTimestamp() != 0:
		metadata = appendText(metadata, "observed_timestamp", strconv.FormatUint(uint64(lr.ObservedTimestamp()), 10))
	}
	if n := lr.SeverityNumber(); n != plog.SeverityNumberUnspecified {
		metadata = appendText(metadata, "severity_number", strconv.Itoa(int(n)))
	}
	metadata = appendText(metadata, "severity_text", lr.SeverityText())
	metadata = appendCount(metadata, "dropped_attributes_count", lr.DroppedAttributesCount())
	metadata = appendCount(metadata, "flags", uint32(lr.Flags()))
	if id := lr.TraceID(); !id.IsEmpty() {
		metadata = appendText(metadata, "trace_id", id.String())
	}
	if id := lr.SpanID(); !id.IsEmpty() {
		metadata = appendText(metadata, "span_id", id.String())
	}
	return model.LogEntry{Time: nanos(at), Line: lr.Body().AsString(), Metadata: model.NewLabels(metadata...)}
}

// nanos keeps a time that does not fit (after 2262) far in the future, where the
// limits refuse it.
func nanos(ts pcommon.Timestamp) int64 {
	const most = 1<<63 - 1
	if ts > most {
		return most
	}
	return int64(ts)
}

// appendAttribute adds an attribute under its label name; a map becomes one label
// for each of its leaves, its keys joined by underscores.
func appendAttribute(to []model.Label, prefix, key string, v pcommon.Value) []model.Label {
	name := labelName(key)
	if prefix != "" {
		name = prefix + "_" + name
	}
	if v.Type() != pcommon.ValueTypeMap || len(name) > maxNestedName {
		return appendText(to, name, v.AsString())
	}
	for k, inner := range v.Map().All() {
		to = appendAttribute(to, name, k, inner)
	}
	return to
}

// maxNestedName ends the unfolding of maps in maps: a deeper one is written as
// JSON. No limit on label names is as long.
const maxNestedName = 4096

func appendText(to []model.Label, name, value string) []model.Label {
	if value == "" {
		return to
	}
	return append(to, model.Label{Name: name, Value: value})
}

func appendCount(to []model.Label, name string, n uint32) []model.Label {
	if n == 0 {
		return to
	}
	return appendText(to, name, strconv.FormatUint(uint64(n), 10))
}

// labelName makes a name of letters, digits and underscores out of an attribute's:
// "k8s.pod.name" becomes "k8s_pod_name", "1st" becomes "key_1st".
func labelName(key string) string {
	if key == "" {
		return "key"
	}
	clean := strings.Map(func(c rune) rune {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' {
			return c
		}
		return '_'
	}, key)
	if clean[0] >= '0' && clean[0] <= '9' {
		return "key_" + clean
	}
	return clean
}
