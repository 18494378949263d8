package render

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pharosd/pharos/dashboards"
)

// Bounds of a table.
const (
	maxRows      = 1_000_000
	maxTableSize = 64 << 20 // bytes
)

// queryPaths are the paths whose answers are data, and what they are.
var queryPaths = map[string]string{
	"/api/v1/query": "prometheus", "/api/v1/query_range": "prometheus", "/loki/api/v1/query": "loki", "/loki/api/v1/query_range": "loki",
	"/elastic/_msearch": "other", "/api/search": "other", "/tempo/api/search": "other", "/api/traces": "other",
}

// table is a dashboard's data: a row for each point, panel, query, series, time, value.
type table struct {
	patterns []dashboards.QueryPattern
	out      bytes.Buffer
	csv      *csv.Writer
	rows     int
}

func newTable(doc *dashboards.Document) *table {
	t := &table{}
	if rendered, _ := doc.Render(); rendered != nil {
		if today, err := dashboards.Parse(rendered); err == nil {
			t.patterns = dashboards.LooseQueryPatterns(today)
		}
	}
	t.csv = csv.NewWriter(&t.out)
	_ = t.csv.Write([]string{"panel", "query", "series", "time", "value"}) // a buffer does not fail
	return t
}

// panel is the title of the panel that has such a query, "" if none is known.
func (t *table) panel(query string) string {
	title, literal := "", -1
	for i := range t.patterns {
		if p := &t.patterns[i]; p.Literal > literal && p.Matches(query) {
			title, literal = p.Panel, p.Literal
		}
	}
	return title
}

// add writes one answer.
func (t *table) add(path string, query url.Values, form string, body []byte) error {
	text := query.Get("query")
	if values, err := url.ParseQuery(form); err == nil && text == "" {
		text = values.Get("query")
	}
	if queryPaths[path] == "other" {
		return t.row("", strings.Trim(path, "/"), "", "", "answers of this API are not written as CSV")
	}
	var answer struct {
		Data struct {
			ResultType string
			Result     json.RawMessage
		}
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("read the answer of %s: %w", path, err)
	}
	return t.result(t.panel(text), text, answer.Data.ResultType, answer.Data.Result)
}

type series struct {
	Metric, Stream map[string]string
	Value          json.RawMessage
	Values         []json.RawMessage
	Histogram      json.RawMessage
	Histograms     []json.RawMessage
}

func (t *table) result(panel, query, kind string, result json.RawMessage) error {
	if kind == "scalar" || kind == "string" {
		return t.point(panel, query, "", kind, result)
	}
	var all []series
	if err := json.Unmarshal(result, &all); err != nil {
		return fmt.Errorf("read %s of %q: %w", kind, query, err)
	}
	for _, s := range all {
		name := seriesName(s.Metric)
		if kind == "streams" {
			name = seriesName(s.Stream)
		}
		points := s.Values
		if s.Value != nil {
			points = append(points, s.Value)
		}
		for _, p := range points {
			if err := t.point(panel, query, name, kind, p); err != nil {
				return err
			}
		}
		if s.Histogram != nil {
			s.Histograms = append(s.Histograms, s.Histogram)
		}
		for _, p := range s.Histograms {
			if err := t.point(panel, query, name, "histogram", p); err != nil {
				return err
			}
		}
	}
	return nil
}

// point writes [time, value], of which a log line's time is nanoseconds and a histogram's
// value an object.
func (t *table) point(panel, query, name, kind string, raw json.RawMessage) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(raw, &pair); err != nil || len(pair) < 2 {
		return fmt.Errorf("read a point of %q: %.80s", query, raw)
	}
	value := string(pair[1])
	var text string
	if json.Unmarshal(pair[1], &text) == nil {
		value = text
	}
	if kind == "streams" {
		ns, err := strconv.ParseInt(strings.Trim(string(pair[0]), `"`), 10, 64)
		if err != nil {
			return fmt.Errorf("read the time of a line of %q: %w", query, err)
		}
		return t.row(panel, query, name, time.Unix(0, ns).UTC().Format(time.RFC3339Nano), harmless(value))
	}
	seconds, err := strconv.ParseFloat(string(pair[0]), 64)
	if err != nil {
		return fmt.Errorf("read the time of a point of %q: %w", query, err)
	}
	return t.row(panel, query, name, time.UnixMilli(int64(seconds*1e3)).UTC().Format("2006-01-02T15:04:05.999Z07:00"), value)
}

func (t *table) row(panel, query, name, at, value string) error {
	if t.rows++; t.rows > maxRows || t.out.Len() > maxTableSize {
		return errTooLarge
	}
	return t.csv.Write([]string{harmless(panel), harmless(query), harmless(name), at, value})
}

func (t *table) bytes() ([]byte, error) {
	t.csv.Flush()
	return t.out.Bytes(), t.csv.Error()
}

// harmless keeps spreadsheets from taking a text for a formula.
func harmless(text string) string {
	if text != "" && strings.ContainsRune("=+-@\t\r", rune(text[0])) {
		return "'" + text
	}
	return text
}

// seriesName is a series as PromQL and LogQL write it.
func seriesName(labels map[string]string) string {
	pairs := make([]string, 0, len(labels))
	for _, name := range slices.Sorted(maps.Keys(labels)) {
		if name != "__name__" {
			pairs = append(pairs, name+"="+strconv.Quote(labels[name]))
		}
	}
	if len(pairs) == 0 && labels["__name__"] != "" {
		return labels["__name__"]
	}
	return labels["__name__"] + "{" + strings.Join(pairs, ", ") + "}"
}
