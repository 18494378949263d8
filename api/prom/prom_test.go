package prom

import (
	"fmt"
	"net/http"
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
