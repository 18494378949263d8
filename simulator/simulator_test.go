package simulator

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
)

// receiver takes what the system ships, as a server would. The end-to-end tests
// run the same system against the real one.
type receiver struct {
	mu    sync.Mutex
	lines []string
	otlp  int
	spans int
}

func (rc *receiver) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var body io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		zr, err := gzip.NewReader(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		body = zr
	}
	b, err := io.ReadAll(body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	rc.mu.Lock()
	defer rc.mu.Unlock()
	switch r.URL.Path {
	case "/loki/api/v1/push":
		var push struct{ Streams []lokiStream }
		if err := json.Unmarshal(b, &push); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		for _, st := range push.Streams {
			for _, v := range st.Values {
				rc.lines = append(rc.lines, v[1].(string))
			}
		}
		w.WriteHeader(http.StatusNoContent)
	case "/v1/logs":
		req := plogotlp.NewExportRequest()
		if err := req.UnmarshalProto(b); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		rc.otlp += req.Logs().LogRecordCount()
	case "/v1/traces":
		rc.spans++
	}
}

func (rc *receiver) read() (lines []string, otlp, spans int) {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	return append([]string(nil), rc.lines...), rc.otlp, rc.spans
}

func TestSystemExposesAndShipsWhatTheSeedDescribes(t *testing.T) {
	rc := &receiver{}
	srv := httptest.NewServer(rc)
	defer srv.Close()
	cfg := DefaultConfig()
	cfg.Pharos, cfg.OTLP, cfg.Rate, cfg.EventRate = srv.URL, srv.URL, 200, 40
	sys, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- sys.Run(ctx) }()

	require.Eventually(t, func() bool {
		lines, otlp, spans := rc.read()
		return len(lines) > 200 && otlp > 0 && spans > 0
	}, 15*time.Second, 50*time.Millisecond)

	names := scrapeNames(t, sys.Targets())
	for _, want := range []string{
		"collector_messages_received_total", "collector_messages_published_total", "collector_processing_duration_seconds", "collector_errors_total", "collector_rate_limit_exceeded_total",
		"pipeline_messages_processed_total", "pipeline_processing_duration_seconds", "pipeline_validation_failures_total", "pipeline_enrichment_cache_hits_total", "pipeline_enrichment_cache_misses_total",
		"flink_taskmanager_job_task_buffers_inPoolUsage", "flink_taskmanager_job_task_checkpointAlignmentTime", "flink_jobmanager_job_uptime", "flink_jobmanager_job_lastCheckpointSize",
		"storage_write_latency_seconds", "storage_write_errors_total", "storage_query_duration_seconds", "storage_query_errors_total", "storage_capacity_bytes", "storage_capacity_utilization",
		"storage_connection_pool_active", "storage_connection_pool_idle", "storage_connection_pool_max", "kafka_producer_record_send_total", "kafka_producer_record_ack_total",
		"kafka_consumergroup_lag", "pg_stat_database_numbackends", "redis_memory_used_bytes", "container_cpu_usage_seconds_total", "http_requests_total", "http_request_duration_seconds", "webapp_items_total",
	} {
		require.Contains(t, names, want)
	}

	cancel()
	require.NoError(t, <-done)
	lines, _, _ := rc.read()
	var structured, access int
	for _, l := range lines {
		if strings.HasPrefix(l, "203.0.113.") {
			require.Regexp(t, `^203\.0\.113\.\d+ - - \[\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "(GET|POST|PUT|DELETE) /items(/\d+)? HTTP/1\.1" \d{3} \d+$`, l)
			access++
			continue
		}
		var rec line
		require.NoError(t, json.Unmarshal([]byte(l), &rec), l)
		require.NotEmpty(t, rec.Timestamp, l)
		require.NotEmpty(t, rec.Service, l)
		require.NotEmpty(t, rec.Message, l)
		structured++
	}
	require.Positive(t, structured)
	require.Positive(t, access)
}

func scrapeNames(t *testing.T, targets []Target) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	for _, target := range targets {
		resp, err := http.Get("http://" + target.Addr + "/metrics")
		require.NoError(t, err)
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		for name := range families {
			names[name] = true
		}
	}
	return names
}

func TestIncidentsFollowTheSeed(t *testing.T) {
	names := func(seed uint64) (out []string) {
		in := newIncidents(newRand(seed))
		for range 20 {
			out = append(out, in.draw())
		}
		return out
	}
	require.Equal(t, names(1), names(1))
	require.NotEqual(t, names(1), names(2))
}
