package promwrite

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"syscall"
	"testing"
	"time"

	"github.com/golang/snappy"
	remoteapi "github.com/prometheus/client_golang/exp/api/remote"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/promslog"
	"github.com/prometheus/prometheus/prompb"
	"github.com/prometheus/prometheus/storage"
	promremote "github.com/prometheus/prometheus/storage/remote"

	"github.com/pharosd/pharos/ingest"
	"github.com/pharosd/pharos/metrics"
	"github.com/pharosd/pharos/metrics/tsdb"
	"github.com/pharosd/pharos/tenant"
)

// BenchmarkRemoteWrite is the CPU of a sample from the request's body to the
// write-ahead log: 2,000 series of 10 labels a request, one sample each, as a
// Prometheus sends them. "prometheus" is Prometheus' own handler over the same store.
func BenchmarkRemoteWrite(b *testing.B) {
	const series = 2000
	for _, name := range []string{"pharos", "prometheus"} {
		b.Run(name, func(b *testing.B) {
			cfg := metrics.DefaultConfig()
			log := promslog.NewNopLogger()
			loaded, err := cfg.Load(func(string) (string, bool) { return "", false }, log)
			if err != nil {
				b.Fatal(err)
			}
			reg := prometheus.NewRegistry()
			store, err := tsdb.New(cfg, loaded, tsdb.Deps{Dir: b.TempDir(), MaxSeries: 1e6, Logger: log, Registry: reg})
			if err != nil {
				b.Fatal(err)
			}
			defer store.Close()
			var handler http.Handler
			if name == "pharos" {
				handler = New(Deps{
					Appender: func(ctx context.Context, id tenant.ID) storage.Appender { return store.Tenant(id).Appender(ctx) },
					Refused:  func(tenant.ID, ingest.Reason, int) {},
					Logger:   log, Registry: reg,
				}).Routes()[0].Handler
			} else {
				handler = promremote.NewWriteHandler(log, reg, store.Tenant(tenant.Default), remoteapi.MessageTypes{remoteapi.WriteV1MessageType}, false, false, false)
			}
			req := &prompb.WriteRequest{}
			for i := range series {
				ls := []prompb.Label{{Name: "__name__", Value: fmt.Sprintf("http_requests_total_%d", i%20)}}
				for j := range 9 {
					ls = append(ls, prompb.Label{Name: fmt.Sprintf("label_%d", j), Value: fmt.Sprintf("value-of-label-%d-%d", j, i/(j+1))})
				}
				req.Timeseries = append(req.Timeseries, prompb.TimeSeries{Labels: ls, Samples: make([]prompb.Sample, 1)})
			}
			start := time.Now().Add(-24 * time.Hour).UnixMilli()
			body := func(n int) []byte {
				for i := range req.Timeseries {
					req.Timeseries[i].Samples[0] = prompb.Sample{Timestamp: start + int64(n)*1000, Value: float64(n + i)}
				}
				raw, err := req.Marshal()
				if err != nil {
					b.Fatal(err)
				}
				return snappy.Encode(nil, raw)
			}
			ctx := tenant.NewContext(b.Context(), tenant.Default)
			send := func(body []byte) {
				r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/api/v1/write", bytes.NewReader(body))
				r.Header.Set("Content-Encoding", "snappy")
				r.Header.Set("Content-Type", "application/x-protobuf")
				w := httptest.NewRecorder()
				handler.ServeHTTP(w, r)
				if w.Code != http.StatusNoContent {
					b.Fatal(w.Code, w.Body)
				}
			}
			send(body(0))
			bodies := make([][]byte, b.N)
			for n := range bodies {
				bodies[n] = body(n + 1)
			}
			b.ReportAllocs()
			b.ResetTimer()
			before := cpu()
			for _, raw := range bodies {
				send(raw)
			}
			b.ReportMetric(float64(cpu()-before)/float64(b.N*series), "cpu-ns/sample")
		})
	}
}

// cpu is the time that the process has computed, in nanoseconds.
func cpu() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
