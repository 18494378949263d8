package main

import "strings"

// plain replaces what Grafana replaces before a query is sent.
func plain(expr string) string {
	return strings.NewReplacer("$__rate_interval", "1m", "$__interval", "15s", "$__range", "1h", "$__auto", "1m").Replace(expr)
}
