/** The pages that are looked at: name to path. */
export const pages = {
  overview: '/overview',
  'explore-metrics': `/explore?tab=metrics&expr=${encodeURIComponent('sum by (job) (rate(http_requests_total[1m]))')}&from=now-15m`,
  'explore-logs': `/explore?tab=logs&logql=${encodeURIComponent('{service_name="query-api"}')}&from=now-15m`,
  'explore-traces': '/explore?tab=traces&service=query-api&from=now-15m',
  'live-tail': '/tail',
  dashboards: '/dashboards',
  dashboard: '/dashboards/overview?from=now-15m',
  alerts: '/alerts',
  targets: '/targets',
  simulator: '/simulator',
  connect: '/connect',
  settings: '/settings',
  pipelines: '/settings?tab=pipelines',
  redaction: '/settings?tab=redaction',
};
