package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/signal"
	"strconv"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"

	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/logs/logql"
	"github.com/pharosd/pharos/traces/traceql"
)

type queryCmd struct {
	clientFlags

	Query    string        `arg:"" help:"PromQL, LogQL or TraceQL."`
	Language string        `help:"promql, logql, traceql, or auto: LogQL if the query names no metric, TraceQL if neither reads it." enum:"auto,promql,logql,traceql" default:"auto"`
	From     string        `help:"First time: 2026-11-01, 2026-11-01T13:00:00Z, or an age such as 3d. Without one a metric query is of one instant." placeholder:"TIME"`
	To       string        `help:"Last time (default now)." placeholder:"TIME"`
	Step     time.Duration `help:"Distance of points of a metric query (default: 60 points)." placeholder:"DURATION"`
	Limit    int           `help:"Most lines of a log query, or traces." default:"100"`
	Forward  bool          `help:"Oldest lines first."`
	Output   string        `short:"o" help:"table, json (the server's answer) or csv." enum:"table,json,csv" default:"table"`
	Color    string        `help:"auto, always or never." enum:"auto,always,never" default:"auto"`
}

func (c *queryCmd) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	return c.run(ctx, os.Stdout, time.Now())
}

// defaultPast is how far back a log query looks.
const defaultPast = time.Hour

func (c *queryCmd) run(ctx context.Context, out io.Writer, now time.Time) error {
	if c.Language == languageTraceQL || c.Language == "auto" && guess(c.Query) == languageTraceQL {
		return c.runTraceQL(ctx, out, now)
	}
	path, q, err := c.request(now)
	if err != nil {
		return err
	}
	body, err := c.open(ctx, path, q, "application/json")
	if err != nil {
		return err
	}
	defer body.Close()
	if c.Output == "json" {
		_, err := io.Copy(out, body)
		return err
	}
	var answer answer
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	for _, w := range answer.Warnings {
		fmt.Fprintln(os.Stderr, "warning:", w)
	}
	return answer.Data.write(out, c.Output, useColor(c.Color, out))
}

// request is the path and parameters that ask for the query.
func (c *queryCmd) request(now time.Time) (string, url.Values, error) {
	language, instant := c.Language, c.From == ""
	if language == "auto" {
		language = guess(c.Query)
	}
	prefix := "/api/v1/"
	if language == "logql" {
		prefix = "/loki/api/v1/"
	}
	q := url.Values{"query": {c.Query}}
	end, err := timeOr(c.To, now, now)
	if err != nil {
		return "", nil, err
	}
	start, err := timeOr(c.From, now, end.Add(-defaultPast))
	if err != nil {
		return "", nil, err
	}
	if !start.Before(end) {
		return "", nil, &config.StartError{Err: errors.New("--from is not before --to")}
	}
	if isLogQuery(language, c.Query) {
		q.Set("limit", strconv.Itoa(c.Limit))
		q.Set("direction", map[bool]string{true: "forward", false: "backward"}[c.Forward])
	} else if instant {
		q.Set("time", seconds(end))
		return prefix + "query", q, nil
	}
	step := c.Step
	if step == 0 {
		step = max(time.Second, end.Sub(start).Truncate(time.Second)/60).Truncate(time.Second)
	}
	q.Set("start", seconds(start))
	q.Set("end", seconds(end))
	q.Set("step", strconv.FormatFloat(step.Seconds(), 'f', -1, 64))
	return prefix + "query_range", q, nil
}

func seconds(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1e3, 'f', 3, 64) }

func timeOr(s string, now, otherwise time.Time) (time.Time, error) {
	if s == "" {
		return otherwise, nil
	}
	return parseTime(s, now)
}

// guess tells the languages apart: what both read is LogQL if it names no metric, since
// series without a name are rare and streams have none.
func guess(query string) string {
	expr, err := parser.NewParser(parser.Options{}).ParseExpr(query)
	if err != nil {
		if _, err := logql.Parse(query); err == nil {
			return "logql"
		}
		if _, err := traceql.Parse(query); err == nil {
			return languageTraceQL
		}
		return "logql"
	}
	if _, err := logql.Parse(query); err != nil {
		return "promql"
	}
	named := true
	parser.Inspect(expr, func(n parser.Node, _ []parser.Node) error {
		if v, ok := n.(*parser.VectorSelector); ok {
			named = false
			for _, m := range v.LabelMatchers {
				named = named || m.Name == labels.MetricName
			}
		}
		return nil
	})
	if named {
		return "promql"
	}
	return "logql"
}

// isLogQuery says that the answer is lines.
func isLogQuery(language, query string) bool {
	if language != "logql" {
		return false
	}
	expr, err := logql.Parse(query)
	_, lines := expr.(*logql.LogExpr)
	return err == nil && lines
}
