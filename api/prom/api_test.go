package prom

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/golang/snappy"
	"github.com/prometheus/client_golang/api"
	apiv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/storage/remote"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/httpx"
)

// What the client library (and with it promtool) and Grafana ask of a Prometheus.
func TestClientsSeeAPrometheus(t *testing.T) {
	s := start(t, "global: {external_labels: {cluster: a}}\nstorage: {tsdb: {retention: {time: 3d}}}\n", nil)
	now := time.Now().Truncate(time.Second)
	for i := range 5 {
		s.put("default", now.Add(time.Duration(i-5)*time.Second), float64(i), nil, "orders", "job", "shop", "path", "/a")
	}
	client, err := api.NewClient(api.Config{Address: s.url})
	require.NoError(t, err)
	c, ctx := apiv1.NewAPI(client), t.Context()

	v, _, err := c.QueryRange(ctx, "sum(orders)", apiv1.Range{Start: now.Add(-5 * time.Second), End: now.Add(-time.Second), Step: time.Second})
	require.NoError(t, err)
	require.Len(t, v.(model.Matrix)[0].Values, 5)
	names, _, err := c.LabelNames(ctx, []string{"orders"}, now.Add(-time.Hour), now)
	require.NoError(t, err)
	require.Equal(t, model.LabelNames{"__name__", "job", "path"}, names)
	jobs, _, err := c.LabelValues(ctx, "job", []string{`{path="/a"}`}, now.Add(-time.Hour), now)
	require.NoError(t, err)
	require.Equal(t, model.LabelValues{"shop"}, jobs)
	series, _, err := c.Series(ctx, []string{"orders"}, now.Add(-time.Hour), now)
	require.NoError(t, err)
	require.Len(t, series, 1)
	exemplars, err := c.QueryExemplars(ctx, "orders", now.Add(-time.Hour), now)
	require.NoError(t, err)
	require.Equal(t, model.LabelValue("abc"), exemplars[0].Exemplars[0].Labels["trace_id"])
	build, err := c.Buildinfo(ctx)
	require.NoError(t, err)
	require.Equal(t, prometheusVersion, build.Version)
	info, err := c.Runtimeinfo(ctx)
	require.NoError(t, err)
	require.Equal(t, "3d", info.StorageRetention)
	conf, err := c.Config(ctx)
	require.NoError(t, err)
	require.Contains(t, conf.YAML, "cluster: a")
	head, err := c.TSDB(ctx)
	require.NoError(t, err)
	require.Equal(t, 1, head.HeadStats.NumSeries)
	_, err = c.WalReplay(ctx)
	require.NoError(t, err)
	_, err = c.Flags(ctx)
	require.NoError(t, err)
	_, err = c.AlertManagers(ctx)
	require.NoError(t, err)
	for _, path := range []string{"format_query?query=a%2Bb", "parse_query?query=a%2Bb", "scrape_pools", "notifications", "features", "status/tsdb/blocks", "openapi.yaml", "targets/metadata"} {
		status, body := s.get("default", "/api/v1/"+path)
		require.Equal(t, http.StatusOK, status, "%s: %s", path, body)
	}

	// Grafana's form.
	resp, err := http.PostForm(s.url+"/api/v1/query", url.Values{"query": {"orders"}, "time": {now.Format(time.RFC3339)}})
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Contains(t, string(body), `"4"`)

	snapshot, err := c.Snapshot(ctx, false)
	require.NoError(t, err)
	require.DirExists(t, s.store.Dir("default")+"/snapshots/"+snapshot.Name)
	require.NoError(t, c.DeleteSeries(ctx, []string{"orders"}, now.Add(-time.Hour), now))
	require.NoError(t, c.CleanTombstones(ctx))
	require.Empty(t, s.query("default", "orders"))
}

func TestRemoteRead(t *testing.T) {
	s := start(t, "", nil)
	now := time.Now()
	s.put("default", now.Add(-time.Second), 42, nil, "orders", "job", "shop")
	address, err := url.Parse(s.url + "/api/v1/read")
	require.NoError(t, err)
	client, err := remote.NewReadClient("test", &remote.ClientConfig{
		URL: &commonconfig.URL{URL: address}, Timeout: model.Duration(wait), ChunkedReadLimit: config.DefaultChunkedReadLimit,
	})
	require.NoError(t, err)
	from := remote.NewSampleAndChunkQueryableClient(client, labels.EmptyLabels(), nil, true, func() (int64, error) { return 0, nil })
	q, err := from.Querier(now.Add(-time.Hour).UnixMilli(), now.UnixMilli())
	require.NoError(t, err)
	defer q.Close()
	set := q.Select(t.Context(), true, nil, labels.MustNewMatcher(labels.MatchEqual, "job", "shop"))
	require.True(t, set.Next(), set.Err())
	it := set.At().Iterator(nil)
	it.Next()
	_, v := it.At()
	require.Equal(t, 42.0, v)

	// The library would believe that this body unpacks to 4 GiB.
	for _, body := range [][]byte{{0xff, 0xff, 0xff, 0xff, 0x0f, 0}, []byte("no snappy"), snappy.Encode(nil, []byte("\xff"))} {
		resp, err := http.Post(s.url+"/api/v1/read", "application/x-protobuf", bytes.NewReader(body))
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, http.StatusBadRequest, resp.StatusCode)
	}
}

func TestErrorsArePrometheus(t *testing.T) {
	s := start(t, "", nil)
	for path, want := range map[string]int{
		"query?query=sum(": 400, "query?query=up&time=x": 400, "query_range?query=up&start=1&end=0&step=1": 400,
		"series": 400, "label/\xff/values": 400, "query?query=up&timeout=x": 400,
	} {
		status, body := s.get("default", "/api/v1/"+path)
		require.Equal(t, want, status, path)
		var answer struct{ Status, ErrorType, Error string }
		require.NoError(t, json.Unmarshal([]byte(body), &answer), body)
		require.Equal(t, "error", answer.Status)
		require.Equal(t, "bad_data", answer.ErrorType)
		require.NotEmpty(t, answer.Error)
	}
}

// Who may call what is part of the contract with the gate.
func TestRoutesDeclareTheirAccess(t *testing.T) {
	access := map[string]httpx.Access{}
	for _, r := range (&API{}).Routes() {
		access[r.Pattern] = r.Access
	}
	require.Equal(t, httpx.Read, access["POST /api/v1/query_range"])
	require.Equal(t, httpx.Read, access["GET /federate"])
	require.Equal(t, httpx.Read, access["POST /api/v1/read"])
	for _, path := range []string{"delete_series", "clean_tombstones", "snapshot"} {
		require.Equal(t, httpx.Admin, access["POST /api/v1/admin/tsdb/"+path])
		require.Equal(t, httpx.Admin, access["PUT /api/v1/admin/tsdb/"+path])
	}
}
