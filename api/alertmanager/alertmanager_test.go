package alertmanager

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/pharosd/pharos/alerting"
	"github.com/pharosd/pharos/internal/httpx"
	"github.com/pharosd/pharos/tenant"
)

// serve runs alerting and its routes on a server as the gate would put them, and
// returns its address. *access becomes what the last request's route asks for.
func serve(t *testing.T, access *httpx.Access) string {
	t.Helper()
	svc, err := alerting.New(alerting.DefaultConfig(), alerting.Deps{
		DataDir:     t.TempDir(),
		ExternalURL: "http://127.0.0.1",
		LookupEnv:   os.LookupEnv,
		Logger:      slog.New(slog.DiscardHandler),
		Registerer:  prometheus.NewRegistry(),
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	for _, route := range New(svc).Routes() {
		mux.HandleFunc(route.Pattern, func(w http.ResponseWriter, r *http.Request) {
			*access = route.Access
			route.Handler.ServeHTTP(w, r.WithContext(tenant.NewContext(r.Context(), tenant.Default)))
		})
	}
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	if status, body := do(t, "GET", server.URL+"/api/v2/status", "", ""); status != http.StatusServiceUnavailable {
		t.Errorf("before Run: %d %s", status, body)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- svc.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for i := 0; svc.Ready() != nil; i++ {
		if i > 500 {
			t.Fatal(svc.Ready())
		}
		time.Sleep(10 * time.Millisecond)
	}
	return server.URL
}

func do(t *testing.T, method, url, contentType, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

// TestAnswers holds what Alertmanager 0.34 answers to the same requests, and who
// may send them.
func TestAnswers(t *testing.T) {
	var access httpx.Access
	base := serve(t, &access)
	const js = "application/json"
	now := time.Now()
	at := func(d time.Duration) string { return now.Add(d).UTC().Format(time.RFC3339) }
	silence := func(matchers, starts, ends string) string {
		return fmt.Sprintf(`{"matchers":%s,"startsAt":%q,"endsAt":%q,"createdBy":"me","comment":"c"}`, matchers, starts, ends)
	}
	const one = `[{"name":"a","value":"b","isRegex":false,"isEqual":true}]`
	for _, tt := range []struct {
		method, path, contentType, body string
		status                          int
		want                            string
		access                          httpx.Access
	}{
		{"POST", "/api/v2/alerts", js, `[{"labels":{"alertname":"A"},"annotations":{"x":"y"}}]`, 200, "", httpx.Write},
		{"GET", "/api/v2/alerts", "", "", 200, `"receivers":[{"name":"interface"}]`, httpx.Read},
		{"GET", "/api/v2/alerts/groups", "", "", 200, `"alertname":"A"`, httpx.Read},
		{"GET", "/api/v2/status", "", "", 200, `"cluster":{"peers":[],"status":"disabled"}`, httpx.Read},
		{"GET", "/api/v2/receivers", "", "", 200, `"name":"interface"`, httpx.Read},
		{"GET", "/api/v2/silences", "", "", 200, "[]", httpx.Read},
		{"POST", "/api/v2/silences", js, silence(one, at(0), at(time.Hour)), 200, `{"silenceID":"`, httpx.Edit},

		{"POST", "/api/v2/alerts", js, `[{`, 400, `"code":400,"message":"parsing alerts body from \"\" failed`, httpx.Write},
		{"POST", "/api/v2/alerts", js, ``, 422, `"code":602,"message":"alerts in body is required"`, httpx.Write},
		{"POST", "/api/v2/alerts", js, `{"not":"a list"}`, 400, `"code":400`, httpx.Write},
		{"POST", "/api/v2/alerts", js, `[{"labels":{}}]`, 400, "at least one label pair required", httpx.Write},
		{"POST", "/api/v2/alerts", js, `[{"annotations":{"a":"b"}}]`, 422, "labels in body is required", httpx.Write},
		{"POST", "/api/v2/alerts", js, "[{\"labels\":{\"alertname\":\"\",\"x\":\"\"}}]", 400, "at least one label pair required", httpx.Write},
		{"POST", "/api/v2/alerts", js, `[{"labels":{"alertname":"E"},"startsAt":"` + at(0) + `","endsAt":"` + at(-time.Hour) + `"}]`, 400, "start time must be before end time", httpx.Write},
		{"POST", "/api/v2/alerts", js, `[{"labels":{"alertname":"E"},"startsAt":"yesterday"}]`, 400, "yesterday", httpx.Write},
		{"POST", "/api/v2/alerts", "text/plain", `[]`, 415, "unsupported media type", httpx.Write},
		{"GET", "/api/v2/alerts?filter=bad((", "", "", 400, "bad", httpx.Read},
		{"GET", "/api/v2/alerts?receiver=(", "", "", 400, "failed to parse receiver param", httpx.Read},
		{"GET", "/api/v2/alerts?active=perhaps", "", "", 200, "[]", httpx.Read},

		{"POST", "/api/v2/silences", js, `{"matchers":`, 400, `"code":400`, httpx.Edit},
		{"POST", "/api/v2/silences", js, silence(`[]`, at(0), at(time.Hour)), 422, "matchers in body should have at least 1 items", httpx.Edit},
		{"POST", "/api/v2/silences", js, silence(`[{"name":"a","value":"(","isRegex":true}]`, at(0), at(time.Hour)), 400, "invalid silence", httpx.Edit},
		{"POST", "/api/v2/silences", js, silence(one, at(time.Hour), at(0)), 400, "start time must be before end time", httpx.Edit},
		{"POST", "/api/v2/silences", js, silence(one, at(-2*time.Hour), at(-time.Hour)), 400, "end time can't be in the past", httpx.Edit},
		{"POST", "/api/v2/silences", js, strings.Replace(silence(one, at(0), at(time.Hour)), `"c"`, `"`+strings.Repeat("c", 70<<10)+`"`, 1), 400, "silence exceeded maximum size", httpx.Edit},
		{"GET", "/api/v2/silence/00000000-0000-0000-0000-000000000000", "", "", 404, "", httpx.Read},
		{"DELETE", "/api/v2/silence/00000000-0000-0000-0000-000000000000", "", "", 404, "", httpx.Edit},
		{"DELETE", "/api/v2/silence/none", "", "", 422, "must be of type uuid", httpx.Edit},

		{"PUT", "/api/v2/alerts", js, `[]`, 405, "method PUT is not allowed", httpx.Edit},
		{"GET", "/api/v2/nothing", "", "", 404, "path /api/v2/nothing was not found", httpx.Read},
		// Alertmanager's router takes these for the path without the slash.
		{"POST", "/api/v2/alerts/", js, `[]`, 200, "", httpx.Edit},
		{"POST", "/api/v2/silences/", js, silence(one, at(0), at(time.Hour)), 200, `{"silenceID":"`, httpx.Edit},
	} {
		access = 0
		status, body := do(t, tt.method, base+tt.path, tt.contentType, tt.body)
		// Alerts reach their groups a moment after the answer.
		for end := time.Now().Add(5 * time.Second); tt.path == "/api/v2/alerts/groups" && !strings.Contains(body, tt.want) && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
			status, body = do(t, tt.method, base+tt.path, tt.contentType, tt.body)
		}
		if status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s %s %.100s: %d %.300s; want %d %s", tt.method, tt.path, tt.body, status, body, tt.status, tt.want)
		}
		if access != tt.access {
			t.Errorf("%s %s asks for access %d, want %d", tt.method, tt.path, access, tt.access)
		}
	}
}
