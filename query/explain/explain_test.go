package explain_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/pharosd/pharos/query/explain"
)

func lookup(name string) explain.Metric {
	return map[string]explain.Metric{
		"http_requests_total":   {Type: "counter", Help: "Requests.", Series: 20},
		"temperature":           {Type: "gauge", Help: "Degrees"},
		"latency_seconds":       {Type: "histogram", Help: "How long requests take"},
		"wide_gauge":            {Type: "gauge", Series: 100_000},
		"memory_bytes_total":    {Type: "gauge"},
		"request_size_bytes":    {Type: "histogram"},
		"untyped_thing":         {},
		"untyped_things_total":  {},
		"process_start_seconds": {Type: "gauge"},
	}[name]
}

func codes(e explain.Explanation) []string {
	out := []string{}
	for _, w := range e.Warnings {
		out = append(out, w.Code)
	}
	return out
}

func TestPromQLSummaries(t *testing.T) {
	for query, want := range map[string]string{
		`up`: "Up.",
		`sum by (job) (rate(http_requests_total{status=~"5.."}[5m]))`:              `The sum for each job, of the growth per second (over 5 minutes) of http_requests_total where status matches "5..".`,
		`histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[5m])))`: "The 95th percentile of the sum for each le, of the growth per second (over 5 minutes) of latency_seconds_bucket.",
		`temperature > 20`:                         "Temperature, only where it is above 20.",
		`temperature offset 1d`:                    "Temperature, 1 day earlier.",
		`topk(3, avg without (pod) (temperature))`: "The 3 highest, over all of them, of the average after dropping the label pod, of temperature.",
		`max_over_time(temperature[1h30m])`:        "The maximum over 90 minutes of temperature.",
		`sum(a) / on (job) group_left(x) sum(b)`:   "The sum, over all of them, of a divided by the sum, over all of them, of b.",
	} {
		e, err := explain.PromQL(query, lookup)
		require.NoError(t, err, query)
		require.Equal(t, want, e.Summary, query)
		require.NotEmpty(t, e.Parts)
		last := e.Parts[len(e.Parts)-1]
		require.Equal(t, query, last.Text, "the whole is the last part")
		require.Zero(t, last.Depth)
		for _, p := range e.Parts {
			require.NotEmpty(t, p.Words, query)
			if p.To > 0 {
				require.Equal(t, p.Text, strings.TrimSpace(query[p.From:p.To]))
			}
		}
	}
}

func TestPromQLWarnings(t *testing.T) {
	for query, want := range map[string][]string{
		`rate(temperature[5m])`:                            {"rate_of_gauge"},
		`rate(memory_bytes_total[5m])`:                     {"rate_of_gauge"},
		`deriv(http_requests_total[5m])`:                   {"delta_of_counter"},
		`sum(http_requests_total)`:                         {"counter_without_rate"},
		`untyped_things_total`:                             {"counter_without_rate"},
		`untyped_thing`:                                    {},
		`rate(untyped_thing[5m])`:                          {},
		`sum(rate(http_requests_total[5m]))`:               {},
		`count(http_requests_total)`:                       {},
		`absent(http_requests_total)`:                      {},
		`rate(sum(http_requests_total)[5m:1m])`:            {"sum_before_rate"},
		`rate(http_requests_total[10s])`:                   {"short_range"},
		`wide_gauge`:                                       {"many_series"},
		`sum by (job) (wide_gauge)`:                        {},
		`sum by (user_id) (rate(http_requests_total[5m]))`: {"high_cardinality"},
		`{job="x"}`:                                        {"no_metric_name"},
		`{__name__=~"http_.+"}`:                            {},
		`temperature{job=~"web"}`:                          {"regexp_without_pattern"},
		`temperature{job=~".*"}`:                           {"matches_everything"},
		`temperature{path="/api/.*"}`:                      {"pattern_without_regexp"},
		`temperature{path="/api"}`:                         {},
		`histogram_quantile(95, sum by (le) (rate(latency_seconds_bucket[5m])))`:        {"quantile_out_of_bounds"},
		`histogram_quantile(0.9, sum by (job) (rate(latency_seconds_bucket[5m])))`:      {"quantile_without_le"},
		`histogram_quantile(0.9, sum without (le) (rate(latency_seconds_bucket[5m])))`:  {"quantile_without_le"},
		`histogram_quantile(0.9, sum without (pod) (rate(latency_seconds_bucket[5m])))`: {},
		`histogram_quantile(0.9, avg by (le) (rate(latency_seconds_bucket[5m])))`:       {"quantile_of_avg"},
		`histogram_quantile(0.9, rate(latency_seconds[5m]))`:                            {},
		`histogram_quantile(0.9, sum by (le) (latency_seconds_bucket))`:                 {"counter_without_rate", "quantile_without_rate"},
		`sum by (a) (temperature) / sum by (b) (temperature)`:                           {"labels_differ"},
		`sum by (a) (temperature) / sum by (a) (temperature)`:                           {},
		`sum by (a, b) (temperature) / on (a) group_left () sum by (a) (temperature)`:   {},
		`avg(rate(latency_seconds_sum[5m]) / rate(latency_seconds_count[5m]))`:          {"average_of_ratios"},
		`http_requests_total[5m]`:        {"counter_without_rate", "raw_samples"},
		`time() - process_start_seconds`: {},
	} {
		e, err := explain.PromQL(query, lookup)
		require.NoError(t, err, query)
		require.Equal(t, want, codes(e), query)
	}
}

func TestPromQLErrors(t *testing.T) {
	for query, hint := range map[string]string{
		`rate(http_requests_total)`:    "give the selector a range",
		`sum(http_requests_total[5m])`: "must be inside a function",
		`sum(rate(x[5m])`:              "open at the end",
		`nosuch(x)`:                    "function's name",
		`{}`:                           "name a metric",
	} {
		_, err := explain.PromQL(query, nil)
		var e *explain.Error
		require.True(t, errors.As(err, &e), query)
		require.Contains(t, e.Hint, hint, "%s: %s", query, e.Message)
		require.Positive(t, e.Line)
	}
	_, err := explain.PromQL(strings.Repeat("(", explain.MaxQuery+1), nil)
	require.ErrorContains(t, err, "at most")
}

func TestLogQL(t *testing.T) {
	for query, want := range map[string]string{
		`{app="web"}`: `The lines where app is "web".`,
		`{app="web"} |= "timeout" != "debug" | json | status >= 500`:                             `The lines where app is "web", whose text contains "timeout", whose text does not contain "debug", where status ≥ 500.`,
		`sum by (level) (count_over_time({app="web"} | logfmt [5m]))`:                            `The sum, for each level, of the number of lines in 5 minutes of the lines where app is "web".`,
		`quantile_over_time(0.99, {app="web"} | logfmt | unwrap duration(took) [1m]) by (route)`: `The 99th percentile over 1 minute of took of the lines where app is "web".`,
		`topk(5, sum by (path) (rate({app="web"} [1m]))) > 3`:                                    `The 5 highest, all together, of the sum, for each path, of the lines per second (over 1 minute) of the lines where app is "web", only where it is above 3.`,
	} {
		e, err := explain.LogQL(query)
		require.NoError(t, err, query)
		require.Equal(t, want, e.Summary, query)
		require.Empty(t, codes(e), query)
		for _, p := range e.Parts {
			require.NotEmpty(t, p.Words, query)
		}
	}
	for query, want := range map[string][]string{
		`{app=~".+"}`:                                                  {"selects_everything"},
		`{app="web"} |~ "timeout"`:                                     {"regexp_without_pattern"},
		`{app="web"} |~ "time(out|d)"`:                                 {},
		`{app="web"} | json |= "timeout"`:                              {"filter_after_parser"},
		`count_over_time({app="web"} | json [5m])`:                     {"errors_not_filtered"},
		`count_over_time({app="web"} | json | __error__="" [5m])`:      {},
		`sum by (trace_id) (count_over_time({app="web"}[5m]))`:         {"high_cardinality"},
		`quantile_over_time(99, {app="web"} | logfmt | unwrap x [5m])`: {"quantile_out_of_bounds"},
		`avg(avg_over_time({app="web"} | logfmt | unwrap x [5m]))`:     {"average_of_averages"},
	} {
		e, err := explain.LogQL(query)
		require.NoError(t, err, query)
		require.Equal(t, want, codes(e), query)
	}
	for _, query := range []string{`{`, `web`, `{app="x"} | `, `{app=~".*"}`} {
		_, err := explain.LogQL(query)
		var e *explain.Error
		require.True(t, errors.As(err, &e), query)
	}
}

func FuzzExplain(f *testing.F) {
	for _, q := range []string{`sum by (a) (rate(x{b=~"c"}[5m:1m] offset 1d)) > bool 3 or vector(1)`, `histogram_quantile(0.9, x @ end())`,
		`sum by (l) (rate({a="b"} |= "c" | json d="e" | f > 5ms | line_format "x" | unwrap bytes(g) | __error__="" [5m] offset 1m))`, `{a=~"("}`} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, q string) {
		if e, err := explain.PromQL(q, lookup); err == nil && e.Summary == "" {
			t.Fatal("no summary")
		}
		if e, err := explain.LogQL(q); err == nil && e.Summary == "" {
			t.Fatal("no summary")
		}
	})
}
