package alerting

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/notifier"

	"github.com/pharosd/pharos/tenant"
	"github.com/pharosd/pharos/test/sinks"
)

// call sends a request to a tenant's API and returns status and body.
func call(t *testing.T, svc *Service, id tenant.ID, method, path, body string) (int, string) {
	t.Helper()
	h, err := svc.Handler(id)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func silenceBody(name, value string) string {
	return fmt.Sprintf(`{"matchers":[{"name":%q,"value":%q,"isRegex":false}],"startsAt":%q,"endsAt":%q,"createdBy":"me","comment":"c"}`,
		name, value, time.Now().Format(time.RFC3339), time.Now().Add(time.Hour).Format(time.RFC3339))
}

func TestTenantsDoNotSeeEachOther(t *testing.T) {
	hook := sinks.Webhook(t)
	dir := t.TempDir()
	cfg := withFile(webhookConfig(t, dir, hook, "for-default"))
	cfg.Tenants = map[string]TenantConfig{"acme": {webhookConfig(t, dir, hook, "for-acme")}}
	svc, _ := start(t, cfg, filepath.Join(dir, "data"))

	send(t, svc, tenant.Default, down("one"))
	send(t, svc, "acme", down("two"))
	send(t, svc, "other", down("three"))
	if status, body := call(t, svc, "acme", "POST", "/api/v2/silences", silenceBody("instance", "two")); status != 200 {
		t.Fatalf("silence: %d %s", status, body)
	}
	for id, want := range map[tenant.ID]struct{ instance, receiver, silences string }{
		tenant.Default: {"one", "for-default", "[]"},
		"acme":         {"two", "for-acme", `"value":"two"`},
		"other":        {"three", "interface", "[]"},
	} {
		_, alerts := call(t, svc, id, "GET", "/api/v2/alerts", "")
		groups := "[]"
		for range 500 { // alerts are put into groups soon after they are taken
			if _, groups = call(t, svc, id, "GET", "/api/v2/alerts/groups", ""); !strings.HasPrefix(groups, "[]") {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		_, receivers := call(t, svc, id, "GET", "/api/v2/receivers", "")
		_, config := call(t, svc, id, "GET", "/api/v2/status", "")
		_, silences := call(t, svc, id, "GET", "/api/v2/silences", "")
		for _, instance := range []string{"one", "two", "three"} {
			seen := strings.Contains(alerts, `"instance":"`+instance+`"`)
			if seen != (instance == want.instance) {
				t.Errorf("tenant %s: alert %s seen %t in %s", id, instance, seen, alerts)
			}
			if strings.Contains(groups, `"instance":"`+instance+`"`) != seen {
				t.Errorf("tenant %s: groups %s", id, groups)
			}
		}
		if !strings.Contains(receivers, want.receiver) || strings.Count(receivers, `"labels"`) != 1 || !strings.Contains(config, want.receiver) {
			t.Errorf("tenant %s: receivers %s of %s", id, receivers, config)
		}
		if !strings.Contains(silences, want.silences) {
			t.Errorf("tenant %s: silences %s", id, silences)
		}
	}
	got := hook.Wait(t, 1)
	time.Sleep(500 * time.Millisecond)
	if hook.Wait(t, 1); got[0].Path != "/for-default" || !strings.Contains(got[0].Body, `"instance":"one"`) {
		t.Errorf("notified: %+v; want only the default tenant's alert, as acme's is silenced and other has no receiver", got)
	}
}

func TestMetricsOfTenantsDoNotCollide(t *testing.T) {
	svc, stop := start(t, DefaultConfig(), t.TempDir())
	send(t, svc, tenant.Default, down("one"))
	send(t, svc, "acme", down("two"))
	families, err := svc.deps.Registerer.(prometheus.Gatherer).Gather()
	if err != nil {
		t.Fatal(err)
	}
	tenants := map[string]bool{}
	for _, f := range families {
		if f.GetName() != "alertmanager_receivers" {
			continue
		}
		for _, m := range f.GetMetric() {
			tenants[m.GetLabel()[0].GetValue()] = true
		}
	}
	if len(tenants) != 2 || !tenants["default"] || !tenants["acme"] {
		t.Errorf("alertmanager_receivers of %v", tenants)
	}
	stop()
	after, err := svc.deps.Registerer.(prometheus.Gatherer).Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range after {
		if strings.HasPrefix(f.GetName(), "alertmanager_") {
			t.Errorf("%s is left after Run", f.GetName())
		}
	}
}

// TestStateSurvivesRestart silences one alert and notifies of another: after a
// restart the one is still silenced and the other is not notified of again.
func TestStateSurvivesRestart(t *testing.T) {
	hook := sinks.Webhook(t)
	dir := t.TempDir()
	cfg := withFile(webhookConfig(t, dir, hook, "hook"))
	quiet, loud := down("quiet"), down("loud")
	svc, stop := start(t, cfg, filepath.Join(dir, "data"))
	status, id := call(t, svc, tenant.Default, "POST", "/api/v2/silences", silenceBody("instance", "quiet"))
	if status != 200 {
		t.Fatalf("silence: %d %s", status, id)
	}
	send(t, svc, tenant.Default, quiet, loud)
	hook.Wait(t, 1)
	stop()
	if err := svc.Send(t.Context(), tenant.Default, loud); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Send after Run: %v", err)
	}
	if err := svc.Ready(); !errors.Is(err, ErrNotRunning) {
		t.Errorf("Ready after Run: %v", err)
	}

	svc, _ = start(t, cfg, filepath.Join(dir, "data"))
	send(t, svc, tenant.Default, quiet, loud)
	time.Sleep(time.Second)
	hook.Wait(t, 1)
	if _, alerts := call(t, svc, tenant.Default, "GET", "/api/v2/alerts?silenced=false", ""); strings.Contains(alerts, "quiet") || !strings.Contains(alerts, "loud") {
		t.Errorf("alerts after restart: %s", alerts)
	}
	send(t, svc, tenant.Default, resolved(loud))
	if got := hook.Wait(t, 2)[1]; sinks.Field(t, got.Body, "status") != "resolved" {
		t.Errorf("after restart: %s", got.Body)
	}
}

func TestSilenceIsOnDiskWhenAnswered(t *testing.T) {
	dir := t.TempDir()
	svc, _ := start(t, DefaultConfig(), dir)
	file := filepath.Join(dir, "default", "silences")
	status, body := call(t, svc, tenant.Default, "POST", "/api/v2/silences", silenceBody("instance", "first"))
	if text, err := os.ReadFile(file); status != 200 || err != nil || !strings.Contains(string(text), "first") {
		t.Fatalf("after %d %s: %v, %q", status, body, err, text)
	}
	id := sinks.Field(t, body, "silenceID").(string)
	before, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	status, _ = call(t, svc, tenant.Default, "DELETE", "/api/v2/silence/"+id, "")
	if after, err := os.ReadFile(file); status != 200 || err != nil || string(after) == string(before) {
		t.Errorf("after delete %d: %v, file unchanged: %t", status, err, string(after) == string(before))
	}
	// What cannot be kept is not acknowledged.
	if err := os.RemoveAll(filepath.Join(dir, "default")); err != nil {
		t.Fatal(err)
	}
	status, body = call(t, svc, tenant.Default, "POST", "/api/v2/silences", silenceBody("instance", "second"))
	if status != 500 || !strings.Contains(body, "would not survive a restart") {
		t.Errorf("without a folder: %d %s", status, body)
	}
	if err := os.MkdirAll(filepath.Join(dir, "default"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestReload(t *testing.T) {
	hook := sinks.Webhook(t)
	dir := t.TempDir()
	name := webhookConfig(t, dir, hook, "before")
	cfg := withFile(name)
	svc, _ := start(t, cfg, filepath.Join(dir, "data"))
	send(t, svc, "acme", down("x")) // an instance on the embedded default
	good, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}

	writeFile(t, name, "routs: 1\n")
	err = svc.Reload(cfg)
	if err == nil || !strings.Contains(err.Error(), "keeps its previous configuration") || !strings.Contains(err.Error(), name+":1:1: routs: unknown key") {
		t.Errorf("reload of a bad file: %v", err)
	}
	if got := testutil.ToFloat64(svc.metrics.reloadSuccessful); got != 0 {
		t.Errorf("metric is %v after a failed reload", got)
	}
	send(t, svc, tenant.Default, down("one"))
	if got := hook.Wait(t, 1)[0]; got.Path != "/before" {
		t.Errorf("notified %s", got.Path)
	}

	writeFile(t, name, strings.ReplaceAll(string(good), "before", "after"))
	cfg.Tenants = map[string]TenantConfig{"acme": {webhookConfig(t, dir, hook, "for-acme")}}
	if err := svc.Reload(cfg); err != nil {
		t.Fatal(err)
	}
	paths := map[string]int{}
	for _, m := range hook.Wait(t, 3) { // both alerts are news for the receivers' new names
		paths[m.Path]++
	}
	if paths["/after"] != 1 || paths["/for-acme"] != 1 {
		t.Errorf("notified %v", paths)
	}
	if got := testutil.ToFloat64(svc.metrics.reloadSuccessful); got != 1 {
		t.Errorf("metric is %v after a reload", got)
	}
}

func TestSendRefusesInvalidAlertsOnly(t *testing.T) {
	svc, _ := start(t, DefaultConfig(), t.TempDir())
	bad := &notifier.Alert{Labels: labels.FromStrings("alertname", "Bad", "a\xff", "b")}
	empty := &notifier.Alert{Labels: labels.FromStrings("alertname", "")}
	backwards := &notifier.Alert{Labels: labels.FromStrings("alertname", "Backwards"), StartsAt: time.Now(), EndsAt: time.Now().Add(-time.Hour)}
	err := svc.Send(t.Context(), tenant.Default, bad, empty, backwards, down("good"))
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("error %v; want three", err)
	}
	if _, alerts := call(t, svc, tenant.Default, "GET", "/api/v2/alerts", ""); strings.Count(alerts, "fingerprint") != 1 {
		t.Errorf("alerts %s", alerts)
	}
}

func TestSinkLogsWhatIsRefused(t *testing.T) {
	var log strings.Builder
	deps := testDeps(t.TempDir())
	deps.Logger = slog.New(slog.NewTextHandler(&log, nil))
	svc, err := New(DefaultConfig(), deps)
	if err != nil {
		t.Fatal(err)
	}
	Sink{svc}.Send(t.Context(), "acme", down("one"))
	for _, want := range []string{"alerts of rules refused", "tenant=acme", "not running"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("logged %q; want %q in it", log.String(), want)
		}
	}
}

func TestAlertsAreBounded(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxAlerts = 2
	svc, _ := start(t, cfg, t.TempDir())
	send(t, svc, tenant.Default, down("1"), down("2"))
	var limit *LimitError
	if err := svc.Send(t.Context(), tenant.Default, down("1"), down("3"), down("4")); !errors.As(err, &limit) || limit.Refused != 2 || limit.Of != 3 {
		t.Errorf("error %v", err)
	}
	send(t, svc, tenant.Default, resolved(down("2"))) // what is held can change
	send(t, svc, "other", down("5"))                  // each tenant has its own bound
	status, body := call(t, svc, tenant.Default, "POST", "/api/v2/alerts", `[{"labels":{"alertname":"New"}}]`)
	if status != 500 || !strings.Contains(body, "alerting.max_alerts (2)") {
		t.Errorf("post: %d %s", status, body)
	}
	if got := testutil.ToFloat64(svc.metrics.refused); got != 3 {
		t.Errorf("%v counted as refused", got)
	}
}

func TestUnusableStateIsAnError(t *testing.T) {
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "default"), 0o700); err != nil {
		t.Fatal(err)
	}
	file := writeFile(t, filepath.Join(dir, "default", "silences"), "garbage")
	svc, err := New(DefaultConfig(), testDeps(dir))
	if err != nil {
		t.Fatal(err)
	}
	if err := svc.Run(context.Background()); err == nil || !strings.Contains(err.Error(), "read silences "+file) {
		t.Errorf("Run: %v", err)
	}
	if err := svc.Ready(); err == nil || errors.Is(err, ErrNotRunning) {
		t.Errorf("Ready: %v; want the reason", err)
	}
}

func TestReplicasShareSilences(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Cluster.ListenAddress = "127.0.0.1:0"
	first, _ := start(t, cfg, t.TempDir())
	if _, err := first.Handler("acme"); err != nil {
		t.Fatal(err)
	}
	cfg.Cluster.Peers = []string{first.cluster.node.Self().Address()}
	second, _ := start(t, cfg, t.TempDir())
	for _, id := range []tenant.ID{tenant.Default, "acme"} {
		if status, body := call(t, first, id, "POST", "/api/v2/silences", silenceBody("instance", "of-"+string(id))); status != 200 {
			t.Fatalf("silence: %d %s", status, body)
		}
	}
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, silences := call(t, second, tenant.Default, "GET", "/api/v2/silences", "")
		if strings.Contains(silences, "of-acme") {
			t.Fatalf("tenant default sees %s", silences)
		}
		if strings.Contains(silences, "of-default") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("second replica has %s", silences)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func TestHandlerBoundsBodies(t *testing.T) {
	svc, _ := start(t, DefaultConfig(), t.TempDir())
	many := "[" + strings.Repeat("{},", MaxAlertsPerPost) + "{}]"
	for name, tt := range map[string]struct {
		body   string
		status int
		want   string
	}{
		"large": {`[{"labels":{"alertname":"` + strings.Repeat("x", 10<<20) + `"}}]`, http.StatusRequestEntityTooLarge, "larger than 4194304 bytes"},
		"many":  {many, http.StatusRequestEntityTooLarge, "more than 10000 elements"},
	} {
		if status, body := call(t, svc, tenant.Default, "POST", "/api/v2/alerts", tt.body); status != tt.status || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %.200s", name, status, body)
		}
	}
	h, err := svc.Handler(tenant.Default)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest("POST", "/api/v2/alerts", io.MultiReader(strings.NewReader("["), brokenReader{})))
	if w.Code != http.StatusBadRequest {
		t.Errorf("broken body: %d", w.Code)
	}
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestCountElements(t *testing.T) {
	for text, want := range map[string]int{
		``: 1, `[]`: 1, `[1]`: 1, `[1,2]`: 2, `[{"a":1,"b":[1,2]},{}]`: 2,
		`["a,b","\",",3]`: 3, `{"a":1,"b":2}`: 2, `]],,[`: 1, `"\`: 1,
	} {
		if got := countElements([]byte(text)); got != want {
			t.Errorf("%s: %d, want %d", text, got, want)
		}
	}
}

func FuzzCountElements(f *testing.F) {
	f.Add([]byte(`[{"labels":{"alertname":"a,b"}},{}]`))
	f.Fuzz(func(t *testing.T, text []byte) {
		if n := countElements(text); n < 1 || n > len(text)+1 {
			t.Errorf("%d elements in %d bytes", n, len(text))
		}
	})
}
