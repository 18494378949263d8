package tail

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/logs"
	"github.com/pharosd/pharos/logs/logstore"
	"github.com/pharosd/pharos/model"
	"github.com/pharosd/pharos/query/tail"
	"github.com/pharosd/pharos/storage/rowstore"
	"github.com/pharosd/pharos/tenant"
)

const portal = "https://portal.example.com"

// door is the API over a store on disk; requests are narrowed by the header Scope.
type door struct {
	*httptest.Server
	hub   *tail.Hub
	store *logstore.Store
}

func newDoor(t *testing.T, change func(*tail.Config)) *door {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	cfg := rowstore.DefaultConfig()
	cfg.Path = t.TempDir()
	rows, err := rowstore.Open(cfg, log, prometheus.NewRegistry())
	require.NoError(t, err)
	d := &door{store: logstore.New(rows, rows)}
	tails := tail.DefaultConfig()
	tails.EmbedOrigins = []string{portal}
	if change != nil {
		change(&tails)
	}
	d.hub = tail.New(tails, prometheus.NewRegistry())
	last, _ := d.store.LastNumber()
	d.hub.Numbered(last)
	running, stop := context.WithCancel(context.Background())
	stopped := make(chan error)
	go func() { stopped <- d.hub.Run(running) }()
	api := New(logs.Scoped(d.store), d.hub, log)
	d.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := tenant.NewContext(r.Context(), "t")
		if scope, err := tenant.ParseScope(r.Header.Get("Scope")); err == nil {
			ctx = tenant.WithScope(ctx, scope)
		}
		api.events(w, r.WithContext(ctx))
	}))
	t.Cleanup(func() {
		d.CloseClientConnections()
		d.Close()
		stop()
		require.NoError(t, <-stopped)
		require.NoError(t, rows.Close())
	})
	return d
}

func (d *door) push(t *testing.T, app string, lines ...string) {
	t.Helper()
	s := model.LogStream{Labels: model.NewLabels(model.Label{Name: "app", Value: app})}
	for i, l := range lines {
		s.Entries = append(s.Entries, model.LogEntry{Time: time.Now().UnixNano() + int64(i), Line: l})
	}
	mark := d.hub.Begin()
	first, _, err := d.store.AppendNumbered(t.Context(), "t", []model.LogStream{s})
	require.NoError(t, err)
	d.hub.Publish(mark, "t", []model.LogStream{s}, first)
}

func (d *door) open(t *testing.T, params string, header ...string) *http.Response {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	t.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL+"/?"+params, nil)
	require.NoError(t, err)
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := d.Client().Do(req)
	require.NoError(t, err)
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

// event is a server-sent event.
type event struct{ id, kind, data string }

func next(t *testing.T, r *bufio.Reader) (e event) {
	t.Helper()
	for {
		line, err := r.ReadString('\n')
		require.NoError(t, err)
		line = strings.TrimSuffix(line, "\n")
		name, value, _ := strings.Cut(line, ": ")
		switch name {
		case "id":
			e.id = value
		case "event":
			e.kind = value
		case "data":
			e.data = value
		case "":
			if e != (event{}) {
				return e
			}
		}
	}
}

func TestEvents(t *testing.T) {
	d := newDoor(t, func(c *tail.Config) { c.BufferEntries = 3 })
	d.push(t, "web", "old")
	d.push(t, "db", "another's")
	resp := d.open(t, "limit=5", "Scope", `{app="web"}`, "Origin", portal) // no query: all that the scope allows
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Equal(t, "text/event-stream", resp.Header.Get("Content-Type"))
	require.Equal(t, portal, resp.Header.Get("Access-Control-Allow-Origin"))
	r := bufio.NewReader(resp.Body)
	e := next(t, r)
	require.Equal(t, "lines", e.kind)
	require.Contains(t, e.data, `"old"`)
	require.NotContains(t, e.data, "another")
	require.Contains(t, e.data, `"cursor":"`+e.id+`"`)

	d.push(t, "web", "1", "2", "3", "4", "5")
	dropped := next(t, r)
	require.Equal(t, "dropped", dropped.kind)
	require.Empty(t, dropped.id, "a loss does not move the cursor")
	var loss struct {
		Dropped int
		Entries []any `json:"dropped_entries"`
	}
	require.NoError(t, json.Unmarshal([]byte(dropped.data), &loss))
	require.Equal(t, 2, loss.Dropped)
	require.Len(t, loss.Entries, 2)
	require.Contains(t, next(t, r).data, `"3"`)

	// The browser connects again where it was; what was dropped is in the store.
	resp = d.open(t, "cursor=repeated-from-the-address", "Scope", `{app="web"}`, "Last-Event-ID", e.id, "Origin", "https://elsewhere.example")
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Empty(t, resp.Header.Get("Access-Control-Allow-Origin"))
	again := next(t, bufio.NewReader(resp.Body))
	for i := 1; i <= 5; i++ {
		require.Contains(t, again.data, fmt.Sprintf(`"%d"]`, i))
	}
	require.NotContains(t, again.data, "old")
}

func TestRefusedTails(t *testing.T) {
	d := newDoor(t, func(c *tail.Config) { c.MaxSubscribers = 1 })
	for params, code := range map[string]string{
		"":          "bad_query",
		"query=%7B": "bad_query",
		"query=" + url.QueryEscape(`rate({app="web"}[1m])`):       "bad_query",
		"query=" + url.QueryEscape(`{app="web"}`) + "&limit=5001": "bad_limit",
		"query=" + url.QueryEscape(`{app="web"}`) + "&start=now":  "bad_start",
		"query=" + url.QueryEscape(`{app="web"}`) + "&cursor=x":   "bad_cursor",
	} {
		resp := d.open(t, params)
		var answer struct{ Error struct{ Code string } }
		require.NoError(t, json.NewDecoder(resp.Body).Decode(&answer), params)
		require.Equal(t, http.StatusBadRequest, resp.StatusCode, params)
		require.Equal(t, code, answer.Error.Code, params)
	}
	require.Equal(t, http.StatusOK, d.open(t, "query="+url.QueryEscape(`{app="web"}`)).StatusCode)
	require.Equal(t, http.StatusTooManyRequests, d.open(t, "query="+url.QueryEscape(`{app="web"}`)).StatusCode)
}
