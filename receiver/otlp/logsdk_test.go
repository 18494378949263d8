package otlp

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploghttp"
	"go.opentelemetry.io/otel/log"
	sdklog "go.opentelemetry.io/otel/sdk/log"
)

func TestOpenTelemetrySDKLogExporter(t *testing.T) {
	s := &sink{}
	cfg := start(t, s)
	exporter, err := otlploghttp.New(t.Context(), otlploghttp.WithEndpoint(cfg.HTTP), otlploghttp.WithInsecure(),
		otlploghttp.WithHeaders(map[string]string{"authorization": "Bearer writer"}), otlploghttp.WithCompression(otlploghttp.GzipCompression))
	require.NoError(t, err)
	provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(exporter)))
	var record log.Record
	record.SetSeverity(log.SeverityWarn)
	record.SetBody(attribute.StringValue("shelf is empty"))
	provider.Logger("inventory").Emit(t.Context(), record)
	require.NoError(t, provider.Shutdown(context.WithoutCancel(t.Context())))

	require.Len(t, s.logs, 1)
	entry := s.logs[0][0].Entries[0]
	require.Equal(t, "shelf is empty", entry.Line)
	require.Equal(t, "13", entry.Metadata.Get("severity_number"))
	require.Equal(t, "inventory", entry.Metadata.Get("scope_name"))
}
