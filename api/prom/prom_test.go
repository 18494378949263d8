package prom

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const wait, tick = 20 * time.Second, 50 * time.Millisecond

// A scraped target's samples come out of a query, and rules turn them into a
// recorded series and an alert with the external labels.
func TestScrapeToQueryAndAlert(t *testing.T) {
	exporter := target(t, "# HELP orders_total Orders.\n# TYPE orders_total counter\norders_total{shop=\"a\"} 7\n")
	s := start(t, fmt.Sprintf(`
global: {scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms, external_labels: {cluster: c1}}
rule_files: ['rules*.yml']
scrape_configs:
  - job_name: shop
    static_configs: [{targets: [%q]}]
  - job_name: nobody-home
    consul_sd_configs: [{server: '127.0.0.1:1'}]
`, exporter), map[string]string{"rules1.yml": `
groups:
  - name: g
    rules:
      - {record: 'job:orders:sum', expr: 'sum by (job) (orders_total)'}
      - {alert: ManyOrders, expr: 'orders_total > 5', labels: {severity: page}}
`})
	require.Eventually(t, func() bool { return len(s.query("default", "orders_total")) == 1 }, wait, tick)
	require.Equal(t, []string{"7"}, s.query("default", `orders_total{job="shop"}`))
	require.Eventually(t, func() bool { return len(s.query("default", "job:orders:sum")) == 1 }, wait, tick)
	require.Eventually(t, func() bool { return len(s.sink.names()) > 0 }, wait, tick)
	require.Contains(t, s.sink.names(), "ManyOrders/c1")

	status, body := s.get("default", "/api/v1/targets")
	require.Equal(t, http.StatusOK, status)
	require.Contains(t, body, `"health":"up"`)
	_, body = s.get("default", "/api/v1/rules")
	require.Contains(t, body, "ManyOrders")
	_, body = s.get("default", "/api/v1/metadata?metric=orders_total")
	require.Contains(t, body, `"type":"counter"`)

	// Another tenant sees nothing of it.
	require.Empty(t, s.query("other", "orders_total"))
	for _, path := range []string{"targets", "rules", "alerts", "metadata", "status/config", "scrape_pools", "labels"} {
		status, body = s.get("other", "/api/v1/"+path)
		require.Equal(t, http.StatusOK, status, body)
		require.NotContains(t, body, "orders", path)
		require.NotContains(t, body, "shop", path)
	}
}

// A tenant that does not own the process sees its own data, empty at first, and
// nothing of the machine, the command line and the files.
func TestOtherTenantsSeeNothingOfTheProcess(t *testing.T) {
	s := start(t, "global: {external_labels: {cluster: c1}}\n", nil)
	hostname, err := os.Hostname()
	require.NoError(t, err)
	for path, want := range map[string]string{
		"status/tsdb":         `"chunkCount":0`,
		"status/flags":        `"data":{}`,
		"status/config":       `"yaml":`,
		"status/runtimeinfo":  `"GOMEMLIMIT":0`,
		"status/walreplay":    `"current":0`,
		"status/tsdb/blocks":  `"blocks":null`,
		"status/self_metrics": `prometheus_tsdb_head_chunks`,
		"notifications":       `"data":[]`,
		"targets":             `"activeTargets":[]`,
		"alertmanagers":       `"activeAlertmanagers":[]`,
		"rules":               `"groups":[]`,
		"alerts":              `"alerts":[]`,
	} {
		status, body := s.get("newcomer", "/api/v1/"+path)
		require.Equal(t, http.StatusOK, status, "%s: %s", path, body)
		require.Contains(t, body, want, path)
		for _, secret := range []string{hostname, "web.enable-lifecycle", "c1", "go_goroutines", s.store.Dir("newcomer")} {
			require.NotContains(t, body, secret, path)
		}
	}
	_, body := s.get("default", "/api/v1/status/flags")
	require.Contains(t, body, "web.enable-lifecycle")
	_, body = s.get("default", "/api/v1/status/runtimeinfo")
	require.Contains(t, body, hostname)
}
