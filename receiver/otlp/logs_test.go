package otlp

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"

	"github.com/pharosd/pharos/model"
)

func someLogs() plog.Logs {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	rl.Resource().Attributes().PutStr("service.name", "web")
	rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty().Body().SetStr("hello")
	return ld
}

func TestStreamsFollowLokisMapping(t *testing.T) {
	ld := plog.NewLogs()
	rl := ld.ResourceLogs().AppendEmpty()
	res := rl.Resource().Attributes()
	res.PutStr("service.name", "web")
	res.PutStr("k8s.pod.name", "web-1")
	res.PutStr("host.name", "n1")
	res.PutInt("1st", 7)
	res.PutEmptyMap("process").PutStr("exe.path", "/bin/web")
	sl := rl.ScopeLogs().AppendEmpty()
	sl.Scope().SetName("lib")
	sl.Scope().SetVersion("2")
	lr := sl.LogRecords().AppendEmpty()
	lr.SetTimestamp(1000)
	lr.SetObservedTimestamp(2000)
	lr.SetSeverityNumber(plog.SeverityNumberError)
	lr.SetSeverityText("ERROR")
	lr.SetTraceID(pcommon.TraceID{0xab})
	lr.SetSpanID(pcommon.SpanID{0xcd})
	lr.SetFlags(1)
	lr.SetDroppedAttributesCount(3)
	lr.Attributes().PutStr("http.method", "GET")
	lr.Attributes().PutStr("empty", "")
	lr.Body().SetStr("it broke\n")
	second := sl.LogRecords().AppendEmpty()
	second.SetObservedTimestamp(3000)
	second.Body().SetEmptyMap().PutInt("n", 1)

	got := Streams(ld, time.Unix(0, 9000))
	want := []model.LogStream{{
		Labels: model.NewLabels(model.Label{Name: "service_name", Value: "web"}, model.Label{Name: "k8s_pod_name", Value: "web-1"}),
		Entries: []model.LogEntry{
			{Time: 1000, Line: "it broke\n", Metadata: model.NewLabels(
				model.Label{Name: "host_name", Value: "n1"}, model.Label{Name: "key_1st", Value: "7"},
				model.Label{Name: "process_exe_path", Value: "/bin/web"},
				model.Label{Name: "scope_name", Value: "lib"}, model.Label{Name: "scope_version", Value: "2"},
				model.Label{Name: "observed_timestamp", Value: "2000"},
				model.Label{Name: "severity_number", Value: "17"}, model.Label{Name: "severity_text", Value: "ERROR"},
				model.Label{Name: "dropped_attributes_count", Value: "3"}, model.Label{Name: "flags", Value: "1"},
				model.Label{Name: "trace_id", Value: "ab000000000000000000000000000000"},
				model.Label{Name: "span_id", Value: "cd00000000000000"},
				model.Label{Name: "http_method", Value: "GET"},
			)},
			{Time: 3000, Line: `{"n":1}`, Metadata: model.NewLabels(
				model.Label{Name: "host_name", Value: "n1"}, model.Label{Name: "key_1st", Value: "7"},
				model.Label{Name: "process_exe_path", Value: "/bin/web"},
				model.Label{Name: "scope_name", Value: "lib"}, model.Label{Name: "scope_version", Value: "2"},
			)},
		},
	}}
	require.Equal(t, want, got)
}

func TestStreamsNameTheService(t *testing.T) {
	for attribute, want := range map[string]string{"k8s.container.name": "api", "container.name": "api", "host.name": "unknown_service", "k8s.job.name": "api"} {
		ld := plog.NewLogs()
		rl := ld.ResourceLogs().AppendEmpty()
		rl.Resource().Attributes().PutStr(attribute, "api")
		rl.ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
		got := Streams(ld, time.Unix(0, 9000))
		require.Equal(t, want, got[0].Labels.Get("service_name"), attribute)
		require.EqualValues(t, 9000, got[0].Entries[0].Time)
	}
}

func TestStreamsJoinsResourcesOfTheSameLabels(t *testing.T) {
	ld := someLogs()
	someLogs().ResourceLogs().MoveAndAppendTo(ld.ResourceLogs())
	got := Streams(ld, time.Now())
	require.Len(t, got, 1)
	require.Len(t, got[0].Entries, 2)
}
