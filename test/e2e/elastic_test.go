package e2e

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/elastic/go-elasticsearch/v8"
	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/elastic/go-elasticsearch/v8/esutil"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/testkit"
)

// startElastic runs the server with a port of Elasticsearch's own, and returns that
// port's address.
func startElastic(t *testing.T, yaml string, args ...string) (*testkit.Server, string) {
	t.Helper()
	address := testkit.FreeAddress(t)
	s := testkit.Start(t, "logs:\n  elastic: {listen: \""+address+"\"}\n"+yaml, args...)
	return s, "http://" + address
}

// allLines reads every line of a selector, with the answers that LogQL gives.
func allLines(t *testing.T, s *testkit.Server, selector string, header ...string) map[string]int {
	t.Helper()
	found := map[string]int{}
	end := time.Now().Add(time.Hour).UnixNano()
	for {
		status, body := s.Get(fmt.Sprintf("/loki/api/v1/query_range?query=%s&limit=5000&direction=backward&start=%d&end=%d",
			strings.NewReplacer("{", "%7B", "}", "%7D", `"`, "%22").Replace(selector), end-int64(48*time.Hour), end), header...)
		require.Equal(t, http.StatusOK, status, body)
		var answer struct {
			Data struct {
				Result []struct{ Values [][2]string }
			}
		}
		require.NoError(t, json.Unmarshal([]byte(body), &answer))
		n, oldest := 0, end
		for _, stream := range answer.Data.Result {
			for _, v := range stream.Values {
				var at int64
				_, err := fmt.Sscan(v[0], &at)
				require.NoError(t, err)
				found[v[1]]++
				oldest = min(oldest, at)
				n++
			}
		}
		if n < 5000 {
			return found
		}
		end = oldest // entries of one nanosecond across pages would be missed: tests count
	}
}

// TestElasticOfficialGoClient uses the client that programs use, with a token as API
// key and as password, over both ways in.
func TestElasticOfficialGoClient(t *testing.T) {
	s, native := startElastic(t, "")
	password := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(s.Output())
	require.NotNil(t, password)
	for name, cfg := range map[string]elasticsearch.Config{
		"own port, basic": {Addresses: []string{native}, Username: "admin", Password: password[1]},
		"main port, compatibility mode": {Addresses: []string{s.URL + "/elastic"}, Username: "admin", Password: password[1],
			EnableCompatibilityMode: true, CompressRequestBody: true},
	} {
		t.Run(name, func(t *testing.T) {
			client, err := elasticsearch.NewClient(cfg)
			require.NoError(t, err)
			index := "go-" + strings.ReplaceAll(strings.ReplaceAll(name, ",", ""), " ", "-")
			ok := func(resp *esapi.Response, err error) string {
				t.Helper()
				require.NoError(t, err)
				defer resp.Body.Close()
				b, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.False(t, resp.IsError(), "%s", b)
				return string(b)
			}
			require.Contains(t, ok(client.Info()), "You Know, for Search")
			require.Contains(t, ok(client.Cluster.Health()), `"green"`)
			ok(client.ILM.PutLifecycle("month", client.ILM.PutLifecycle.WithBody(strings.NewReader(`{"policy":{"phases":{"delete":{"min_age":"30d","actions":{"delete":{}}}}}}`))))
			ok(client.Indices.PutIndexTemplate("go", strings.NewReader(`{"index_patterns":["go-*"],"template":{"settings":{"index.lifecycle.name":"month"}}}`)))
			ok(client.Indices.ExistsIndexTemplate("go"))
			require.Contains(t, ok(client.Index(index, strings.NewReader(`{"n":-1}`))), `"result":"created"`)
			require.Contains(t, ok(client.Create(index, "one", strings.NewReader(`{"n":-2}`))), `"_id":"one"`)
			resp, err := client.Create(index, "one", strings.NewReader(`{"n":-3}`))
			require.NoError(t, err)
			require.Equal(t, http.StatusConflict, resp.StatusCode)
			require.NoError(t, resp.Body.Close())

			var failed atomic.Int64
			bulk, err := esutil.NewBulkIndexer(esutil.BulkIndexerConfig{Client: client, Index: index, NumWorkers: 3, FlushBytes: 50_000,
				OnError: func(_ context.Context, err error) { t.Error(err) }})
			require.NoError(t, err)
			const docs = 5000
			for i := range docs {
				action := []string{"index", "create"}[i%2]
				require.NoError(t, bulk.Add(t.Context(), esutil.BulkIndexerItem{Action: action,
					Body: strings.NewReader(fmt.Sprintf(`{"@timestamp":%q,"n":%d}`, time.Now().UTC().Format(time.RFC3339Nano), i)),
					OnFailure: func(_ context.Context, _ esutil.BulkIndexerItem, r esutil.BulkIndexerResponseItem, err error) {
						failed.Add(1)
						t.Logf("%+v %v", r, err)
					}}))
			}
			require.NoError(t, bulk.Add(t.Context(), esutil.BulkIndexerItem{Action: "delete", DocumentID: "one",
				OnFailure: func(_ context.Context, _ esutil.BulkIndexerItem, r esutil.BulkIndexerResponseItem, _ error) {
					if r.Status == 400 && strings.Contains(r.Error.Reason, "only appended") {
						failed.Add(1000)
					}
				}}))
			require.NoError(t, bulk.Close(t.Context()))
			require.Equal(t, int64(1000), failed.Load(), "the deletion failed, and nothing else")
			found := allLines(t, s, `{index="`+index+`"}`, basic("admin", password[1]))
			require.Len(t, found, docs+2)
			for line, n := range found {
				require.Equal(t, 1, n, line)
			}
			ok(client.Indices.Refresh(client.Indices.Refresh.WithIndex(index)))
			require.Contains(t, ok(client.Cat.Indices(client.Cat.Indices.WithIndex(index), client.Cat.Indices.WithH("docs.count"))), fmt.Sprint(docs+2))
		})
	}
}

func basic(user, password string) string {
	r, _ := http.NewRequest(http.MethodGet, "/", nil) //nolint:noctx // only for its header
	r.SetBasicAuth(user, password)
	return "Authorization: " + r.Header.Get("Authorization")
}

// A token comes as an API key, as Beats and the clients send one; what the gate
// refuses looks like Elasticsearch's answers.
func TestElasticCredentials(t *testing.T) {
	s, native := startElastic(t, "")
	password := regexp.MustCompile(`password +(\S+)`).FindStringSubmatch(s.Output())
	require.NotNil(t, password)
	status, body := s.Do(http.MethodPost, "/api/pharos/v1/tokens", []byte(`{"name":"shipper","role":"viewer","write":true}`),
		basic("admin", password[1]), "Content-Type: application/json")
	require.Equal(t, http.StatusCreated, status, body)
	var token struct{ Secret string }
	require.NoError(t, json.Unmarshal([]byte(body), &token))
	client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{native}, APIKey: base64Of("any:" + token.Secret)})
	require.NoError(t, err)
	resp, err := client.Index("shipped", strings.NewReader(`{"n":1}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, resp.StatusCode, resp.String())
	resp, err = client.Indices.PutIndexTemplate("x", strings.NewReader(`{"index_patterns":["x"]}`))
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, resp.StatusCode, "a shipper changes no templates")
	require.Contains(t, resp.String(), "security_exception")

	for _, url := range []string{native, s.URL + "/elastic"} {
		r, err := http.Post(url+"/x/_doc", "application/json", strings.NewReader(`{}`)) //nolint:noctx // a test
		require.NoError(t, err)
		b, err := io.ReadAll(r.Body)
		require.NoError(t, err)
		require.NoError(t, r.Body.Close())
		require.Equal(t, http.StatusUnauthorized, r.StatusCode)
		require.Equal(t, "Elasticsearch", r.Header.Get("X-Elastic-Product"))
		require.Contains(t, string(b), `"security_exception"`)
	}
}

// TestElasticOfficialJavaScriptClient installs the npm package and lets it write.
func TestElasticOfficialJavaScriptClient(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed")
	}
	dir := t.TempDir()
	install := exec.Command("npm", "install", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", dir, "@elastic/elasticsearch@8")
	if out, err := install.CombinedOutput(); err != nil {
		t.Skipf("@elastic/elasticsearch cannot be installed: %v\n%s", err, out)
	}
	s, native := startElastic(t, "", "--auth=off")
	copyFile(t, "testdata/elastic.mjs", filepath.Join(dir, "elastic.mjs"))
	for _, node := range []string{native, s.URL + "/elastic"} {
		run := exec.Command("node", filepath.Join(dir, "elastic.mjs"), node)
		out, err := run.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
	found := allLines(t, s, `{index="logs-js"}`)
	require.Len(t, found, 2002)
}

// TestElasticTakesWhatItCouldNotBefore retries what was refused for a rate, by the
// client's own means, and loses and doubles nothing.
func TestElasticTakesWhatItCouldNotBefore(t *testing.T) {
	s, native := startElastic(t, "  ingestion_rate: 100000\n  ingestion_burst: 100000\n", "--auth=off")
	client, err := elasticsearch.NewClient(elasticsearch.Config{Addresses: []string{native}, RetryOnStatus: []int{429, 502, 503, 504}, MaxRetries: 20,
		RetryBackoff: func(int) time.Duration { return 300 * time.Millisecond }})
	require.NoError(t, err)
	var refused atomic.Int64
	var wg sync.WaitGroup
	for c := range 4 {
		wg.Go(func() {
			for b := range 10 {
				var body bytes.Buffer
				for i := range 50 {
					fmt.Fprintf(&body, "{\"create\":{}}\n{\"@timestamp\":%q,\"who\":\"%d %d %d\",\"pad\":%q}\n", time.Now().UTC().Format(time.RFC3339Nano), c, b, i, strings.Repeat("x", 100))
				}
				resp, err := client.Bulk(&body, client.Bulk.WithIndex("retried"))
				if err != nil || resp.IsError() {
					refused.Add(1)
					continue
				}
				_ = resp.Body.Close()
			}
		})
	}
	wg.Wait()
	require.Zero(t, refused.Load())
	found := allLines(t, s, `{index="retried"}`)
	require.Len(t, found, 2000)
	_, metrics := s.Get("/metrics")
	require.Regexp(t, `pharos_ingest_refused_total\{reason="rate_limited",signal="logs",tenant="default"\} [1-9]`, metrics, "there was something to retry")
}

func base64Of(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(to, b, 0o644))
}
