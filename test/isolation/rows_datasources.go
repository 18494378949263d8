package isolation

// datasourceExempt are the routes to data sources on other servers.
func datasourceExempt() map[string]string {
	const (
		path   = " /api/pharos/v1/datasources/{uid}/proxy/{path...}"
		reason = "asks servers that the installation's files name, for the tenants of dashboards.proxy.tenants, proven in api/v1"
	)
	return map[string]string{"GET" + path: reason, "POST" + path: reason}
}
