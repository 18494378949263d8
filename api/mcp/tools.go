package mcp

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/pharosd/pharos/traces/traceql"
)

// window is the time that a tool looks at.
type window struct {
	Start string `json:"start,omitempty" jsonschema:"first time, RFC 3339 or Unix seconds; default: an hour before end"`
	End   string `json:"end,omitempty" jsonschema:"last time, RFC 3339 or Unix seconds; default: now"`
}

// times reads the window.
func (w window) times() (start, end time.Time, err error) {
	end = time.Now()
	if w.End != "" {
		if end, err = parseTime(w.End); err != nil {
			return start, end, err
		}
	}
	start = end.Add(-time.Hour)
	if w.Start != "" {
		start, err = parseTime(w.Start)
	}
	if err == nil && !start.Before(end) {
		err = errors.New("start is not before end")
	}
	return start, end, err
}

func parseTime(s string) (time.Time, error) {
	if seconds, err := strconv.ParseFloat(s, 64); err == nil {
		return time.UnixMilli(int64(seconds * 1e3)), nil
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return t, fmt.Errorf("%q is no time: write 2026-11-01T13:00:00Z or Unix seconds", s)
	}
	return t, nil
}

// set writes the window as seconds.
func (w window) set(q url.Values) error {
	start, end, err := w.times()
	q.Set("start", seconds(start))
	q.Set("end", seconds(end))
	return err
}

func seconds(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1e3, 'f', 3, 64) }

type metricsQuery struct {
	Query string `json:"query" jsonschema:"PromQL"`
	Start string `json:"start,omitempty" jsonschema:"first time of a range; without it the query is of one instant"`
	End   string `json:"end,omitempty" jsonschema:"the instant, or the last time of a range; default: now"`
	Step  string `json:"step,omitempty" jsonschema:"distance of points of a range, such as 60s; default: 60 points"`
}

type logsQuery struct {
	window
	Query     string `json:"query" jsonschema:"LogQL, such as {service_name=\"shop\"} |= \"timeout\""`
	Limit     int    `json:"limit,omitempty" jsonschema:"most lines, default 100"`
	Direction string `json:"direction,omitempty" jsonschema:"backward (newest first, the default) or forward"`
	Step      string `json:"step,omitempty" jsonschema:"distance of points of a metric query, such as 60s"`
}

type selection struct {
	window
	Query string `json:"query" jsonschema:"a LogQL selector with optional filters"`
}

type metricNames struct {
	window
	Match string `json:"match,omitempty" jsonschema:"a PromQL selector; only metrics of such series"`
	Limit int    `json:"limit,omitempty" jsonschema:"most names, default 500"`
}

type labelNames struct {
	window
	Signal string `json:"signal" jsonschema:"metrics or logs"`
	Label  string `json:"label,omitempty" jsonschema:"a label whose values are wanted; without it the labels' names"`
	Match  string `json:"match,omitempty" jsonschema:"a selector; only labels of such series or streams"`
}

type traceSearch struct {
	window
	Service     string `json:"service" jsonschema:"the service's name"`
	Operation   string `json:"operation,omitempty" jsonschema:"the span's name"`
	Tags        string `json:"tags,omitempty" jsonschema:"a JSON object of attributes that a span must have"`
	MinDuration string `json:"min_duration,omitempty" jsonschema:"such as 250ms"`
	Limit       int    `json:"limit,omitempty" jsonschema:"most traces, default 20"`
}

type traceQuery struct {
	window
	Query string `json:"query" jsonschema:"TraceQL, such as { resource.service.name = \"shop\" && status = error } or { } | rate() by (name)"`
	Limit int    `json:"limit,omitempty" jsonschema:"most traces, default 20"`
	Step  string `json:"step,omitempty" jsonschema:"distance of points of a metrics query, such as 60s"`
}

type traceID struct {
	ID string `json:"id" jsonschema:"trace id in hexadecimal"`
}

type dashboardID struct {
	UID string `json:"uid" jsonschema:"as list_dashboards says it"`
}

type nothing struct{}

// add registers a tool that asks one route.
func add[In any](s *mcp.Server, c *caller, name, description string, request func(in In) (path string, q url.Values, err error)) {
	closed := false
	mcp.AddTool(s, &mcp.Tool{Name: name, Description: description, Annotations: &mcp.ToolAnnotations{ReadOnlyHint: true, OpenWorldHint: &closed}},
		func(ctx context.Context, _ *mcp.CallToolRequest, in In) (*mcp.CallToolResult, any, error) {
			path, q, err := request(in)
			if err != nil {
				return nil, nil, err
			}
			result, err := c.get(ctx, path, q)
			return result, nil, err
		})
}

func addTools(s *mcp.Server, c *caller) {
	add(s, c, "query_metrics", "Evaluate PromQL at one instant, or over a range when start is given.", queryMetrics)
	add(s, c, "list_metrics", "Names of metrics.", func(in metricNames) (string, url.Values, error) {
		q := url.Values{"limit": {strconv.Itoa(orElse(in.Limit, 500))}}
		setUnlessEmpty(q, "match[]", in.Match)
		return "/api/v1/label/__name__/values", q, in.set(q)
	})
	add(s, c, "describe_metrics", "Types and help texts of metrics.", func(in struct {
		Metric string `json:"metric,omitempty" jsonschema:"one metric's name"`
	}) (string, url.Values, error) {
		q := url.Values{"limit": {"500"}}
		setUnlessEmpty(q, "metric", in.Metric)
		return "/api/v1/metadata", q, nil
	})
	add(s, c, "list_labels", "Names of labels of metrics or logs, or the values of one label.", listLabels)
	add(s, c, "query_logs", "Run LogQL: lines, or points of a metric query.", queryLogs)
	add(s, c, "log_patterns", "Cluster log lines into patterns with their counts over time.", func(in selection) (string, url.Values, error) {
		q := url.Values{"query": {in.Query}}
		return "/loki/api/v1/patterns", q, in.set(q)
	})
	add(s, c, "list_errors", "What fails: log lines of level error and above, clustered into patterns with their counts over time.", listErrors)
	add(s, c, "log_fields", "Fields that lines have, with how many values.", func(in selection) (string, url.Values, error) {
		q := url.Values{"query": {in.Query}}
		return "/loki/api/v1/detected_fields", q, in.set(q)
	})
	add(s, c, "list_services", "Services that sent spans.", func(nothing) (string, url.Values, error) { return "/api/services", nil, nil })
	add(s, c, "search_traces", "Find traces of a service.", searchTraces)
	add(s, c, "query_traces", "Run TraceQL: traces with the spans that match, or points of a metrics query.", queryTraces)
	add(s, c, "get_trace", "All spans of one trace.", func(in traceID) (string, url.Values, error) {
		return "/api/traces/" + url.PathEscape(in.ID), nil, nil
	})
	add(s, c, "list_alerts", "Alerts that fire now, with labels, annotations, silences.", func(nothing) (string, url.Values, error) { return "/api/v2/alerts", nil, nil })
	add(s, c, "list_rules", "Alerting and recording rules with their state.", func(nothing) (string, url.Values, error) { return "/api/v1/rules", nil, nil })
	add(s, c, "list_dashboards", "Dashboards with uid, title and folder.", func(nothing) (string, url.Values, error) {
		return "/api/pharos/v1/dashboards", nil, nil
	})
	add(s, c, "get_dashboard", "One dashboard as Grafana's JSON: its panels have the queries that people trust.", func(in dashboardID) (string, url.Values, error) {
		return "/api/pharos/v1/dashboards/" + url.PathEscape(in.UID), nil, nil
	})
}

func orElse(n, otherwise int) int {
	if n <= 0 {
		return otherwise
	}
	return n
}

func setUnlessEmpty(q url.Values, key, value string) {
	if value != "" {
		q.Set(key, value)
	}
}

func queryMetrics(in metricsQuery) (string, url.Values, error) {
	q := url.Values{"query": {in.Query}}
	w := window{Start: in.Start, End: in.End}
	start, end, err := w.times()
	if in.Start == "" {
		q.Set("time", seconds(end))
		return "/api/v1/query", q, err
	}
	step := in.Step
	if step == "" {
		step = strconv.Itoa(max(1, int(end.Sub(start).Seconds()/60)))
	}
	q.Set("step", step)
	return "/api/v1/query_range", q, w.set(q)
}

func queryLogs(in logsQuery) (string, url.Values, error) {
	q := url.Values{"query": {in.Query}, "limit": {strconv.Itoa(orElse(in.Limit, 100))}}
	setUnlessEmpty(q, "direction", in.Direction)
	setUnlessEmpty(q, "step", in.Step)
	return "/loki/api/v1/query_range", q, in.set(q)
}

// queryTraces asks Tempo's API: for series if the query is a metric.
func queryTraces(in traceQuery) (string, url.Values, error) {
	start, end, err := in.times()
	q := url.Values{"q": {in.Query}, "start": {strconv.FormatInt(start.Unix(), 10)}, "end": {strconv.FormatInt(end.Unix(), 10)}}
	if parsed, parseErr := traceql.Parse(in.Query); parseErr == nil && parsed.IsMetrics() {
		setUnlessEmpty(q, "step", in.Step)
		return "/tempo/api/metrics/query_range", q, err
	}
	q.Set("limit", strconv.Itoa(orElse(in.Limit, 20)))
	return "/tempo/api/search", q, err
}

func listLabels(in labelNames) (string, url.Values, error) {
	q := url.Values{}
	root, selector := "/api/v1", "match[]"
	switch in.Signal {
	case "metrics":
	case "logs":
		root, selector = "/loki/api/v1", "query"
	default:
		return "", nil, fmt.Errorf("signal %q is neither metrics nor logs", in.Signal)
	}
	setUnlessEmpty(q, selector, in.Match)
	path := root + "/labels"
	if in.Label != "" {
		path = root + "/label/" + url.PathEscape(in.Label) + "/values"
	}
	return path, q, in.set(q)
}

// searchTraces asks Jaeger's API, whose times are microseconds.
func searchTraces(in traceSearch) (string, url.Values, error) {
	start, end, err := in.times()
	q := url.Values{"service": {in.Service}, "limit": {strconv.Itoa(orElse(in.Limit, 20))},
		"start": {strconv.FormatInt(start.UnixMicro(), 10)}, "end": {strconv.FormatInt(end.UnixMicro(), 10)}}
	setUnlessEmpty(q, "operation", in.Operation)
	setUnlessEmpty(q, "tags", in.Tags)
	setUnlessEmpty(q, "minDuration", in.MinDuration)
	return "/api/traces", q, err
}
