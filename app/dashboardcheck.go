package app

import (
	"fmt"

	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/traces/traceql"
)

// maxPromQL is what the server takes (see api/prom).
const maxPromQL = 32 << 10

// QueryParsers are the languages that a check of dashboards reads, by dialect.
func QueryParsers() map[string]func(string) error {
	promql := parser.NewParser(parser.Options{})
	return map[string]func(string) error{
		"prometheus": func(query string) error {
			if len(query) > maxPromQL {
				return fmt.Errorf("it has %d bytes, more than %d", len(query), maxPromQL)
			}
			_, err := promql.ParseExpr(query)
			return err
		},
		"loki":  func(query string) error { _, err := logql.Parse(query); return err },
		"tempo": func(query string) error { _, err := traceql.Parse(query); return err },
	}
}
