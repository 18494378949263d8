package archive

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/archive"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/storage/objects"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

// server is the API over an archive with one hour of tenant a, and what reads it.
type server struct {
	mux   *http.ServeMux
	union *archive.Union
	jobs  *archive.Jobs
	hour  time.Time
}

func newServer(t *testing.T) *server {
	quiet := slog.New(slog.DiscardHandler)
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, quiet, prometheus.NewRegistry())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, rows.Close()) })
	store := logstore.New(rows, rows)
	s := &server{mux: http.NewServeMux(), hour: time.Now().UTC().Add(-10 * 24 * time.Hour).Truncate(time.Hour)}
	require.NoError(t, store.Append(t.Context(), "a", []model.LogStream{{
		Labels:  model.NewLabels(model.Label{Name: "app", Value: "web"}),
		Entries: []model.LogEntry{{Time: s.hour.UnixNano(), Line: "one"}, {Time: s.hour.UnixNano() + 1, Line: "two"}},
	}}))
	bucket, err := objects.Open(objects.Config{Type: objects.Directory, Directory: t.TempDir()})
	require.NoError(t, err)
	archiver, err := archive.NewArchiver(archive.DefaultConfig(), archive.Deps{
		Source: logstore.NewNumbered(rows), Bucket: bucket, Dir: t.TempDir(), Logger: quiet, Registry: prometheus.NewRegistry(),
		Retention: func(tenant.ID) time.Duration { return 48 * time.Hour }, StoreRetention: 30 * 24 * time.Hour,
	})
	require.NoError(t, err)
	restored, err := archive.OpenRestored(t.Context(), t.TempDir(), 1<<30, quiet)
	require.NoError(t, err)
	s.jobs, err = archive.OpenJobs(restored, archiver.Catalog(), quiet)
	require.NoError(t, err)
	s.union = archive.NewUnion(store, archiver, restored)
	own, process := New(Deps{Archiver: archiver, Restored: restored, Jobs: s.jobs}).Routes()
	for _, r := range append(own, process) {
		s.mux.Handle(r.Pattern, r.Handler)
	}
	return s
}

func (s *server) do(t *testing.T, ctx context.Context, method, path, body string) (int, string) {
	t.Helper()
	r := httptest.NewRequest(method, "/api/pharos/v1/archive"+path, strings.NewReader(body)).WithContext(ctx)
	w := httptest.NewRecorder()
	s.mux.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

// TestTenantsSeeTheirOwn lists, restores and lists jobs as two tenants.
func TestTenantsSeeTheirOwn(t *testing.T) {
	s := newServer(t)
	a, b := tenant.NewContext(t.Context(), "a"), tenant.NewContext(t.Context(), "b")
	status, body := s.do(t, a, "POST", "/run", "")
	require.Equal(t, 200, status, body)
	status, body = s.do(t, a, "GET", "", "")
	require.Equal(t, 200, status)
	require.Contains(t, body, s.hour.Format(time.RFC3339))
	require.Contains(t, body, `"entries":2`)
	status, body = s.do(t, b, "GET", "", "")
	require.Equal(t, 200, status)
	require.Contains(t, body, `"hours":[]`)

	day := fmt.Sprintf(`"from":%q,"to":%q`, s.hour.Format(time.RFC3339), s.hour.Add(24*time.Hour).Format(time.RFC3339))
	status, body = s.do(t, b, "POST", "/restore", "{"+day+"}")
	require.Equal(t, 404, status, body)
	status, body = s.do(t, a, "POST", "/restore", "{"+day+`,"keep":"1h","comment":"incident 7"}`)
	require.Equal(t, 202, status, body)
	var job archive.Job
	require.NoError(t, json.Unmarshal([]byte(body), &job))
	require.Equal(t, 1, job.Hours)
	_, body = s.do(t, b, "GET", "/restore", "")
	require.JSONEq(t, `{"jobs":[]}`, body)
	_, body = s.do(t, a, "GET", "/restore", "")
	require.Contains(t, body, "incident 7")
}

func TestBadRequests(t *testing.T) {
	s := newServer(t)
	a := tenant.NewContext(t.Context(), "a")
	for body, want := range map[string]string{
		`{`:                               "bad_json",
		`{"from":"2026-01-01T00:00:00Z"}`: "bad_range",
		`{"from":"yesterday","to":"2026-01-01T00:00:00Z"}`:                                                         "bad_time",
		`{"from":"2026-01-02T00:00:00Z","to":"2026-01-01T00:00:00Z"}`:                                              "bad_range",
		`{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","keep":"1s"}`:                                  "bad_keep",
		`{"from":"2026-01-01T00:00:00Z","to":"9999-01-02T00:00:00Z"}`:                                              "bad_time",
		`{"from":"2026-01-01T00:00:00Z","to":"2026-01-02T00:00:00Z","comment":"` + strings.Repeat("x", 201) + `"}`: "bad_comment",
	} {
		status, answer := s.do(t, a, "POST", "/restore", body)
		assert.Equal(t, 400, status, answer)
		assert.Contains(t, answer, want)
	}
	narrowed := tenant.WithScope(a, tenant.NewScope(labels.MustNewMatcher(labels.MatchEqual, "app", "web")))
	status, answer := s.do(t, narrowed, "GET", "", "")
	assert.Equal(t, 403, status, answer)

	s.mux = http.NewServeMux()
	own, process := New(Deps{}).Routes()
	for _, r := range append(own, process) {
		s.mux.Handle(r.Pattern, r.Handler)
	}
	for _, r := range [][2]string{{"GET", ""}, {"GET", "/restore"}, {"POST", "/restore"}, {"POST", "/run"}} {
		status, answer := s.do(t, a, r[0], r[1], "{}")
		assert.Equal(t, 404, status)
		assert.Contains(t, answer, "archive_off")
	}
}

// TestMark asks in each way and mode.
func TestMark(t *testing.T) {
	s := newServer(t)
	a := tenant.NewContext(t.Context(), "a")
	status, body := s.do(t, a, "POST", "/run", "")
	require.Equal(t, 200, status, body)
	route := httpx.Route{Pattern: "GET /q", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := 0
		err := s.union.Select(r.Context(), "a", logs.Query{Start: 0, End: time.Now().UnixNano()}, func(b *logs.Block) error {
			n += len(b.Times)
			return nil
		})
		require.NoError(t, err)
		fmt.Fprint(w, n)
	})}
	for _, c := range []struct{ mode, query, header, want, mark string }{
		{archive.QueryOnRequest, "", "", "0", "available; hours=1"},
		{archive.QueryOnRequest, "?archive=1", "", "2", "included; hours=1"},
		{archive.QueryOnRequest, "", " Include ", "2", "included; hours=1"},
		{archive.QueryOnRequest, "?archive=0", "", "0", "available; hours=1"},
		{archive.QueryNever, "?archive=1", "include", "0", "available; hours=1"},
		{archive.QueryAlways, "", "", "2", "included; hours=1"},
	} {
		r := httptest.NewRequest("GET", "/q"+c.query, nil)
		if c.header != "" {
			r.Header.Set(Header, c.header)
		}
		w := httptest.NewRecorder()
		Mark(c.mode, []httpx.Route{route})[0].Handler.ServeHTTP(w, r)
		assert.Equal(t, [2]string{c.want, c.mark}, [2]string{w.Body.String(), w.Header().Get(Header)}, "%+v", c)
	}
}
