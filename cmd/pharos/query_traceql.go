package main

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"text/tabwriter"
	"time"

	"github.com/pharosd/pharos/config"
	"github.com/pharosd/pharos/traces/traceql"
)

const languageTraceQL = "traceql"

// runTraceQL asks Tempo's API, which has other answers than Prometheus' and Loki's.
func (c *queryCmd) runTraceQL(ctx context.Context, out io.Writer, now time.Time) error {
	path, q, err := c.requestTraceQL(now)
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
	var answer tempoAnswer
	if err := json.NewDecoder(body).Decode(&answer); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	if answer.Message != "" {
		fmt.Fprintln(os.Stderr, "warning:", answer.Message)
	}
	switch {
	case answer.Series == nil && c.Output == "csv":
		return writeTracesCSV(out, answer.Traces)
	case answer.Series == nil:
		return writeTraces(out, answer.Traces)
	case c.Output == "csv":
		return writeCSV(out, answer.results(), false)
	}
	return writeTable(out, answer.results())
}

// requestTraceQL is the path and parameters that ask for the query.
func (c *queryCmd) requestTraceQL(now time.Time) (string, url.Values, error) {
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
	q := url.Values{"q": {c.Query}, "start": {strconv.FormatInt(start.Unix(), 10)}, "end": {strconv.FormatInt(end.Unix()+1, 10)}}
	if parsed, err := traceql.Parse(c.Query); err == nil && parsed.IsMetrics() {
		if c.From == "" {
			return "/tempo/api/metrics/query", q, nil
		}
		step := c.Step
		if step == 0 {
			step = max(time.Second, end.Sub(start).Truncate(time.Second)/60).Truncate(time.Second)
		}
		q.Set("step", step.String())
		return "/tempo/api/metrics/query_range", q, nil
	}
	q.Set("limit", strconv.Itoa(c.Limit))
	return "/tempo/api/search", q, nil
}

// tempoAnswer is that of a search or of a metrics query.
type tempoAnswer struct {
	Traces  []foundTrace  `json:"traces"`
	Series  []foundSeries `json:"series"`
	Message string        `json:"message"`
}

type foundTrace struct {
	ID       string `json:"traceID"`
	Service  string `json:"rootServiceName"`
	Name     string `json:"rootTraceName"`
	Start    string `json:"startTimeUnixNano"`
	Millis   int64  `json:"durationMs"`
	Services map[string]struct {
		Spans  int `json:"spanCount"`
		Errors int `json:"errorCount"`
	} `json:"serviceStats"`
	Sets []struct {
		Matched int `json:"matched"`
	} `json:"spanSets"`
}

func (t *foundTrace) start() time.Time {
	ns, _ := strconv.ParseInt(t.Start, 10, 64) // the server's own number
	return time.Unix(0, ns)
}

// counts are spans that matched, all spans, and those with an error.
func (t *foundTrace) counts() (matched, spans, errors int) {
	for _, s := range t.Sets {
		matched += s.Matched
	}
	for _, s := range t.Services {
		spans, errors = spans+s.Spans, errors+s.Errors
	}
	return matched, spans, errors
}

type foundSeries struct {
	Labels []struct {
		Key   string         `json:"key"`
		Value map[string]any `json:"value"`
	} `json:"labels"`
	Samples []struct {
		Millis string  `json:"timestampMs"`
		Value  float64 `json:"value"`
	} `json:"samples"`
	Value *float64 `json:"value"` // of an instant
}

// results are the series as Prometheus' would be.
func (a *tempoAnswer) results() []result {
	out := make([]result, 0, len(a.Series))
	for _, s := range a.Series {
		r := result{Metric: map[string]string{}}
		for _, l := range s.Labels {
			for _, v := range l.Value { // one, under its type
				r.Metric[l.Key] = fmt.Sprint(v)
			}
		}
		if s.Value != nil {
			r.Value = &point{time.Now(), strconv.FormatFloat(*s.Value, 'g', -1, 64)}
		}
		for _, p := range s.Samples {
			ms, _ := strconv.ParseInt(p.Millis, 10, 64)
			r.Values = append(r.Values, point{time.UnixMilli(ms), strconv.FormatFloat(p.Value, 'g', -1, 64)})
		}
		out = append(out, r)
	}
	return out
}

func writeTraces(out io.Writer, list []foundTrace) error {
	if len(list) == 0 {
		_, err := fmt.Fprintln(out, "no traces")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "START\tDURATION\tMATCHED\tSPANS\tERRORS\tTRACE\tROOT")
	for _, t := range list {
		matched, spans, failed := t.counts()
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%d\t%s\t%s: %s\n", t.start().Format("2006-01-02 15:04:05.000"), time.Duration(t.Millis)*time.Millisecond, matched, spans, failed, t.ID, t.Service, t.Name)
	}
	return w.Flush()
}

func writeTracesCSV(out io.Writer, list []foundTrace) error {
	w := csv.NewWriter(out)
	if err := w.Write([]string{"start", "duration_ms", "matched", "spans", "errors", "trace_id", "service", "name"}); err != nil {
		return err
	}
	for _, t := range list {
		matched, spans, failed := t.counts()
		row := []string{
			t.start().UTC().Format(time.RFC3339Nano), strconv.FormatInt(t.Millis, 10), strconv.Itoa(matched), strconv.Itoa(spans), strconv.Itoa(failed), t.ID, t.Service, t.Name,
		}
		if err := w.Write(row); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}
