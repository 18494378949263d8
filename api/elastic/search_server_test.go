package elastic

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/query/esquery"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// searchServer serves Search over a store on disk, which tests push into.
type searchServer struct {
	*httptest.Server
	t     *testing.T
	store *logstore.Store
	n     int
	// created are indices without a document.
	created []string
}

func newSearchServer(t *testing.T, change func(*esquery.Config)) *searchServer {
	t.Helper()
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, log, prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	limits := esquery.DefaultConfig()
	if change != nil {
		change(&limits)
	}
	store := logstore.New(rows, rows)
	require.NoError(t, store.LeaveAllInLines(t.TempDir()+"/in_line"))
	s := &searchServer{t: t, store: store}
	declared := func(context.Context, tenant.ID) ([]string, error) { return s.created, nil }
	api := NewSearch(esquery.NewEngine(store, limits, declared), log)
	mux := http.NewServeMux()
	for _, prefix := range []string{"", "/elastic"} {
		for _, r := range api.Routes(prefix) {
			mux.Handle(r.Pattern, r.Handler)
		}
	}
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { // what official clients ask first
		w.Header().Set("X-Elastic-Product", "Elasticsearch")
		fmt.Fprint(w, `{"version":{"number":"8.19.0","build_flavor":"default"},"tagline":"You Know, for Search"}`)
	})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := tenant.Default
		if o := r.Header.Get("X-Scope-OrgID"); o != "" {
			id = tenant.ID(o)
		}
		mux.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), id)))
	}))
	t.Cleanup(srv.Close)
	s.Server = srv
	return s
}

// push stores documents as the bulk API does.
func (s *searchServer) push(index string, docs ...string) {
	s.t.Helper()
	base := time.Now().Add(-time.Hour)
	st := model.LogStream{Labels: model.NewLabels(model.Label{Name: "index", Value: index})}
	for _, d := range docs {
		s.n++
		at := base.Add(time.Duration(s.n) * time.Millisecond)
		var v struct {
			At string `json:"@timestamp"`
		}
		require.NoError(s.t, json.Unmarshal([]byte(d), &v), d)
		if v.At != "" {
			var err error
			at, err = time.Parse(time.RFC3339Nano, v.At)
			require.NoError(s.t, err)
		}
		st.Entries = append(st.Entries, model.LogEntry{Time: at.UnixNano(), Line: d,
			Metadata: model.NewLabels(model.Label{Name: "_id", Value: fmt.Sprintf("id-%d", s.n)})})
	}
	require.NoError(s.t, s.store.Append(s.t.Context(), tenant.Default, []model.LogStream{st}))
}

// do asks and returns the status and the answer.
func (s *searchServer) do(method, path, body string, header ...string) (int, map[string]any) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+path, strings.NewReader(body))
	require.NoError(s.t, err)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(s.t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(s.t, err)
	if resp.Header.Get("X-Elastic-Product") == "" { // no route of ours
		return resp.StatusCode, nil
	}
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var out map[string]any
	require.NoError(s.t, dec.Decode(&out), "%s %s: %s", method, path, b)
	return resp.StatusCode, out
}

// at follows a path of keys and places: "hits.hits.0._id".
func at(v any, path string) any {
	for _, step := range strings.Split(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			var i int
			if _, err := fmt.Sscan(step, &i); err != nil || i >= len(x) {
				return nil
			}
			v = x[i]
		default:
			return nil
		}
	}
	return v
}
