package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"
)

// answer is that of Prometheus' and Loki's query APIs.
type answer struct {
	Data     answerData `json:"data"`
	Warnings []string   `json:"warnings"`
}

// answerData is a scalar, a vector, a matrix or streams of lines.
type answerData struct {
	Type   string          `json:"resultType"`
	Result json.RawMessage `json:"result"`
}

// result is one series of a vector or matrix, or one stream.
type result struct {
	Metric map[string]string `json:"metric"`
	Stream map[string]string `json:"stream"`
	Value  *point            `json:"value"`
	Values []point           `json:"values"`
}

// point is [seconds, "value"] of a metric or ["nanoseconds", "line"] of a log.
type point struct {
	at   time.Time
	text string
}

func (p *point) UnmarshalJSON(b []byte) error {
	var pair []json.RawMessage
	if err := json.Unmarshal(b, &pair); err != nil || len(pair) < 2 {
		return fmt.Errorf("%q is no pair of a time and a value", b)
	}
	if err := json.Unmarshal(pair[1], &p.text); err != nil {
		return err
	}
	var nanoseconds string
	if json.Unmarshal(pair[0], &nanoseconds) == nil {
		ns, err := strconv.ParseInt(nanoseconds, 10, 64)
		p.at = time.Unix(0, ns)
		return err
	}
	var s float64
	err := json.Unmarshal(pair[0], &s)
	p.at = time.UnixMilli(int64(s * 1e3))
	return err
}

func (d answerData) write(out io.Writer, format string, color bool) error {
	var results []result
	if d.Type == "scalar" || d.Type == "string" {
		var p point
		if err := json.Unmarshal(d.Result, &p); err != nil {
			return fmt.Errorf("read the answer: %w", err)
		}
		results = []result{{Value: &p}}
	} else if err := json.Unmarshal(d.Result, &results); err != nil {
		return fmt.Errorf("read the answer: %w", err)
	}
	lines := d.Type == "streams"
	switch {
	case format == "csv":
		return writeCSV(out, results, lines)
	case lines:
		return writeLines(out, results, color)
	}
	return writeTable(out, results)
}

// writeTable shows a row for each series; one with many points as a sparkline.
func writeTable(out io.Writer, results []result) error {
	if len(results) == 0 {
		_, err := fmt.Fprintln(out, "no data")
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	slices.SortStableFunc(results, func(a, b result) int { return strings.Compare(series(a.Metric), series(b.Metric)) })
	if results[0].Value == nil {
		fmt.Fprintln(w, "LEAST\tMEAN\tMOST\tLAST\t")
	}
	for _, r := range results {
		if r.Value != nil {
			fmt.Fprintf(w, "%s\t  %s\n", short(r.Value.text), series(r.Metric))
			continue
		}
		least, mean, most, last := summary(r.Values)
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t  %s  %s\n", number(least), number(mean), number(most), number(last), sparkline(r.Values), series(r.Metric))
	}
	return w.Flush()
}

// series is a series as PromQL writes it.
func series(labels map[string]string) string {
	var b strings.Builder
	b.WriteString(labels["__name__"])
	sep := "{"
	for _, k := range slices.Sorted(maps.Keys(labels)) {
		if k != "__name__" {
			fmt.Fprintf(&b, "%s%s=%q", sep, k, labels[k])
			sep = ", "
		}
	}
	if sep == ", " {
		b.WriteByte('}')
	} else if b.Len() == 0 {
		return "{}"
	}
	return b.String()
}

// writeLines shows lines of all streams by time, in the order that the server chose.
func writeLines(out io.Writer, streams []result, color bool) error {
	type entry struct {
		point
		labels map[string]string
	}
	var all []entry
	forward := true
	for _, s := range streams {
		for i, p := range s.Values {
			all = append(all, entry{p, s.Stream})
			forward = forward && (i == 0 || !p.at.Before(s.Values[i-1].at))
		}
	}
	slices.SortStableFunc(all, func(a, b entry) int {
		if forward {
			return a.at.Compare(b.at)
		}
		return b.at.Compare(a.at)
	})
	for _, e := range all {
		if _, err := io.WriteString(out, formatLine(e.at, e.labels, e.text, color)); err != nil {
			return err
		}
	}
	return nil
}

// writeCSV has a column for each label of any series.
func writeCSV(out io.Writer, results []result, lines bool) error {
	names := map[string]bool{}
	for _, r := range results {
		for _, m := range []map[string]string{r.Metric, r.Stream} {
			for k := range m {
				names[k] = true
			}
		}
	}
	columns := slices.Sorted(maps.Keys(names))
	last := "value"
	if lines {
		last = "line"
	}
	w := csv.NewWriter(out)
	if err := w.Write(slices.Concat([]string{"time"}, columns, []string{last})); err != nil {
		return err
	}
	for _, r := range results {
		points := r.Values
		if r.Value != nil {
			points = []point{*r.Value}
		}
		for _, p := range points {
			row := []string{p.at.UTC().Format(time.RFC3339Nano)}
			for _, k := range columns {
				row = append(row, r.Metric[k]+r.Stream[k])
			}
			if err := w.Write(append(row, p.text)); err != nil {
				return err
			}
		}
	}
	w.Flush()
	return w.Error()
}
