package render

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"image/png"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/dashboards"
	"github.com/pharosd/pharos/metastore"
	"github.com/pharosd/pharos/tenant"
)

// board is a page as the application's: it loads data, says when it is done and grows.
const board = `<!doctype html><html><body style="margin:0;background:white"><main data-dashboard="x" data-state="busy" style="display:block;background:#0a0"><section style="background:#a00;height:20px">panel</section></main><script>
const main = document.querySelector('main');
fetch('/api/v1/query_range', {method: 'POST', headers: {'Content-Type': 'application/x-www-form-urlencoded'}, body: 'query=up%5B5m%5D'}).then((r) => r.json()).then(() => {
  // As the application's: its box fills the window, however little is in it.
  main.style.minHeight = '100vh';
  main.insertAdjacentHTML('beforeend', '<section style="height:2480px"></section>');
  main.setAttribute('data-state', 'loaded');
});
</script></body></html>`

func newRenderer(t *testing.T, page string, seen *atomic.Value) *Renderer {
	t.Helper()
	if find("") == "" {
		t.Skip("there is no Chromium")
	}
	log := slog.New(slog.DiscardHandler)
	db, err := metastore.Open(t.Context(), t.TempDir(), log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	p, err := dashboards.NewProvisioner(dashboards.Config{}, log, os.LookupEnv)
	require.NoError(t, err)
	library := dashboards.NewLibrary(p, db)
	_, err = library.Import(t.Context(), "a", dashboards.Process(), dashboards.Change{Source: []byte(
		`{"uid":"x","title":"X","panels":[{"id":1,"type":"timeseries","title":"=Panel","targets":[{"expr":"up[$__interval]"}]}]}`)})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer once" || r.Header.Get("X-Scope-OrgID") != "a" {
			http.Error(w, "who are you", http.StatusUnauthorized)
			return
		}
		switch r.URL.Path {
		case "/dashboards/x":
			seen.Store(r.URL.Query().Encode())
			_, _ = fmt.Fprint(w, page)
		case "/api/v1/query_range":
			_, _ = fmt.Fprint(w, `{"data":{"resultType":"matrix","result":[{"metric":{"__name__":"up","job":"-a"},"values":[[1700000000,"1"],[1700000015.5,"NaN"]]}]}}`)
		case "/hangs":
			<-r.Context().Done()
		}
	}))
	t.Cleanup(server.Close)
	ended := &atomic.Int32{}
	t.Cleanup(func() { require.Positive(t, ended.Load(), "the token was not taken back") })
	return New("", Deps{Library: library, BaseURL: server.URL, Log: log,
		SignIn: func(tenant.ID, dashboards.Actor) (string, func()) { return "once", func() { ended.Add(1) } }}, prometheus.NewRegistry())
}

func TestRender(t *testing.T) {
	var seen atomic.Value
	r := newRenderer(t, board, &seen)
	req := Request{Tenant: "a", Who: dashboards.Process(), UID: "x", Format: PNG, Width: 800, Time: dashboards.TimeSpan{From: "now-6h", To: "now"}, Variables: url.Values{"var-job": {"a", "b"}}}
	before, err := filepath.Glob(filepath.Join(os.TempDir(), "pharos-render-*"))
	require.NoError(t, err)

	out, err := r.Render(t.Context(), req)
	require.NoError(t, err)
	require.Equal(t, "from=now-6h&kiosk=1&to=now&var-job=a&var-job=b", seen.Load())
	picture, err := png.Decode(bytes.NewReader(out))
	require.NoError(t, err)
	require.Equal(t, 800, picture.Bounds().Dx())
	require.InDelta(t, 2516, picture.Bounds().Dy(), 2, "as tall as the dashboard became")
	_, green, _, _ := picture.At(400, 2400).RGBA()
	require.InDelta(t, 0xaaaa, green, 0x400, "its lower end is drawn")

	req.Format, req.Panel, req.Height = PNG, 1, 300
	out, err = r.Render(t.Context(), req)
	require.NoError(t, err)
	require.Contains(t, seen.Load(), "panel=1")
	picture, err = png.Decode(bytes.NewReader(out))
	require.NoError(t, err)
	require.Equal(t, 300, picture.Bounds().Dy())
	red, _, _, _ := picture.At(790, 290).RGBA()
	require.InDelta(t, 0xaaaa, red, 0x400, "the panel fills the picture")

	req.Format, req.Panel, req.Height = PDF, 0, 0
	out, err = r.Render(t.Context(), req)
	require.NoError(t, err)
	require.True(t, bytes.HasPrefix(out, []byte("%PDF-")))
	require.Equal(t, 1, bytes.Count(out, []byte("/Type /Page\n")), "one page")

	req.Format, req.Data = CSV, Queries
	out, err = r.Render(t.Context(), req)
	require.NoError(t, err)
	rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, [][]string{{"panel", "query", "series", "time", "value"},
		{"'=Panel", "up[5m]", `up{job="-a"}`, "2023-11-14T22:13:20Z", "1"}, {"'=Panel", "up[5m]", `up{job="-a"}`, "2023-11-14T22:13:35.5Z", "NaN"}}, rows)

	after, err := filepath.Glob(filepath.Join(os.TempDir(), "pharos-render-*"))
	require.NoError(t, err)
	require.Subset(t, before, after, "nothing is left on the disk")
}

func TestRenderGivesUp(t *testing.T) {
	var seen atomic.Value
	r := newRenderer(t, `<!doctype html><main data-dashboard="x" data-state="busy"></main><script>fetch('/hangs')</script>`, &seen)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	_, err := r.Render(ctx, Request{Tenant: "a", Who: dashboards.Process(), UID: "x", Format: PNG})
	require.ErrorIs(t, err, ErrTimeout)
	require.ErrorContains(t, err, "waiting for /hangs")
}

func TestRenderSaysWhatThePageSays(t *testing.T) {
	var seen atomic.Value
	r := newRenderer(t, `<!doctype html><main><div data-state="error" role="alert">This cannot be</div></main>`, &seen)
	_, err := r.Render(t.Context(), Request{Tenant: "a", Who: dashboards.Process(), UID: "x", Format: PNG})
	require.ErrorContains(t, err, "This cannot be")
}

func TestRenderRefuses(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	db, err := metastore.Open(t.Context(), t.TempDir(), log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	p, err := dashboards.NewProvisioner(dashboards.DefaultConfig(), log, os.LookupEnv)
	require.NoError(t, err)
	r := New("off", Deps{Library: dashboards.NewLibrary(p, db), BaseURL: "http://127.0.0.1:1", Log: log}, prometheus.NewRegistry())
	require.False(t, r.Available())
	good := Request{Tenant: "a", Who: dashboards.Process(), UID: "storage", Format: PDF}
	_, err = r.Render(t.Context(), good)
	require.ErrorIs(t, err, ErrNoChromium)
	for name, change := range map[string]func(*Request){
		"format":   func(r *Request) { r.Format = "gif" },
		"width":    func(r *Request) { r.Width = 50_000 },
		"height":   func(r *Request) { r.Height = 50_000 },
		"timezone": func(r *Request) { r.Timezone = "Mars/Base" },
		"time":     func(r *Request) { r.Time = dashboards.TimeSpan{From: "now", To: "now-1h"} },
	} {
		bad := good
		change(&bad)
		_, err = r.Render(t.Context(), bad)
		require.ErrorIs(t, err, ErrBadRequest, name)
	}
	good.UID = "none"
	_, err = r.Render(t.Context(), good)
	require.ErrorIs(t, err, dashboards.ErrNotFound)
}

func FuzzTable(f *testing.F) {
	f.Add("/api/v1/query", `{"data":{"resultType":"vector","result":[{"metric":{"a":"b"},"value":[1,"2"]}]}}`)
	f.Add("/api/v1/query", `{"data":{"resultType":"scalar","result":[1.5,"2"]}}`)
	f.Add("/api/v1/query_range", `{"data":{"resultType":"matrix","result":[{"metric":{},"histograms":[[1,{"count":"3"}]]}]}}`)
	f.Add("/loki/api/v1/query_range", `{"data":{"resultType":"streams","result":[{"stream":{"a":"b"},"values":[["1700000000000000000","=line\n\"x\"",{"k":"v"}]]}]}}`)
	f.Add("/elastic/_msearch", `{}`)
	doc, err := dashboards.Parse([]byte(`{"title":"T"}`))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, path, body string) {
		table := newTable(doc)
		if table.add(path, url.Values{"query": {"q"}}, "", []byte(body)) != nil {
			return
		}
		out, err := table.bytes()
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(out)).ReadAll()
		if err != nil {
			t.Fatalf("%q makes %q: %v", body, out, err)
		}
		for _, row := range rows {
			if len(row) != 5 || strings.HasPrefix(row[2], "=") {
				t.Fatalf("%q makes the row %q", body, row)
			}
		}
	})
}
